"""The page of the relationship graph in a real browser: filters, links, and what is taken away."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import pyoxigraph as ox
import pytest

from kg.views.network import page as draw
from tests.viewing import Shown, counts, showing, small

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def expected(graph: nx.MultiDiGraph[Any], keep: Any) -> tuple[int, int]:
    """The same counted in the graph: a thing stays while one of its relations does."""
    edges = [(s, t) for s, t, data in graph.edges(data=True) if keep(s, t, data)]
    return len({end for edge in edges for end in edge}), len(edges)


def said(about: dict[str, Any]) -> set[str]:
    """The standings of a relation's passages."""
    found = {passage["standing"] for passage in about["passages"]} or {about["standing"]}
    return {standing or "standing not said" for standing in found}


def test_each_filter_shows_as_much_as_the_data_has(shown: Shown, people: nx.MultiDiGraph[Any]) -> None:
    def facet(title: str, name: str) -> None:
        group = shown.page.locator(".facet", has=shown.page.locator(f"summary:text('{title} (')"))
        if group.get_attribute("open") is None:
            group.locator("summary").click()
        group.locator("li", has=shown.page.locator(f"bdi:text-is('{name}')")).locator("input").click()

    kinds = nx.get_node_attributes(people, "type_label")
    facet("Things", "organisation")
    assert expected(people, lambda s, t, _: "organisation" not in (kinds[s], kinds[t])) == counts(shown)
    shown.page.click("#clear")
    assert (len(people), people.number_of_edges()) == counts(shown)
    facet("Relations", "member of")
    assert expected(people, lambda _s, _t, about: about["label"] != "member of") == counts(shown)
    shown.page.click("#clear")
    facet("How it is said", "alleged")
    assert expected(people, lambda _s, _t, about: said(about) != {"alleged"}) == counts(shown)
    shown.page.click("#clear")
    titles = [{p["title"] for p in about["passages"]} for *_, about in people.edges(data=True)]
    title = Counter(title for found in titles for title in found).most_common(1)[0][0]
    facet("Sources", title)
    assert sum(found != {title} for found in titles) == counts(shown)[1]
    shown.page.click("#tab-relations")
    shown.page.wait_for_timeout(100)
    assert counts(shown)[1] == int(shown.page.get_attribute("#rows", "data-rows") or -1)


def test_years_keep_what_has_no_date_and_say_so(shown: Shown) -> None:
    shown.page.fill("#year-from", "1937")
    shown.page.fill("#year-to", "1937")
    shown.page.keyboard.press("Tab")
    with_undated = counts(shown)[1]
    shown.page.click("#year-undated")
    columns = shown.page.evaluate("JSON.parse(document.getElementById('data').textContent).relations")
    inside = sum(
        1 for a, b in zip(columns["from"], columns["years"], strict=True) if a and a <= 1937 <= a + b
    )
    undated = columns["from"].count(0)
    assert (inside + undated, inside) == (with_undated, counts(shown)[1])
    assert f"({undated})" in shown.page.inner_text("#years").replace(",", "")


def test_the_years_pass_by_themselves_until_the_last(shown: Shown) -> None:
    shown.page.click("#play")
    assert shown.page.get_attribute("#play", "aria-pressed") == "true"
    first = shown.page.input_value("#year-to")
    shown.page.wait_for_timeout(1600)
    shown.page.click("#play")
    assert int(shown.page.input_value("#year-to")) > int(first)
    assert shown.page.get_attribute("#play", "aria-pressed") == "false"
    shown.page.click("#clear")


def test_only_what_sources_disagree_about_is_left(browser: Browser, tmp_path: Path) -> None:
    graph = small([("a", "knew", "b"), ("b", "knew", "c")])
    graph.edges["a", "b", "knew"]["conflict"] = True
    with showing(browser, draw(graph, "Two"), tmp_path) as shown:
        shown.page.click("#disputed")
        assert counts(shown) == (2, 1)
        middle = [sum(shown.things().get(axis, [0, 0, 0])[:2]) / 2 for axis in ("x", "y")]
        shown.page.mouse.click(*shown.at(*middle))
        assert "Sources disagree about this." in shown.page.inner_text("#panel")


def test_what_is_taken_away_can_be_read_again(shown: Shown, people: nx.MultiDiGraph[Any]) -> None:
    taken: dict[str, bytes] = {}
    for name in ("png", "svg", "csv", "ttl"):
        shown.page.locator("#take").evaluate("element => element.open = true")
        with shown.page.expect_download() as waiting:
            shown.page.click(f"#take-{name}")
        taken[name] = waiting.value.path().read_bytes()
        assert waiting.value.suggested_filename == f"people-and-what-ties-them.{name}"
    grid = [(x, y) for x in range(1, 1500, 20) for y in range(1, 1300, 20)]
    seen = shown.decoded(taken["png"], grid)
    assert sum(1 for color in seen if color != seen[0]) > len(grid) / 200
    drawing = ET.fromstring(taken["svg"])  # noqa: S314 - our own drawing
    assert len(people) == sum(1 for e in drawing.iter() if e.get("class") == "thing")
    assert people.number_of_edges() == taken["csv"].count(b"\r\n") - 1
    triples = {
        (t.subject.value, t.predicate.value, t.object.value)
        for t in ox.parse(taken["ttl"], format=ox.RdfFormat.TURTLE)
        if isinstance(t.object, ox.NamedNode) and "rdf-syntax" not in t.predicate.value
    }
    assert {(s, d["relation"], t) for s, t, d in people.edges(data=True)} == triples


def test_a_link_restores_what_was_seen(shown: Shown, html: str, browser: Browser, tmp_path: Path) -> None:
    shown.page.locator(".facet", has_text="Things").locator("input").nth(1).click()
    shown.page.keyboard.press("/")
    shown.page.keyboard.type("zinoviev")
    shown.page.keyboard.press("Enter")
    shown.drawn()
    link = str(shown.page.evaluate("location.hash"))
    with showing(browser, html, tmp_path, link) as again:
        assert shown.page.inner_text("#counts") == again.page.inner_text("#counts")
        assert shown.page.inner_text("#panel h2") == again.page.inner_text("#panel h2")


def test_what_the_page_holds_is_the_graph(html: str, people: nx.MultiDiGraph[Any]) -> None:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert [len(people), people.number_of_edges()] == data["count"]
    assert [data["label"] for _, data in people.nodes(data=True)] == data["things"]["label"]
