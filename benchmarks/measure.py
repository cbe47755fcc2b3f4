"""Timing several contenders in one run, so that their ratios mean something on any machine."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent


_WORDS = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class Line:
    """One measured comparison: our time as a multiple of a peer's, and the most it may be."""

    work: str
    peer: str
    ours: float
    theirs: float
    limit: float
    """The largest ratio that was promised."""

    @property
    def ratio(self) -> float:
        """Our time over the peer's."""
        return self.ours / self.theirs

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.ratio <= self.limit


def cpu_time() -> float:
    """Return the CPU time of this process and of those it has waited for, which others do not disturb."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def best_times(
    contenders: Mapping[str, Callable[[], object]],
    rounds: int = 3,
    clock: Callable[[], float] = cpu_time,
) -> dict[str, float]:
    """Run the contenders in turn, several rounds, and return each one's best CPU time in seconds.

    The best, because other work on the machine only adds; another `clock` may be read.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            gc.collect()
            start = clock()
            run()
            times[name].append(clock() - start)
    return {name: min(found) for name, found in times.items()}


def compare(
    work: str,
    ours: Callable[[], object],
    peers: Mapping[str, tuple[Callable[[], object], float]],
    rounds: int = 3,
) -> list[Line]:
    """Time our way against each peer's; a peer is what it runs and the largest ratio promised."""
    found = best_times({"kg": ours, **{name: run for name, (run, _) in peers.items()}}, rounds)
    return [Line(work, name, found["kg"], found[name], limit) for name, (_, limit) in peers.items()]


def table(lines: list[Line]) -> str:
    """Return the lines as a Markdown table."""
    rows = ["| work | against | ratio of times | promised at most | holds |", "|---|---|---|---|---|"]
    rows += [
        f"| {line.work} | {line.peer} | {_short(line.ratio)} | {_short(line.limit)} | {_WORDS[line.holds]} |"
        for line in lines
    ]
    return "\n".join(rows)


def _short(number: float) -> str:
    return f"{number:.{2 if number >= 0.1 else 3}f}"


def bench_data() -> Path | None:
    """Return the folder of benchmark data (`KG_BENCH_DATA`), None where it is absent."""
    folder = Path(os.environ.get("KG_BENCH_DATA", REPOSITORY.parent / "shared" / "bench"))
    return folder if folder.is_dir() else None
