"""The page of the relationship graph in a real browser: what a reader clicks, types, reads and takes away."""

from __future__ import annotations

import json
import math
import os
import random
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import pyoxigraph as ox
import pytest

import kg
from kg.views.network import page as draw
from tests.viewing import PAYLOADS, PHONE, Shown, chromium, hostile, showing, small

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
AXE = os.environ.get("KG_AXE")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def people(trials: kg.Graph) -> nx.MultiDiGraph[Any]:
    return trials.to_networkx("people")


@pytest.fixture(scope="module")
def html(people: nx.MultiDiGraph[Any]) -> str:
    return draw(people, "People and what ties them")


@pytest.fixture(scope="module")
def open_page(browser: Browser, html: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    with showing(browser, html, tmp_path_factory.mktemp("people")) as shown:
        yield shown


@pytest.fixture
def shown(open_page: Shown) -> Shown:
    """The people, as when just opened."""
    open_page.page.evaluate("location.hash = '#fresh' + Math.random()")
    open_page.page.wait_for_timeout(50)
    open_page.page.locator("#fit").click()
    open_page.drawn()
    return open_page


def pixels(shown: Shown, places: list[tuple[float, float]]) -> list[tuple[int, ...]]:
    """The colours of the picture at places of the window."""
    return [(r, g, b) for r, g, b, _ in shown.decoded(shown.page.screenshot(), places)]


def middle_of_all(shown: Shown) -> tuple[float, float]:
    """Where the line between two things has its middle."""
    things = shown.things()
    return shown.at(*(sum(things.get(axis, [0, 0])) / 2 for axis in ("x", "y")))


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


def counts(shown: Shown) -> tuple[int, int]:
    """How many things and relations the page says that it shows."""
    found = re.match(
        r"([\d,]+) (?:of [\d,]+ )?things?, ([\d,]+) (?:of [\d,]+ )?relations?",
        shown.page.inner_text("#counts"),
    )
    assert found is not None
    return int(found[1].replace(",", "")), int(found[2].replace(",", ""))


def expected(graph: nx.MultiDiGraph[Any], keep: Any) -> tuple[int, int]:
    """The same counted in the graph: a thing stays while one of its relations does."""
    edges = [(s, t) for s, t, data in graph.edges(data=True) if keep(s, t, data)]
    return len({end for edge in edges for end in edge}), len(edges)


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


def said(about: dict[str, Any]) -> set[str]:
    """The standings of a relation's passages."""
    found = {passage["standing"] for passage in about["passages"]} or {about["standing"]}
    return {standing or "standing not said" for standing in found}


def test_years_keep_what_has_no_date_and_say_so(shown: Shown) -> None:
    shown.page.fill("#year-from", "1937")
    shown.page.fill("#year-to", "1937")
    shown.page.keyboard.press("Tab")
    with_undated = counts(shown)[1]
    shown.page.click("#year-undated")
    columns = shown.page.evaluate("JSON.parse(document.getElementById('data').textContent).relations")
    inside = sum(1 for a, b in zip(columns["from"], columns["to"], strict=True) if a and a <= 1937 <= b)
    undated = columns["from"].count(0)
    assert (inside + undated, inside) == (with_undated, counts(shown)[1])
    assert f"({undated})" in shown.page.inner_text("#years").replace(",", "")


def test_what_is_taken_away_can_be_read_again(shown: Shown, people: nx.MultiDiGraph[Any]) -> None:
    taken: dict[str, bytes] = {}
    for name in ("png", "svg", "csv", "ttl"):
        shown.page.locator("#take").evaluate("element => element.open = true")
        with shown.page.expect_download() as waiting:
            shown.page.click(f"#take-{name}")
        taken[name] = waiting.value.path().read_bytes()
        assert waiting.value.suggested_filename == f"people-and-what-ties-them.{name}"
    grid = [(x, y) for x in range(1, 1500, 6) for y in range(1, 1300, 6)]
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


def test_a_double_click_keeps_the_neighbours_in_the_picture(shown: Shown) -> None:
    things = shown.things()
    for name in ("Leon Trotsky", "Nikolai Yezhov"):
        i = things["label"].index(name)
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


def test_hostile_data_runs_nothing_and_is_shown_as_it_is(browser: Browser, tmp_path: Path) -> None:
    with showing(browser, draw(hostile(), PAYLOADS[1]), tmp_path) as shown:
        assert shown.page.inner_text("h1") == PAYLOADS[1]
        for _ in PAYLOADS[:8]:
            shown.page.keyboard.press("ArrowRight")
        for tab in ("things", "passages", "relations"):
            shown.page.click(f"#tab-{tab}")
            shown.page.wait_for_timeout(100)
        for number in range(len(PAYLOADS)):
            shown.page.click("#tab-relations")
            shown.page.locator("#rows tbody .thing").nth(number).click()
            shown.page.locator("#panel [data-ready]").wait_for()
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


def test_what_the_page_holds_is_the_graph(html: str, people: nx.MultiDiGraph[Any]) -> None:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert [len(people), people.number_of_edges()] == data["count"]
    assert [data["label"] for _, data in people.nodes(data=True)] == data["things"]["label"]
