"""What the user may set about evidence: how much of it, and for how long to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Walks: TypeAlias = Literal["shortest", "all-shortest", "lineage"]
_KEPT = 48


@dataclass(frozen=True, slots=True)
class Options:
    """Caps and choices; every cap that bites is named in the evidence it cut.

    `max_witnesses` a row, `max_derivations` looked at before counting them may stop, `max_members` of a
    group, `max_path_nodes` visited by one path search, `max_seconds` for one call; `paths` gives one shortest
    walk, all shortest walks, or every edge on some walk.
    """

    max_witnesses: int = 3
    max_derivations: int = 10_000
    max_members: int = 1_000
    max_path_nodes: int = 10_000
    max_seconds: float = 60.0
    paths: Walks = "shortest"

    @property
    def absorbs(self) -> bool:
        """Whether a way that contains another one says nothing new; a lineage is there to be whole."""
        return self.paths != "lineage"

    @property
    def kept(self) -> int:
        """How many ways are kept before they are joined: two that differ may then be one."""
        return max(self.max_witnesses, _KEPT)
