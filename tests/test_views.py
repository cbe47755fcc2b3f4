"""The relationship graph as a page: one file, the same bytes, and nothing in the data runs."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import pytest

import kg
from kg.views.layout import layout
from kg.views.network import page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium")
PAYLOADS = [
    "<script>window.__ran=1</script>",
    "</script><script>window.__ran=1</script>",
    "<img src=x onerror='window.__ran=1'>",
    "\"><svg onload='window.__ran=1'>",
    "{{7*7}}{% raw %}",
    "'];window.__ran=1;//",
    "\u2028window.__ran=1\u2029",
    "<!--<script>",
    "javascript:window.__ran=1",
]


def test_the_same_facts_give_the_same_page_in_every_process(tmp_path: Path) -> None:
    pages = []
    for seed in ("1", "2"):
        file = tmp_path / f"{seed}.html"
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(Path(kg.__file__).parent.parent),
        }
        command = [sys.executable, "-m", "kg", "view", "-o", str(file)]
        subprocess.run(command, check=True, cwd=tmp_path, env=environment, capture_output=True)
        pages.append(file.read_bytes())
    assert pages[0] == pages[1]


def test_the_page_names_no_address_to_fetch_from(trials: kg.Graph) -> None:
    html = trials.view()
    head = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert re.findall(r"(?:src|href)\s*=|url\(|@import", head) == []
    assert "default-src 'none'" in unescape(head)


def test_the_callers_graph_is_left_as_it_was(trials: kg.Graph) -> None:
    found = trials.to_networkx()
    before: nx.MultiDiGraph[str] = nx.MultiDiGraph(found)
    page(found, "A title")
    assert nx.utils.graphs_equal(before, found)


def test_no_two_things_lie_on_each_other(trials: kg.Graph) -> None:
    positions = layout(trials.to_networkx())
    assert len(positions) == len(set(positions.values()))


def test_a_graph_without_edges_is_still_a_page() -> None:
    assert "<title>Nothing</title>" in page(nx.MultiDiGraph(), "Nothing")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A real Chromium without a screen."""
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


@pytest.mark.browser
def test_opened_by_double_click_it_shows_the_graph_and_asks_nothing_of_the_network(
    browser: "Browser", trials: kg.Graph, tmp_path: Path
) -> None:
    file = tmp_path / "trials.html"
    file.write_text(trials.view(), encoding="utf-8")
    opened = browser.new_page()
    requests: list[str] = []
    errors: list[str] = []
    opened.on("request", lambda request: requests.append(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    opened.goto(file.as_uri())
    opened.wait_for_timeout(500)
    assert ([file.as_uri()], []) == (requests, errors)
    found = trials.to_networkx()
    assert f"{len(found)} things, {found.number_of_edges()} relations" == opened.inner_text("#counts")
    embedded = opened.inner_text("#data", timeout=1000) or opened.text_content("#data") or ""
    for name in ("Nikolai Bukharin", "Leon Trotsky", "Secret Speech", "Moscow Trials"):
        assert name in embedded
    pixels = len(set(opened.locator("#graph canvas").screenshot()))
    assert pixels > 100


@pytest.mark.browser
def test_clicking_a_relation_shows_the_quoted_words(
    browser: "Browser", graph: kg.Graph, tmp_path: Path
) -> None:
    file = tmp_path / "letters.html"
    html = graph.view("CONSTRUCT { ?a ex:wroteTo ?b } { ?a ex:wroteTo ?b }")
    file.write_text(html, encoding="utf-8")
    opened = browser.new_page(viewport={"width": 1000, "height": 600})
    opened.goto(file.as_uri())
    opened.wait_for_timeout(500)
    box = opened.locator("#graph canvas").bounding_box()
    assert box is not None
    opened.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    opened.locator("#panel mark").first.wait_for()
    assert "Анна wrote to Борис in May 1901." in opened.inner_text("#panel")


@pytest.mark.browser
@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_data_runs_nothing(browser: "Browser", payload: str, tmp_path: Path) -> None:
    hostile: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    passage = dict.fromkeys(("quote", "title", "locator", "standing", "voice", "source"), payload)
    for name in ("https://example.org/a", payload):
        hostile.add_node(name, label=payload, type_label=payload)
    edge = {"label": payload, "date": payload, "standing": payload, "passages": [{**passage, "start": -1}]}
    hostile.add_edge("https://example.org/a", payload, key=payload, **edge)
    file = tmp_path / "hostile.html"
    file.write_text(page(hostile, payload), encoding="utf-8")
    opened = browser.new_page(viewport={"width": 1000, "height": 600})
    opened.goto(file.as_uri())
    opened.wait_for_timeout(200)
    box = opened.locator("#graph canvas").bounding_box()
    assert box is not None
    for _ in range(2):
        opened.mouse.move(box["x"] + box["width"] / 2 + _, box["y"] + box["height"] / 2)
    opened.wait_for_timeout(100)
    assert opened.evaluate("window.__ran") is None
    assert payload.strip() in opened.title() or payload == opened.text_content("h1")
