"""The page of the relationship graph in a real browser: hostile and odd data, phones, accessibility."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import pyoxigraph as ox
import pytest

from kg.views.network import page as draw
from tests.viewing import PAYLOADS, PHONE, Shown, counts, hostile, showing, small

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
AXE = os.environ.get("KG_AXE")
OPEN_EACH = """async () => {
  const rest = () => new Promise((done) => setTimeout(done, 30));
  const rows = () => document.querySelectorAll("#rows tbody .thing");
  const opened = [];
  for (let number = 0; number < rows().length; number++) {
    rows()[number].click();
    await rest();
    opened.push(document.getElementById("panel").textContent);
    document.getElementById("tab-relations").click();
    await rest();
  }
  return opened;
}"""


def test_it_asks_nothing_of_the_network_and_breaks_no_rule_of_its_policy(shown: Shown) -> None:
    for tab in ("things", "relations", "passages", "graph"):
        shown.page.click(f"#tab-{tab}")
    shown.page.click("#theme")
    shown.page.click("#theme")
    asked = [url for url in shown.requests if not url.startswith(("file:", "blob:"))]
    assert (asked, shown.errors, shown.violations()) == ([], [], [])


def test_the_policy_blocks_what_is_slipped_in(shown: Shown) -> None:
    ran = shown.page.evaluate(
        """async () => {
          const image = document.createElement("div");
          image.innerHTML = "<img src=x onerror='window.__ran=2'>";
          const script = document.createElement("script");
          script.textContent = "window.__ran=2";
          document.body.append(image, script);
          const fetched = await fetch("https://example.org/").then(() => true, () => false);
          await new Promise((done) => setTimeout(done, 100));
          image.remove();
          script.remove();
          return [window.__ran ?? null, fetched];
        }"""
    )
    assert ran == [None, False]
    shown.errors.clear()
    shown.page.evaluate("window.__policy.length = 0")


def test_hostile_data_runs_nothing_and_is_shown_as_it_is(browser: Browser, tmp_path: Path) -> None:
    with showing(browser, draw(hostile(), PAYLOADS[1]), tmp_path) as shown:
        assert shown.page.inner_text("h1") == PAYLOADS[1]
        for _ in PAYLOADS[:8]:
            shown.page.keyboard.press("ArrowRight")
        for tab in ("things", "passages", "relations"):
            shown.page.click(f"#tab-{tab}")
            shown.page.wait_for_timeout(100)
        opened = shown.page.evaluate(OPEN_EACH)
        assert len(opened) == len(PAYLOADS) == sum("passage" in text for text in opened)
        links = shown.page.eval_on_selector_all("a", "links => links.map((link) => link.protocol)")
        assert set(links) <= {"http:", "https:"}
        for name in ("png", "svg", "csv", "ttl"):
            shown.page.locator("#take").evaluate("element => element.open = true")
            with shown.page.expect_download() as waiting:
                shown.page.click(f"#take-{name}")
            if name == "svg":
                ET.fromstring(waiting.value.path().read_bytes())  # noqa: S314 - our own drawing
            if name == "ttl":
                list(ox.parse(waiting.value.path().read_bytes(), format=ox.RdfFormat.TURTLE))
        assert (shown.page.evaluate("window.__ran ?? null"), shown.violations()) == (None, [])
        assert shown.errors == []


def odd_graphs() -> dict[str, nx.MultiDiGraph[Any]]:
    """Graphs that break pictures."""
    nameless: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    nameless.add_edge("https://example.org/a", "https://example.org/b")
    nameless.add_edge(1, 2)
    long = small([("x" * 10_000, "knows", "أحمد بن محمد"), ("東京 🙂", "knows", "b")], date="not a date")
    return {
        "empty": nx.MultiDiGraph(),
        "one": small([("a", "likes", "a")]),
        "loops": small([("a", f"r{i}", "a") for i in range(5)] + [("a", "r", "b")]),
        "parallel": small([("a", f"r{i}", "b") for i in range(500)]),
        "long": long,
        "nameless": nameless,
    }


@pytest.mark.parametrize("name", list(odd_graphs()))
def test_odd_graphs_are_pages_too(browser: Browser, tmp_path: Path, name: str) -> None:
    graph = odd_graphs()[name]
    with showing(browser, draw(graph, name), tmp_path) as shown:
        assert (len(graph), graph.number_of_edges()) == counts(shown)
        shown.page.click("#graph", position={"x": 300, "y": 300})
        shown.page.locator("#graph").focus()
        shown.page.keyboard.press("ArrowRight")
        for tab in ("relations", "passages", "graph"):
            shown.page.click(f"#tab-{tab}")
        assert shown.errors == []
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_notebook_shows_the_page_in_a_frame_that_may_do_nothing_else(
    browser: Browser, html: str, tmp_path: Path
) -> None:
    cell = type(draw(nx.MultiDiGraph(), "x"))(html)._repr_html_()
    file = tmp_path / "notebook.html"
    file.write_text(f"<!doctype html><meta charset=utf-8><body>{cell}", encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("#graph canvas").wait_for()
    assert "allow-same-origin" not in cell
    frame.locator("#tab-things").click()
    assert frame.locator("#rows tbody tr").count() > 100
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_axe_finds_nothing_serious(
    browser: Browser, html: str, tmp_path: Path, scheme: str, size: str
) -> None:
    if AXE is None:
        pytest.skip("axe-core is not there (KG_AXE)")
    options: dict[str, Any] = {"viewport": PHONE} if size == "phone" else {}
    with showing(browser, html, tmp_path, color_scheme=scheme, **options) as shown:
        shown.page.evaluate(Path(AXE).read_text(encoding="utf-8"))
        for steps in ([], ["#tab-relations", "#rows tbody .thing >> nth=3", "#tab-passages"]):
            for step in steps:
                shown.page.click(step)
                shown.page.wait_for_timeout(100)
            found = shown.page.evaluate("axe.run().then((found) => found.violations)")
            serious = [
                (v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in {"serious", "critical"}
            ]
            assert serious == []


def test_a_small_phone_scrolls_in_one_direction_only(browser: Browser, html: str, tmp_path: Path) -> None:
    with showing(browser, html, tmp_path, viewport=PHONE, has_touch=True) as shown:
        for tab in ("graph", "relations", "passages"):
            shown.page.click(f"#tab-{tab}")
            shown.page.wait_for_timeout(60)
            assert shown.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
