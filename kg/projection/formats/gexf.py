"""GEXF 1.3, as Gephi reads it: with positions, sizes and years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from kg.projection.formats.attributes import EDGE, NODE, Scalar, edge_values, node_values
from kg.projection.formats.xml import text
from kg.projection.model import Projection

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">
"""
_TYPES = {"int": "integer"}


def write_gexf(
    projection: Projection, output: IO[bytes], positions: Mapping[str, tuple[float, float]]
) -> None:
    """Write a projection as GEXF; the edges' kind is their relation, so that parallel ones stay apart."""
    output.writelines(line.encode() for line in _lines(projection, positions))


def _lines(projection: Projection, positions: Mapping[str, tuple[float, float]]) -> Iterator[str]:
    yield _HEAD
    yield f"<meta><creator>kg</creator><description>{text(_described(projection))}</description></meta>\n"
    yield '<graph defaultedgetype="directed" mode="static">\n'
    for kind, attributes in (("node", NODE), ("edge", EDGE)):
        yield f'<attributes class="{kind}">\n'
        for number, (name, type_) in enumerate(attributes.items()):
            if name != "label":
                yield f'<attribute id="{number}" title="{name}" type="{_TYPES.get(type_, type_)}"/>\n'
        yield "</attributes>\n"
    yield "<nodes>\n"
    for node in projection.nodes():
        place = positions.get(node.id)
        seen = f'<viz:position x="{place[0]}" y="{-place[1]}" z="0.0"/>' if place else ""
        size = f'<viz:size value="{4 + node.degree**0.5:.2f}"/>'
        yield (
            f'<node id="{text(node.id)}" label="{text(node.label)}">'
            f"{_values(NODE, node_values(node))}{size}{seen}</node>\n"
        )
    yield "</nodes>\n<edges>\n"
    for number, edge in enumerate(projection.edges()):
        yield (
            f'<edge id="{number}" source="{text(edge.source)}" target="{text(edge.target)}" '
            f'kind="{text(edge.relation)}" label="{text(edge.label)}">'
            f"{_values(EDGE, edge_values(edge))}</edge>\n"
        )
    yield "</edges>\n</graph>\n</gexf>\n"


def _described(projection: Projection) -> str:
    return "; ".join([projection.title, *projection.notes])


def _values(attributes: Mapping[str, str], values: Sequence[Scalar]) -> str:
    """Write all values but the label, which GEXF has a place of its own for."""
    given = [
        f'<attvalue for="{number}" value="{text(value)}"/>'
        for number, (name, value) in enumerate(zip(attributes, values, strict=True))
        if name != "label"
    ]
    return f"<attvalues>{''.join(given)}</attvalues>"
