"""The attributes of things and relations that every format of a network has, as scalars."""

from __future__ import annotations

from kg.projection.model import Edge, Node

NODE = {
    "label": "string", "type": "string", "type_label": "string", "dates": "string",
    "earliest": "string", "latest": "string", "degree": "int", "conflict": "boolean",
}  # fmt: skip
"""The attributes of a thing with their types, as XML Schema's short names say them."""
EDGE = {
    "relation": "string", "label": "string", "date": "string", "earliest": "string", "latest": "string",
    "standing": "string", "families": "int", "conflict": "boolean", "passages": "string", "quotes": "string",
}  # fmt: skip
"""The attributes of a relation; passages are their IRIs with spaces between them."""

Scalar = str | int | bool


def node_values(node: Node) -> tuple[Scalar, ...]:
    """Return the values of a thing in the order of `NODE`."""
    return node[1:]


def edge_values(edge: Edge) -> tuple[Scalar, ...]:
    """Return the values of a relation in the order of `EDGE`."""
    passages = " ".join([passage.id for passage in edge.passages])
    quotes = " | ".join([passage.quote for passage in edge.passages if passage.quote])
    return (*edge[2:-1], passages, quotes)
