"""The relationship graph as one HTML file that asks nothing of the network; the only user of pyvis."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.views.layout import layout

if TYPE_CHECKING:
    import networkx as nx

HERE = Path(__file__).parent
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31", "#666666")
"""Okabe and Ito's colours, which people of all colour visions tell apart."""
SHAPES = ("dot", "square", "diamond", "triangle", "hexagon", "triangleDown", "star")


def page(graph: nx.MultiDiGraph[Any], title: str) -> str:
    """Return a graph as an HTML page: the same bytes for the same graph, whatever its labels hold.

    pyvis writes labels and titles as they are, so it is given none; the page's own script sets them as text.
    """
    import jinja2
    import pyvis
    from pyvis.network import Network

    network = Network(directed=True, cdn_resources="in_line")
    network.templateEnv = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True
    )
    network.path = "network.html"
    vis = Path(pyvis.__file__).parent / "templates" / "lib" / "vis-9.1.2" / "vis-network.min.js"
    scripts = [vis.read_text(encoding="utf-8"), (HERE / "static" / "network.js").read_text(encoding="utf-8")]
    network.templateEnv.globals |= {
        "scripts": scripts,
        "policy": _policy(scripts),
        "style": (HERE / "static" / "network.css").read_text(encoding="utf-8"),
        "title": title,
        "data": _json(_data(graph)),
    }
    return str(network.generate_html("network.html"))


def _policy(scripts: list[str]) -> str:
    """A Content-Security-Policy that runs these scripts and nothing else, and fetches nothing."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _json(data: object) -> str:
    """Write JSON that cannot close the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _data(graph: nx.MultiDiGraph[Any]) -> dict[str, Any]:
    positions = layout(graph)
    kinds = sorted({str(data.get("type_label", "")) for _, data in graph.nodes(data=True)})
    style = {kind: (PALETTE[i % len(PALETTE)], SHAPES[i % len(SHAPES)]) for i, kind in enumerate(kinds)}
    nodes = []
    for node, data in graph.nodes(data=True):
        kind = str(data.get("type_label", ""))
        x, y = positions[node]
        nodes.append(
            {
                "id": node, "label": data.get("label", node), "kind": kind, "x": x, "y": y,
                "color": style[kind][0], "shape": style[kind][1], "degree": graph.degree(node),
            }
        )  # fmt: skip
    edges = [
        {"from": source, "to": target, **{name: data.get(name, "") for name in ("label", "date", "standing")},
         "passages": data.get("passages", [])}
        for source, target, data in graph.edges(data=True)
    ]  # fmt: skip
    legend = [{"kind": kind, "color": color, "shape": shape} for kind, (color, shape) in style.items()]
    return {"nodes": nodes, "edges": edges, "legend": legend}
