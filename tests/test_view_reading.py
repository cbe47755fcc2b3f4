"""The page of the relationship graph in a real browser: what a reader clicks, types and reads."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import pytest

import kg
from kg.views.network import page as draw
from tests.viewing import Shown, showing, small

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def pixels(shown: Shown, places: list[tuple[float, float]]) -> list[tuple[int, ...]]:
    """The colours of the picture at places of the window."""
    return [(r, g, b) for r, g, b, _ in shown.decoded(shown.page.screenshot(), places)]


def middle_of_all(shown: Shown) -> tuple[float, float]:
    """Where the line between two things has its middle."""
    things = shown.things()
    return shown.at(*(sum(things.get(axis, [0, 0])) / 2 for axis in ("x", "y")))


def test_the_picture_has_the_colours_of_the_legend(shown: Shown, people: nx.MultiDiGraph[Any]) -> None:
    things = shown.things()
    colors = {
        name: tuple(int(fill[i : i + 2], 16) for i in (1, 3, 5))
        for name, fill in shown.page.eval_on_selector_all(
            ".facet li:has([data-kind])",
            "items => items.map(i => [i.querySelector('bdi').textContent,"
            " i.querySelector('[data-kind]').getAttribute('fill')])",
        )
    }
    order = sorted(range(len(people)), key=lambda i: -int(people.degree(list(people)[i])))
    places = [shown.at(things["x"][i], things["y"][i]) for i in order[:20]]
    wanted = [colors[people.nodes[list(people)[i]]["type_label"]] for i in order[:20]]
    hits = sum(a == b for a, b in zip(pixels(shown, places), wanted, strict=True))
    assert hits >= 16  # a name may be written over a mark


def test_a_click_on_a_thing_shows_that_thing(shown: Shown, people: nx.MultiDiGraph[Any]) -> None:
    things = shown.things()
    pick = random.Random(4)  # noqa: S311 - a choice of places, no secret
    for i in pick.sample(range(len(people)), 20):
        shown.page.keyboard.press("Escape")
        shown.page.mouse.click(*shown.at(things["x"][i], things["y"][i]))
        assert people.nodes[list(people)[i]]["label"] == shown.page.inner_text("#panel h2").strip()


def clear_lines(shown: Shown, graph: nx.MultiDiGraph[Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """The relations that are alone between their ends, with no thing near the middle of their line."""
    names, things = {name: i for i, name in enumerate(graph)}, shown.things()
    places = list(zip(things["x"], things["y"], strict=True))
    found = []
    for source, target, about in graph.edges(data=True):
        if graph.number_of_edges(source, target) + graph.number_of_edges(target, source) != 1:
            continue
        middle = [(a + b) / 2 for a, b in zip(places[names[source]], places[names[target]], strict=True)]
        if min(math.dist(middle, place) for place in places) > 45:
            found.append((source, target, {**about, "middle": middle}))
    return found


def test_a_click_on_a_line_shows_its_passages(shown: Shown, people: nx.MultiDiGraph[Any]) -> None:
    lines = clear_lines(shown, people)
    pick = random.Random(5)  # noqa: S311 - idem
    for source, target, about in pick.sample(lines, 20):
        shown.page.keyboard.press("Escape")
        shown.drawn()
        shown.page.mouse.click(*shown.at(*about["middle"]))
        ends = [people.nodes[end]["label"] for end in (source, target)]
        if "relations" in shown.page.inner_text("#panel h2"):
            sentence = f"{ends[0]} — {about['label']} → {ends[1]}"
            shown.page.locator("#panel .thing", has_text=sentence).first.click()
        assert f"{ends[0]} {about['label']} → {ends[1]}" == shown.page.inner_text("#panel h2")
        shown.page.locator("#panel [data-ready]").wait_for()
        assert len(about["passages"]) == shown.page.locator("#panel .passage").count()
        text = " ".join(shown.page.inner_text("#panel").split())
        for passage in about["passages"]:
            assert " ".join(passage["quote"].split()) in text
            assert passage["title"] in text


def test_the_words_are_marked_in_their_context(browser: Browser, graph: kg.Graph, tmp_path: Path) -> None:
    page = graph.view("CONSTRUCT { ?a ex:leftUnanswered ?b } { ?a ex:leftUnanswered ?b }")
    with showing(browser, page, tmp_path) as shown:
        shown.page.mouse.click(*middle_of_all(shown))
        shown.page.locator("#panel mark").wait_for()
        assert shown.page.inner_text("#panel mark") == "Boris never answered 🙂"
        assert "1901.\nBoris never answered 🙂, she" in shown.page.inner_text("#panel blockquote")
        assert "alleged" in shown.page.inner_text("#panel .where")
        assert "A letter, characters 33–55" in shown.page.inner_text("#panel .where")


def test_the_keyboard_alone_reaches_the_words_of_a_source(shown: Shown) -> None:
    keys = shown.page.keyboard
    keys.press("/")
    keys.type("léon trotsky")
    assert "Leon Trotsky" in shown.page.inner_text("#hits [aria-selected=true]")
    keys.press("Enter")
    assert shown.page.evaluate("document.activeElement.textContent") == "Leon Trotsky"
    assert shown.page.inner_text("#said").startswith("Leon Trotsky, person, ")
    for _ in range(30):
        keys.press("Tab")
        if shown.page.evaluate("document.activeElement.className") == "why":
            break
    keys.press("Enter")
    shown.page.locator("#panel [data-ready]").wait_for()
    assert shown.page.locator("#panel .passage").count() > 0
    assert "passage" in shown.page.inner_text("#said")
    keys.press("Escape")
    assert shown.page.locator("#panel").is_hidden()
    assert shown.page.evaluate("document.activeElement.id") == "graph"
    keys.press("ArrowRight")
    before = shown.page.inner_text("#panel h2")
    for arrow in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        keys.press(arrow)
    assert shown.page.inner_text("#panel h2") != "" != before
    keys.press("f")
    assert shown.page.inner_text("#said") == "The whole graph is in the picture."


def test_a_double_click_keeps_the_neighbours_in_the_picture(shown: Shown) -> None:
    things = shown.things()
    for name in ("Leon Trotsky", "Nikolai Yezhov"):
        i = things["label"].index(name)
        shown.page.click("#fit")
        shown.drawn()
        shown.page.mouse.dblclick(*shown.at(things["x"][i], things["y"][i]))
        shown.drawn()
    assert "Nikolai Yezhov" in shown.page.inner_text("#said")
    assert str(shown.page.evaluate("location.hash")).count("open=") == 2


def test_a_dragged_thing_stays_where_it_was_put(browser: Browser, tmp_path: Path) -> None:
    graph = small([("a", "r", "b"), ("b", "r", "c"), ("c", "r", "d")])
    with showing(browser, draw(graph, "Four"), tmp_path) as shown:
        things = shown.things()
        x, y = shown.at(things["x"][0], things.get("y", [0])[0])
        shown.page.mouse.move(x, y)
        shown.page.mouse.down()
        shown.page.mouse.move(x + 40, y + 90, steps=4)
        shown.page.mouse.up()
        shown.drawn()
        shown.page.mouse.click(x + 40, y + 90)
        assert shown.page.inner_text("#panel h2") == "a"


def test_where_lines_lie_together_a_click_lists_them_all(browser: Browser, tmp_path: Path) -> None:
    graph = small([("a", "loves", "b"), ("b", "hates", "a"), ("a", "teaches", "b")])
    with showing(browser, draw(graph, "Three"), tmp_path) as shown:
        shown.page.mouse.click(*middle_of_all(shown))
        shown.page.get_by_role("button", name="All 3 relations").click()
        assert shown.page.locator("#panel li").count() == 3
    many = small([("a", f"r{i}", "b") for i in range(500)])
    with showing(browser, draw(many, "Many"), tmp_path) as shown:
        shown.page.mouse.click(*middle_of_all(shown))
        assert shown.page.locator("#panel li").count() > 2


def test_a_large_graph_opens_on_an_overview_that_can_be_opened(browser: Browser, tmp_path: Path) -> None:
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    pick = random.Random(3)  # noqa: S311 - test data
    for number in range(6000):
        group = pick.randrange(20)
        a, b = (f"urn:{group}-{pick.randrange(100)}" for _ in range(2))
        graph.add_edge(a, b if pick.random() < 0.95 else f"urn:{pick.randrange(20)}-0", key=str(number))
    with showing(browser, draw(graph, "Many"), tmp_path) as shown:
        assert "An overview: " in shown.page.inner_text("#detail")
        things = shown.things()
        groups = things.get("group", [0] * len(graph))
        members = [i for i, group in enumerate(groups) if group == 1]
        middle = [sum(things[axis][i] for i in members) / len(members) for axis in ("x", "y")]
        shown.page.mouse.click(*shown.at(*middle))
        assert "A community of" in shown.page.inner_text("#panel")
        shown.page.get_by_role("button", name="Open this community").click()
        shown.page.wait_for_timeout(400)
        shown.drawn()
        assert "in detail, all drawn" in shown.page.inner_text("#detail")
