"""`python -m benchmarks.pictures`: draw the shipped projections anew, as the documentation shows them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import kg
from benchmarks.measure import REPOSITORY
from benchmarks.watching import chromium

if TYPE_CHECKING:
    import networkx as nx
    from playwright.sync_api import Browser

FIRST = "main"
"""The projection of the README's picture; a relation with quoted words is opened in it."""


def pictures() -> list[Path]:
    """Write `docs/picture.png` and one picture for each projection, and return the files."""
    graph, docs = kg.open(), REPOSITORY / "docs"
    (docs / "pictures").mkdir(exist_ok=True)
    written = []
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for name in (path.stem for path in graph.project.projection_files()):
            html = Path(folder, f"{name}.html")
            html.write_text(graph.view(name), encoding="utf-8")
            written.append(docs / "pictures" / f"{name}.jpg")
            _take(browser, html.as_uri(), written[-1])
            if name == FIRST:
                written.append(docs / "picture.png")
                _take(browser, f"{html.as_uri()}#{_quoted(graph.to_networkx(name))}", written[-1])
    return written


def _quoted(graph: nx.MultiDiGraph[Any]) -> str:
    """The address of the relation with the most passages that are quoted in words."""
    _, names = max(
        (sum(bool(passage["quote"]) for passage in data["passages"]), (source, relation, target))
        for source, target, relation, data in graph.edges(keys=True, data=True)
    )
    return urlencode({"relation": " ".join(names)})


def _take(browser: Browser, address: str, file: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    page.wait_for_timeout(1200)
    kind: dict[str, Any] = {"type": "jpeg", "quality": 82} if file.suffix == ".jpg" else {}
    page.screenshot(path=file, **kind)
    page.close()


if __name__ == "__main__":
    print(*pictures(), sep="\n")
