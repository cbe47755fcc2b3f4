"""Writing a projection for other programs: one function a format, edge by edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TypeAlias

from kg.errors import InputError
from kg.files import replacing
from kg.formats import NETWORK_FORMATS, find
from kg.projection.formats.cytoscape import write_cytoscape
from kg.projection.formats.gexf import write_gexf
from kg.projection.formats.graphml import write_graphml
from kg.projection.formats.parquet import write_parquet
from kg.projection.formats.sheets import write_sheets
from kg.projection.model import Projection

Positions: TypeAlias = Mapping[str, tuple[float, float]]
_WRITERS: dict[str, Callable[[Projection, IO[bytes], Positions], None]] = {
    "gexf": write_gexf,
    "graphml": write_graphml,
    "cytoscape": write_cytoscape,
}
_TABLES: dict[str, Callable[[Projection, IO[bytes], IO[bytes], Positions], None]] = {
    "csv": write_sheets,
    "parquet": write_parquet,
}
"""Formats of two files, one of things and one of relations."""


def write(projection: Projection, path: Path, format: str | None, positions: Positions) -> list[Path]:  # noqa: A002 - the word that users know
    """Write a projection to a file in the format of its ending, or in `format`; return the files written.

    CSV and Parquet are two files: for `people.csv`, `people-nodes.csv` and `people-edges.csv`.
    Raises `UnknownNameError` for a format nobody knows, `InputError` where a file cannot be written.
    """
    kind = find(format or path.suffix or "nothing", NETWORK_FORMATS, "format of a projection")
    if kind.name in _TABLES:
        nodes, edges = (path.with_name(f"{path.stem}-{part}{path.suffix}") for part in ("nodes", "edges"))
        with replacing(nodes) as first, replacing(edges) as second:
            _TABLES[kind.name](projection, first, second, positions)
        return [nodes, edges]
    with replacing(path) as file:
        _WRITERS[kind.name](projection, file, positions)
    return [path]


def write_to(projection: Projection, output: IO[bytes], format: str, positions: Positions) -> None:  # noqa: A002 - idem
    """Write a projection to an open file; raises `InputError` for CSV, which is two."""
    kind = find(format, NETWORK_FORMATS, "format of a projection")
    if kind.name in _TABLES:
        raise InputError(
            f"A projection in {kind.label} is two files, of things and of relations; name them with -o."
        )
    _WRITERS[kind.name](projection, output, positions)
