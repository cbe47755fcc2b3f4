"""A turn: one job on one worker, what time it has had, and when that is too much."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from kg.server.faults import LATER, Fault
from kg.server.lane import Lane
from kg.server.processes import Worker
from kg.server.settings import Limits

Gone = Callable[[], Awaitable[bool]]
"""Asks whether a client has gone."""
STARVED = 4
"""So many times longer may last what is denied a core."""


@dataclass(slots=True)
class Turn:
    """One job on one worker."""

    worker: Worker
    gone: Gone
    lane: Lane | None
    started: float = field(default_factory=time.monotonic)
    worked: float = 0.0
    """Seconds that we waited for it, and it neither for its client nor for its turn."""
    checked: float = field(default_factory=time.monotonic)
    has_begun: bool = False
    """Whether its client has a part of the answer, and could be told of a failure only by a cut."""
    before: float | None = None
    """What the worker had worked on a core when it was first looked at."""

    def is_slow(self, limits: Limits) -> bool:
        """Whether it is to leave the fast lane; what a busy machine kept from working has twice the time."""
        passed, had = time.monotonic() - self.started, self.worker.cpu_seconds()
        if self.before is None:
            self.before = had
        if had is None or self.before is None or passed > 2 * limits.patience:
            return passed > limits.patience
        return passed > limits.patience and had - self.before > limits.patience / 2

    def check_time(self, limits: Limits) -> None:
        """Raise `Fault` for what has worked too long, saying whether it was slow or the machine busy.

        An answer that has begun is not cut because the machine is busy, or only much later.
        """
        if self.worked <= limits.seconds:
            return
        said = f"The query was stopped after {self.worked:.3g} seconds"
        had = self.worker.cpu_seconds()
        if had is None or had >= limits.seconds / 2:
            raise Fault(504, f"{said}.")
        if not self.has_begun or self.worked > STARVED * limits.seconds:
            later = f"{said}, of which it could work for {had:.1f}; ask again later."
            raise Fault(503, later, headers=LATER)
