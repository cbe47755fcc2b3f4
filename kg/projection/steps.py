"""Steps: how far things are from others, on arrays alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kg.projection.links import Links
from kg.projection.numbering import Ints


def steps_from(links: Links, starts: Sequence[int]) -> Ints:
    """Return for each thing the fewest steps to one of the starts, along relations in either direction.

    A thing that no chain reaches is further than any number of steps.
    """
    far = np.iinfo(np.int64).max
    steps = np.full(len(links.things), far, np.int64)
    steps[list(starts)] = 0
    for step in range(len(links.things)):
        here = steps == step
        before = int((steps < far).sum())
        for one, other in ((links.source, links.target), (links.target, links.source)):
            reached = other[here[one]]
            steps[reached] = np.minimum(steps[reached], step + 1)
        if int((steps < far).sum()) == before:
            break
    return steps
