"""The page of the relationship graph: its size, its making, its first picture, its frames, and its peers."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx

from benchmarks.measure import Line
from benchmarks.watching import PATIENCE, Seen, chromium, watch
from kg.views.layout import arrange
from kg.views.network import page as draw

if TYPE_CHECKING:
    from playwright.sync_api import Browser

KINDS = ("person", "group", "event", "place", "organisation", "trial", "work")


class Goal(NamedTuple):
    """What was promised of a graph of this size: megabytes, seconds and frames a second."""

    nodes: int
    edges: int
    size: float
    first: float
    frames: float
    layout: float
    making: float


GOALS = (
    Goal(1_000, 3_000, 1.2, 1.0, 50, 0.5, 0.5),
    Goal(10_000, 50_000, 3.0, 1.5, 50, 5.0, 1.0),
    Goal(50_000, 200_000, 8.0, 2.5, 45, 12.0, 4.0),
)
EVIDENCE, KEYSTROKE, CHOICE = 0.1, 0.005, 0.1
"""Seconds promised for the first passages of a line, a keystroke of a search, a choice or a filter."""


def seeded(nodes: int, edges: int, passages: int = 0) -> nx.MultiDiGraph[Any]:
    """A graph of communities, always the same, nine relations in ten inside one."""
    pick = random.Random(7)  # noqa: S311 - test data
    size = max(20, nodes // 60)
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for i in range(nodes):
        kind = KINDS[i % 7]
        graph.add_node(_iri(i), label=f"Thing number {i}", type=f"urn:{kind}", type_label=kind)
    made = 0
    while made < edges:
        a = pick.randrange(nodes)
        base = a // size * size
        inside = base + int(min(size, nodes - base) * pick.random() ** 2)
        b = inside if pick.random() < 0.9 else pick.randrange(nodes)
        relation = f"urn:relation-{pick.randrange(8)}"
        if a == b or graph.has_edge(_iri(a), _iri(b), relation):
            continue
        made += 1
        behind = [_passage(made, number) for number in range(passages)]
        graph.add_edge(
            _iri(a), _iri(b), relation, relation=relation, label=relation[4:], passages=behind,
            date=str(1900 + pick.randrange(60)), standing="asserted" if made % 8 else "alleged",
        )  # fmt: skip
    return graph


def _iri(number: int) -> str:
    return f"https://example.org/thing/{number}"


def _passage(edge: int, number: int) -> dict[str, Any]:
    words = f"Sentence {edge} says that one thing is tied to another, and says so for the time {number}."
    source = {"source": f"urn:source-{edge % 40}", "title": f"Source {edge % 40}"}
    return {
        **source,
        "id": f"urn:{edge}-{number}",
        "quote": words,
        "before": "It is said. ",
        "start": edge,
        "end": edge + 90,
    }


def views() -> list[Line]:
    """Measure our page at every size against its goals, and beside the peers at the sizes where they end."""
    lines: list[Line] = []
    draw(seeded(50, 100), "Warm")  # the libraries are loaded
    with chromium() as browser, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for goal in GOALS:
            seen, found = _ours(browser, folder, goal)
            lines += found
            _tell(found)
            graph = seeded(goal.nodes, goal.edges) if goal.nodes <= 10_000 else None
            for peer, html in peers(graph, folder) if graph else ():
                file = folder / "peer.html"
                file.write_text(html, encoding="utf-8")
                found = _beside(browser, file, f"{goal.nodes:,} things", peer, seen)
                lines += found
                _tell(found)
        lines += _promptness(browser, folder)
    return lines


def _tell(lines: list[Line]) -> None:
    """Print as it comes what was measured, for the whole takes minutes."""
    for line in lines:
        print(f"  {line.work}, {line.peer}: {line.ours:.3g} to {line.theirs:.3g}", file=sys.stderr)


def _ours(browser: Browser, folder: Path, goal: Goal) -> tuple[Seen, list[Line]]:
    """Make and watch our page of one size."""
    graph, what = seeded(goal.nodes, goal.edges), f"{goal.nodes:,} things"
    start = time.process_time()  # the work of this process: others on the machine count for nothing
    arrange(graph)
    laid = time.process_time() - start
    start = time.process_time()
    html = draw(graph, "Seeded")
    made = time.process_time() - start - laid
    file = folder / "ours.html"
    file.write_text(html, encoding="utf-8")
    page, seen = watch(browser, file, "#overview" if goal.nodes > 1500 else "")
    assert seen is not None  # noqa: S101 - our page has a picture
    page.wait_for_timeout(2500)
    slice_, redraw = (float(page.get_attribute("#graph", f"data-{name}") or 0) for name in ("slice", "cost"))
    page.close()
    return seen, [
        Line(f"layout, {what}", f"{goal.layout:g} s", laid, goal.layout, 1.0),
        Line(f"making the file, {what}", f"{goal.making:g} s", max(made, 0.0), goal.making, 1.0),
        Line(f"file without passages, {what}", f"{goal.size:g} MB", len(html.encode()) / 1e6, goal.size, 1.0),
        Line(f"first picture, {what}", f"{goal.first:g} s", seen.first, goal.first, 1.0),
        Line(
            f"a frame while moving, {what}", f"{goal.frames:g} a second", 1 / seen.pan, 1 / goal.frames, 1.0
        ),
        Line(
            f"a frame while zooming, {what}", f"{goal.frames:g} a second", 1 / seen.zoom, 1 / goal.frames, 1.0
        ),
        Line(f"longest slice of a redraw, {what}", "50 ms", slice_, 50, 1.0),
        Line(f"a whole redraw, {what}", "600 ms", redraw, 600, 1.0),
    ]


def _beside(browser: Browser, file: Path, what: str, peer: str, ours: Seen) -> list[Line]:
    """Watch a peer's page of the same graph."""
    page, theirs = watch(browser, file)
    page.close()
    if theirs is None:
        return [Line(f"first picture, {what}", f"{peer}, left after {PATIENCE} s", ours.first, PATIENCE, 1.0)]
    return [
        Line(f"first picture, {what}", peer, ours.first, theirs.first, 1.0),
        Line(f"a frame while moving, {what}", peer, 1 / ours.pan, 1 / theirs.pan, 1.0),
        Line(f"a frame while zooming, {what}", peer, 1 / ours.zoom, 1 / theirs.zoom, 1.0),
    ]


def _promptness(browser: Browser, folder: Path) -> list[Line]:
    """Time what a reader does at 10,000 things: type, choose, filter, open the passages of a line."""
    file = folder / "passages.html"
    file.write_text(draw(seeded(10_000, 50_000, passages=2), "Passages"), encoding="utf-8")
    page, _ = watch(browser, file)
    took: dict[str, float] = page.evaluate(
        """async () => {
          const timed = (act) => {
            const start = performance.now();
            act();
            return (performance.now() - start) / 1000;
          };
          const press = () => new PointerEvent("pointerdown", { cancelable: true });
          const wait = () => new Promise((done) => setTimeout(done));
          const byId = (id) => document.getElementById(id);
          const found = {};
          byId("search").value = "number 77";
          found.keystroke = timed(() => byId("search").dispatchEvent(new Event("input")));
          found.choose = timed(() => byId("hits").firstChild.dispatchEvent(press()));
          found.filter = timed(() => document.querySelector(".facet input").click());
          document.querySelector(".facet input").click();
          await new Promise((done) => setTimeout(done, 1500));
          const start = performance.now();
          document.querySelector("#panel .why").click();
          while (!document.querySelector("#panel [data-ready]")) await wait();
          found.evidence = (performance.now() - start) / 1000;
          return found;
        }"""
    )
    page.close()
    return [
        Line("a keystroke of a search, 10,000 things", "5 ms", took["keystroke"], KEYSTROKE, 1.0),
        Line("choosing a thing, 10,000 things", "100 ms", took["choose"], CHOICE, 1.0),
        Line("filtering, 10,000 things", "100 ms", took["filter"], CHOICE, 1.0),
        Line("first passages of a line, 100,000 passages", "100 ms", took["evidence"], EVIDENCE, 1.0),
    ]


def peers(graph: nx.MultiDiGraph[Any], folder: Path) -> list[tuple[str, str]]:
    """Pages of the same graph by others, with our positions except for pyvis as it comes."""
    positions = arrange(graph)[0]
    found = [("pyvis with positions", _pyvis(graph, positions))]
    if len(graph) <= 1_000:
        found.append(("pyvis as it comes", _pyvis(graph, None)))
    return found + _from_npm(graph, positions, folder)


def _pyvis(graph: nx.MultiDiGraph[Any], positions: dict[str, tuple[int, int]] | None) -> str:
    from pyvis.network import Network

    network = Network(directed=True, cdn_resources="in_line", height="780px")
    for node, data in graph.nodes(data=True):
        place = {} if positions is None else {"x": positions[node][0], "y": positions[node][1]}
        network.add_node(node, label=data["label"], **place)
    network.edges = [{"from": s, "to": t, "arrows": "to"} for s, t in graph.edges()]
    if positions is not None:
        network.toggle_physics(False)
    return str(network.generate_html("peer.html"))


_CYTOSCAPE = """cytoscape({ container: document.getElementById("box"), layout: { name: "preset" }, elements: {
  nodes: data.nodes.map(([id, label, x, y]) => ({ data: { id, label }, position: { x, y } })),
  edges: data.edges.map(([source, target]) => ({ data: { source, target } })) },
  style: [{ selector: "node", style: { label: "data(label)" } }] });"""
_SIGMA = """const graph = new graphology.MultiDirectedGraph();
for (const [id, label, x, y] of data.nodes) graph.addNode(id, { label, x, y: -y, size: 4, color: "#0072b2" });
for (const [source, target] of data.edges) graph.addEdge(source, target, { color: "#999" });
new Sigma(graph, document.getElementById("box"));"""


def _from_npm(
    graph: nx.MultiDiGraph[Any], positions: dict[str, tuple[int, int]], folder: Path
) -> list[tuple[str, str]]:
    """cytoscape.js and sigma.js, where npm can fetch them."""
    npm = shutil.which("npm")
    if npm is None:
        return []
    modules = folder / "node_modules"
    if not modules.is_dir():
        wanted = ["sigma", "graphology", "cytoscape"]
        subprocess.run(
            [npm, "install", "--silent", "--no-save", "--prefix", str(folder), *wanted], check=False
        )
    data = {
        "nodes": [[node, about["label"], *positions[node]] for node, about in graph.nodes(data=True)],
        "edges": list(graph.edges()),
    }
    found = []
    for name, files, script in (
        ("cytoscape.js", ("cytoscape/dist/cytoscape.min.js",), _CYTOSCAPE),
        ("sigma.js", ("graphology/dist/graphology.umd.min.js", "sigma/dist/sigma.min.js"), _SIGMA),
    ):
        if all((modules / file).is_file() for file in files):
            code = [(modules / file).read_text(encoding="utf-8") for file in files]
            code.append(f"const data = {json.dumps(data)};\n{script}")
            scripts = "\n".join(f"<script>{part}</script>" for part in code)
            found.append((name, f"<!doctype html><div id=box style='height:780px'></div>{scripts}"))
    return found
