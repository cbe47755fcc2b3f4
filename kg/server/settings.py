"""What a server is told when it starts: which facts to open, and how much one query may cost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kg.graph import Graph, open_graph


@dataclass(frozen=True, slots=True)
class Place:
    """Where the facts are; every worker opens them by itself."""

    folder: str | None = None
    data: tuple[str, ...] = ()
    store: str | None = None
    endpoint: str | None = None
    auth_env: str | None = None

    def open(self) -> Graph:
        """Open the graph; raises what `kg.open` raises. SERVICE stays off, whatever the caller's rights."""
        return open_graph(
            self.folder, data=self.data, store=self.store, endpoint=self.endpoint, auth_env=self.auth_env
        )

    def files(self, root: Path) -> list[Path]:
        """The files whose change means that the graph must be opened again."""
        if self.store or self.endpoint:
            return []
        folders = [root / name for name in ("facts", "ontology", "queries")]
        found = [path for folder in folders if folder.is_dir() for path in folder.rglob("*")]
        return sorted(path for path in (*found, *map(Path, self.data)) if path.is_file())


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query, one request and all of them together may cost."""

    seconds: float = 30.0
    answer_bytes: int = 1_000_000_000
    body_bytes: int = 1_000_000
    workers: int = 2
    waiting: int = 32
    queue_seconds: float = 20.0
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
