"""GraphML, as yEd, Gephi, igraph and NetworkX read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from kg.projection.formats.attributes import EDGE, NODE, Scalar, edge_values, node_values
from kg.projection.formats.xml import text
from kg.projection.model import Projection

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
"""


def write_graphml(
    projection: Projection, output: IO[bytes], positions: Mapping[str, tuple[float, float]]
) -> None:
    """Write a projection as GraphML, with positions as x and y where there are any."""
    output.writelines(line.encode() for line in _lines(projection, positions))


def _lines(projection: Projection, positions: Mapping[str, tuple[float, float]]) -> Iterator[str]:
    yield _HEAD
    places = {"x": "double", "y": "double"} if positions else {}
    for kind, attributes in (("node", {**NODE, **places}), ("edge", EDGE)):
        for name, type_ in attributes.items():
            yield f'<key id="{kind}-{name}" for="{kind}" attr.name="{name}" attr.type="{type_}"/>\n'
    yield '<key id="notes" for="graph" attr.name="notes" attr.type="string"/>\n'
    yield '<graph edgedefault="directed">\n'
    if projection.notes:
        yield f'<data key="notes">{text("; ".join(projection.notes))}</data>\n'
    for node in projection.nodes():
        place = _data(("node-x", "node-y"), positions.get(node.id, ()))
        yield f'<node id="{text(node.id)}">{_data(_NODE_KEYS, node_values(node))}{place}</node>\n'
    for number, edge in enumerate(projection.edges()):
        ends = f'source="{text(edge.source)}" target="{text(edge.target)}"'
        yield f'<edge id="e{number}" {ends}>{_data(_EDGE_KEYS, edge_values(edge))}</edge>\n'
    yield "</graph>\n</graphml>\n"


_NODE_KEYS = [f"node-{name}" for name in NODE]
_EDGE_KEYS = [f"edge-{name}" for name in EDGE]


def _data(keys: Sequence[str], values: Sequence[Scalar | float]) -> str:
    return "".join(
        [
            f'<data key="{key}">{value if isinstance(value, float) else text(value)}</data>'
            for key, value in zip(keys, values, strict=False)
        ]
    )
