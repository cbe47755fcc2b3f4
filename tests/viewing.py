"""A drawn page in a real Chromium, with what it asked for and complained of; and data that means harm."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

CHROMIUM = shutil.which("chromium")
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
WATCH = """
window.__policy = [];
addEventListener("securitypolicyviolation", (event) => window.__policy.push(event.violatedDirective));
"""
RUN = "window.__ran=1"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</SCRIPT ><script>{RUN}</script>",
    f"<img src=x onerror='{RUN}'>",
    f'"><img src=x onerror="{RUN}">',
    f"'><img src=x onerror={RUN}>",
    f"\"><svg onload='{RUN}'>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin='{RUN}' attributeName=x dur=1s>",
    f"<body onload='{RUN}'>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"<iframe src='javascript:parent.{RUN}'>",
    f"<object data='javascript:{RUN}'>",
    f"<embed src='javascript:{RUN}'>",
    f"<a href='javascript:{RUN}'>x</a>",
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f"\tjavascript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    f"vbscript:{RUN}",
    f"<details open ontoggle='{RUN}'>",
    f"<input autofocus onfocus='{RUN}'>",
    f"<select autofocus onfocus='{RUN}'>",
    f"<video><source onerror='{RUN}'></video>",
    f"<audio src=x onerror='{RUN}'>",
    f"<marquee onstart='{RUN}'>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror='{RUN}'>",
    f"<style>@import 'javascript:{RUN}';</style>",
    f"<link rel=stylesheet href='javascript:{RUN}'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"<base href='javascript:{RUN}//'>",
    f"<form action='javascript:{RUN}'><button>x",
    f"<template><script>{RUN}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<!--<script>{RUN}",
    "<!--<script>",
    f"--><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"'];{RUN};//",
    f"\";{RUN};//",
    f"\\\";{RUN};//",
    f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"\u2028{RUN}\u2029",
    f"${{{RUN}}}",
    "{{7*7}}{% raw %}{{config}}",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    "\u202egnp.exe\u2066\u0000\u0008\ufffe",
    "__proto__",
    "constructor",
]  # fmt: skip


class Shown:
    """A page, the requests it made, its errors, and where things lie on the screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.set_default_timeout(8000)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.add_init_script(WATCH)

    def drawn(self) -> None:
        """Wait until the picture has come to rest."""
        last = ""
        for _ in range(60):
            self.page.wait_for_timeout(40)
            now = str(self.page.evaluate("JSON.stringify(document.getElementById('graph').dataset)"))
            if now == last and "drawn" in now:
                return
            last = now

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A place of the graph in pixels of the window."""
        view = str(self.page.evaluate("document.getElementById('graph').dataset.view"))
        left, top, scale, wide, high = map(float, view.split())
        box = self.page.locator("#graph canvas").bounding_box()
        assert box is not None
        return box["x"] + (x - left) * scale + wide / 2, box["y"] + (y - top) * scale + high / 2

    def things(self) -> dict[str, Any]:
        """The columns of the things in the page's data."""
        found: dict[str, Any] = self.page.evaluate(
            "JSON.parse(document.getElementById('data').textContent).things"
        )
        return found

    def decoded(self, png: bytes, places: Sequence[tuple[float, float]]) -> list[list[int]]:
        """Decode a picture in the browser and return its colours at these places."""
        found: list[list[int]] = self.page.evaluate(
            """async ([text, places]) => {
              const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
              const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
              const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
              pen.drawImage(image, 0, 0);
              const { data } = pen.getImageData(0, 0, image.width, image.height);
              const at = ([x, y]) => 4 * (Math.floor(y) * image.width + Math.floor(x));
              return places.map((place) => [...data.slice(at(place), at(place) + 4)]);
            }""",
            [base64.b64encode(png).decode(), list(places)],
        )
        return found

    def violations(self) -> list[str]:
        """What the page's policy refused."""
        return list(self.page.evaluate("window.__policy"))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a real Chromium without a screen, or skip."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        started = player.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield started
        started.close()


@contextmanager
def showing(browser: Browser, html: str, folder: Path, link: str = "", **options: Any) -> Iterator[Shown]:
    """Open a page from disk without a network, at rest."""
    file = folder / "graph.html"
    file.write_text(html, encoding="utf-8", newline="\n")
    context = browser.new_context(**{"viewport": DESKTOP, "offline": True, **options})
    shown = Shown(context.new_page())
    shown.page.goto(file.as_uri() + link)
    shown.drawn()
    yield shown
    context.close()


def small(edges: list[tuple[str, str, str]], **about: Any) -> nx.MultiDiGraph[str]:
    """A graph of edges given as source, relation and target."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for source, relation, target in edges:
        for name in (source, target):
            graph.add_node(name, label=name, type_label="thing")
        graph.add_edge(source, target, key=relation, relation=relation, label=relation, **about)
    return graph


def hostile() -> nx.MultiDiGraph[str]:
    """Every payload in every field that reaches the page, around one middle."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("urn:middle", label="middle", type_label="thing")
    for number, payload in enumerate(PAYLOADS):
        name = f"{payload}#{number}"
        graph.add_node(
            name, label=payload, type=payload, type_label=payload, earliest=payload, latest=payload
        )
        words = ("id", "source", "title", "quote", "before", "after", "locator", "standing", "voice")
        passage = {**dict.fromkeys((*words, "family", "url", "note"), payload), "start": 1, "end": 2}
        edge = dict.fromkeys(("relation", "label", "date", "standing", "earliest"), payload)
        graph.add_edge("urn:middle", name, key=payload, passages=[passage], **edge)
    return graph


def counts(shown: Shown) -> tuple[int, int]:
    """How many things and relations the page says that it shows."""
    found = re.match(
        r"([\d,]+) (?:of [\d,]+ )?things?, ([\d,]+) (?:of [\d,]+ )?relations?",
        shown.page.inner_text("#counts"),
    )
    assert found is not None
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))
