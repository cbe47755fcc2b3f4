"""What a server is told when it starts: which facts to open, what one query may cost, and who may do what."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.graph import Graph, open_graph
from kg.project import Project, find_project


@dataclass(frozen=True, slots=True)
class Place:
    """Where the facts are."""

    folder: str | None = None
    data: tuple[str, ...] = ()
    store: str | None = None
    endpoint: str | None = None
    auth_env: str | None = None

    def open(self) -> Graph:
        """Open the graph; raises what `kg.open` raises. SERVICE stays off, whatever the caller's rights."""
        graph = open_graph(
            self.folder, data=self.data, store=self.store, endpoint=self.endpoint, auth_env=self.auth_env
        )
        elsewhere = self.endpoint or ", ".join(
            Path(name).name for name in (*self.data, self.store or "") if name
        )
        if elsewhere and graph.project.is_bundled:
            # These facts are not those of the project that ships with kg, whatever it is called.
            graph.project = replace(graph.project, title=elsewhere)
        return graph

    def project(self) -> Project:
        """The project that the facts belong to; raises `InputError` where there is none."""
        return find_project(None if self.folder is None else Path(self.folder))

    def root(self) -> Path:
        """The project's folder; raises `InputError` where there is none."""
        return self.project().root

    def files(self, root: Path) -> list[Path]:
        """The files whose change means that the graph must be opened again."""
        if self.endpoint:
            return []
        if self.store:
            return [Path(self.store) / "manifest.json"]
        folders = [root / name for name in ("facts", "ontology", "queries")]
        found = [path for folder in folders if folder.is_dir() for path in folder.rglob("*")]
        return sorted(path for path in (*found, *map(Path, self.data)) if path.is_file())


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query, one request and all of them together may cost."""

    seconds: float = 30.0
    answer_bytes: int = 4_000_000_000
    rows: int = 0
    """So many rows has an answer of the endpoint, 0 for as many as there are."""
    body_bytes: int = 1_000_000
    memory_bytes: int = 4_000_000_000
    """How much memory a worker may take beyond the facts."""
    workers: int = max(2, os.cpu_count() or 2)
    """So many fast queries at once, and so many slow ones besides."""
    patience: float = 0.5
    """A query that takes longer is slow: it goes on when the fast ones leave time."""
    waiting: int = 512
    queue_seconds: float = 20.0
    halted: int = 32
    """So many slow queries may stand still until it is their turn."""
    send_seconds: float = 30.0
    """How long a client may take for one block of its answer."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may ask, and whether anybody may change the facts."""

    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    origins: tuple[str, ...] = ()
    """Other sites whose pages may ask."""
    token: str = field(default="", repr=False)
    """What an update must present; without one, updates are off."""
