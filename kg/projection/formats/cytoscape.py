"""Cytoscape's JSON, as Cytoscape, Cytoscape.js and NetworkX read it, with full passages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from kg.projection.model import Projection
from kg.projection.network import passage_record


def write_cytoscape(
    projection: Projection, output: IO[bytes], positions: Mapping[str, tuple[float, float]]
) -> None:
    """Write a projection as Cytoscape JSON, one thing or relation a line."""
    head = {"name": projection.title, "notes": projection.notes}
    output.write(
        b'{"format_version":"1.0","generated_by":"kg","directed":true,"multigraph":true,"data":'
        + _json(head)
        + b',\n"elements":{"nodes":[\n'
    )
    _write_all(_nodes(projection, positions), output)
    output.write(b'],\n"edges":[\n')
    _write_all(_edges(projection), output)
    output.write(b"]}}\n")


def _write_all(items: Iterator[dict[str, Any]], output: IO[bytes]) -> None:
    comma = b""
    for item in items:
        output.write(comma + _json(item))
        comma = b",\n"


def _nodes(projection: Projection, positions: Mapping[str, tuple[float, float]]) -> Iterator[dict[str, Any]]:
    for node in projection.nodes():
        # NetworkX wants `value`, Cytoscape shows `name`.
        made: dict[str, Any] = {"data": {**node._asdict(), "value": node.id, "name": node.label}}
        if node.id in positions:
            x, y = positions[node.id]
            made["position"] = {"x": x, "y": y}
        yield made


def _edges(projection: Projection) -> Iterator[dict[str, Any]]:
    for number, edge in enumerate(projection.edges()):
        passages = [passage_record(passage, projection.about) for passage in edge.passages]
        yield {
            "data": {
                **edge._asdict(), "id": f"e{number}", "key": edge.relation, "interaction": edge.label,
                "passages": passages,
            }
        }  # fmt: skip


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
