"""Two sheets in CSV: the things and the relations, as spreadsheets, Gephi and data frames read them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from kg.projection.formats.attributes import EDGE, NODE, edge_values, node_values
from kg.projection.model import Projection


def write_sheets(
    projection: Projection,
    things: IO[bytes],
    relations: IO[bytes],
    positions: Mapping[str, tuple[float, float]],
) -> None:
    """Write one line a thing, with its position where there is one, and one line a relation."""
    places = ("x", "y") if positions else ()
    with _text(things) as lines:
        rows = csv.writer(lines)
        rows.writerow(("id", *NODE, *places))
        for node in projection.nodes():
            rows.writerow((node.id, *node_values(node), *positions.get(node.id, ())))
    with _text(relations) as lines:
        rows = csv.writer(lines)
        rows.writerow(("source", "target", *EDGE))
        for edge in projection.edges():
            rows.writerow((edge.source, edge.target, *edge_values(edge)))


@contextmanager
def _text(output: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    """Open text over an open file, which stays open when this is done."""
    wrapper = io.TextIOWrapper(output, encoding="utf-8", errors="replace", newline="")
    try:
        yield wrapper
    finally:
        wrapper.detach()
