"""Two tables in Parquet: the things and the relations, as data frames and databases read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO

from kg.projection.arrow import to_arrow
from kg.projection.model import Projection


def write_parquet(
    projection: Projection,
    things: IO[bytes],
    relations: IO[bytes],
    positions: Mapping[str, tuple[float, float]],
) -> None:
    """Write the things, with positions where there are any, and the relations."""
    nodes, edges = to_arrow(projection)
    from pyarrow import parquet

    if positions:
        for axis, name in enumerate("xy"):
            nodes = nodes.append_column(name, [[positions[thing][axis] for thing in projection.links.things]])
    parquet.write_table(nodes, things)
    parquet.write_table(edges, relations)
