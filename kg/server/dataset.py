"""The dataset that a request of the protocol names."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from kg.errors import InputError

Dataset = tuple[list[ox.NamedNode] | None, list[ox.NamedNode] | None]


def dataset(default: Sequence[str], named: Sequence[str]) -> Dataset:
    """Return the graphs of a request, None for those of the query; raises `InputError` for what is no IRI."""
    if not default and not named:
        return None, None
    try:
        return [ox.NamedNode(iri) for iri in default], [ox.NamedNode(iri) for iri in named]
    except ValueError as error:
        raise InputError(f"A graph is named by an absolute IRI: {error}.") from error
