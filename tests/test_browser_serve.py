"""The workbench in a real browser: ask, read the evidence, open the passage, cite it, see the graph."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import pytest

from kg.server.settings import Limits, Place
from tests.serving import Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")
AXE = os.environ.get("KG_AXE", "")
DEATHS = "/#q=SELECT+%3Fe+%3Fd+%7B+%3Fe+a+kg%3ADeath+%3B+kg%3Adate+%3Fd+%7D"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The Moscow Trials, served."""
    with running(Place(), Limits()) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A real Chromium without a screen."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page that keeps what went wrong in it, and must keep nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(40_000)
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    # What the server refuses is an error of its own in the console, and meant to be one.
    assert [text for text in wrong if "status of 4" not in text and "status of 503" not in text] == []


def test_ask_read_the_evidence_cite_it_and_open_the_passage(server: Running, page: "Page") -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(server.address + "/")
    page.get_by_label("Saved question").select_option("rehabilitated-when")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name="why?").first.click()
    page.locator("#evidence summary").first.click()
    page.locator("#evidence pre").first.wait_for()
    cited = page.locator("#evidence pre").all_inner_texts()[:3]
    assert "characters" in cited[0]
    assert cited[1].startswith("@misc{")
    assert json.loads(cited[2])[0]["title"] == "Legacy"
    page.locator("#evidence blockquote a").first.click()
    page.locator("mark#words").wait_for()
    assert "/thing/" in page.url
    assert hosts == {f"127.0.0.1:{server.port}"}


def test_a_question_can_be_asked_and_explained_by_keyboard_alone(server: Running, page: "Page") -> None:
    page.goto(server.address + "/")
    page.get_by_role("link", name="Who was arrested?").wait_for()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('cm-content')"):
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT ?r ?who { ?r a kg:Rehabilitation ; kg:rehabilitated ?who } ORDER BY ?who")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.locator("td").first.wait_for()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "why?":
            break
    page.keyboard.press("Enter")
    page.locator("#evidence blockquote").first.wait_for()


def test_names_are_completed_from_the_data(server: Running, page: "Page") -> None:
    page.goto(server.address + "/")
    page.get_by_role("link", name="Who was arrested?").wait_for()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT * { ?s a kg:Perso")
    page.locator(".cm-tooltip-autocomplete li[aria-selected]", has_text="kg:Person").wait_for()
    # The editor takes Enter for a new line until the list has been there for 75 ms.
    page.wait_for_timeout(200)
    page.keyboard.press("Enter")
    page.keyboard.type(" ; ?p buchari")
    page.locator(".cm-tooltip-autocomplete li", has_text="mt:nikolai-bukharin").first.wait_for()
    assert "kg:Person" in page.inner_text(".cm-content")


def test_a_mistake_is_marked_where_it_stands_and_said(server: Running, page: "Page") -> None:
    page.goto(server.address + "/#q=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+FILTR+%7D")
    page.locator("#said .error").wait_for()
    assert "line 1" in page.inner_text("#said")
    page.locator(".cm-lintRange-error", has_text="FILTR").wait_for()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("ASK {}")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Yes.").wait_for()
    assert page.locator(".cm-lintRange-error").count() == 0


def test_rows_are_sorted_paged_and_counted_honestly(server: Running, page: "Page") -> None:
    page.goto(server.address + "/#q=SELECT+%3Fs+%3Fo+%7B+%3Fs+rdfs%3Alabel+%3Fo+%7D")
    page.get_by_role("button", name="o", exact=True).click()
    assert page.locator("th[aria-sort=ascending]").count() == 1
    names = page.locator("tbody tr td:nth-child(2)").all_inner_texts()
    assert len(names) == 50
    assert "1–50 of" in page.inner_text("#said")
    assert "are read; the order is that of the rows read" in page.inner_text("#said")
    page.get_by_role("button", name="Read 1,000 more").click()
    page.get_by_text("Showing 1,001–1,050 of").wait_for()


def test_a_parameter_has_a_field_and_stands_in_the_address(server: Running, page: "Page") -> None:
    questions = json.loads(server.ask("GET", "/api/questions")[2])["questions"]
    name = next(question["name"] for question in questions if question["parameters"])
    page.goto(f"{server.address}/question/{name}")
    page.locator("#parameters input").first.wait_for()
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_function("location.hash.includes('p.')")
    before = page.url
    page.goto(server.address + "/")
    page.goto(before)
    page.locator("#parameters input").first.wait_for()


def test_what_is_disputed_has_a_badge(server: Running, page: "Page") -> None:
    subject = json.loads(server.ask("GET", "/api/conflicts")[2])[0]["subject"]["iri"]
    page.goto(server.address + f"/#q=SELECT+%3Fs+%7B+VALUES+%3Fs+%7B+%3C{subject}%3E+%7D+%7D")
    page.locator(".badge").first.click()
    page.locator("#disputed li").first.wait_for()


def test_the_answer_is_drawn_and_its_relations_say_their_words(server: Running, page: "Page") -> None:
    page.goto(server.address + DEATHS)
    page.get_by_role("button", name="See as a graph").click()
    frame = page.frame_locator("#picture")
    frame.locator("canvas").first.wait_for()
    frame.locator("#search").fill("Trotsky")
    frame.locator("#search").press("Enter")
    frame.locator("#panel", has_text="Trotsky").wait_for()


def test_a_projection_is_drawn_in_its_frame(server: Running, page: "Page") -> None:
    page.goto(server.address + "/")
    page.get_by_role("button", name="See the graph").click()
    page.frame_locator("#picture").locator("canvas").first.wait_for()


def test_a_thing_that_is_opened_brings_its_neighbours_from_the_server(server: Running, page: "Page") -> None:
    page.goto(server.address + "/")
    page.get_by_role("button", name="See the graph").click()
    frame = page.frame_locator("#picture")
    frame.locator("#search").fill("Trotsky")
    frame.locator("#search").press("Enter")
    with page.expect_request(lambda request: "expand=" in request.url):
        frame.get_by_role("button", name="Open around it").click()
    page.locator("#picture-title", has_text="all that touches").wait_for()
    frame.locator("#panel", has_text="Trotsky").wait_for()


def test_the_history_and_the_way_back_hold_what_was_asked(server: Running, page: "Page") -> None:
    page.goto(server.address + "/#q=ASK+%7B%7D")
    page.get_by_text("Yes.").wait_for()
    page.goto(server.address + "/#q=ASK+%7B+FILTER(false)+%7D")
    page.get_by_text("No.", exact=True).wait_for()
    page.go_back()
    page.get_by_text("Yes.").wait_for()
    page.get_by_text("History").click()
    assert page.locator("#history li").count() == 2


def test_an_address_brings_back_sorting_page_evidence_and_graph(server: Running, page: "Page") -> None:
    page.goto(server.address + "/#q=SELECT+%3Fs+%3Fo+%7B+%3Fs+rdfs%3Alabel+%3Fo+%7D")
    page.get_by_role("button", name="o", exact=True).click()
    page.get_by_role("button", name="o ↑").click()
    page.get_by_role("button", name="On", exact=True).click()
    page.get_by_role("button", name="why?").nth(2).click()
    page.locator("#evidence .statement").first.wait_for()
    page.get_by_role("button", name="See as a graph").click()
    rows, words = page.inner_text("tbody"), page.inner_text("#evidence")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    page.locator("#evidence .statement").first.wait_for()
    assert page.inner_text("tbody") == rows
    assert page.inner_text("#evidence") == words
    assert page.locator("tr.chosen").count() == 1
    assert page.locator("th[aria-sort=descending]").count() == 1
    assert "/view?q=" in (page.locator("#picture").get_attribute("src") or "")
    assert page.url == address


@pytest.mark.parametrize(
    "rest",
    ["from=-50", "from=1e99", "from=x", "row=length", "row=-1", "sort=nobody", "see=nothing", "see=../x"],
)
def test_an_address_of_nonsense_still_answers(server: Running, page: "Page", rest: str) -> None:
    page.goto(f"{server.address}{DEATHS}&{rest}")
    page.locator("td").first.wait_for()
    page.get_by_text("Showing 1–18 of 18 rows.").wait_for()
    page.locator("#picture-place").wait_for(state="hidden")


def test_a_graph_alone_stands_in_the_address(server: Running, page: "Page") -> None:
    page.goto(server.address + "/")
    page.get_by_label("Projection").select_option("people")
    page.get_by_role("button", name="See the graph").click()
    page.reload()
    page.locator("#picture[src='/view/people']").wait_for()
    page.get_by_role("button", name="Hide").click()
    assert page.url == server.address + "/"


@pytest.mark.parametrize(
    ("query", "endings"),
    [
        ("ASK {}", ["json", "xml", "csv"]),
        ("SELECT * { ?s a kg:Death }", ["csv", "tsv", "json", "xml"]),
        ("CONSTRUCT WHERE { ?s a kg:Death }", ["ttl", "nt", "jsonld", "rdf"]),
        ("rehabilitated-when", ["csv", "tsv", "json", "xml"]),
    ],
)
def test_every_answer_is_downloaded_in_every_format_of_its_form(
    server: Running, page: "Page", query: str, endings: list[str]
) -> None:
    page.goto(server.address + "/#q=" + quote(query))
    buttons = page.locator("#downloads button")
    buttons.first.wait_for()
    for at, ending in enumerate(endings):
        with page.expect_download() as told:
            buttons.nth(at).click()
        assert told.value.suggested_filename == "answer." + ending
        assert told.value.path().stat().st_size > 0
    assert buttons.count() == len(endings)


def test_a_graph_that_cannot_be_drawn_says_why(server: Running, page: "Page") -> None:
    page.goto(server.address + "/#q=" + quote("SELECT ?d { ?e kg:date ?d } LIMIT 3"))
    page.get_by_role("button", name="See as a graph").click()
    page.frame_locator("#picture").get_by_text("No thing is in this answer").wait_for()


def test_files_that_break_and_are_mended_are_told_on_the_page(letters: Path, page: "Page") -> None:
    file = letters / "facts" / "more.ttl"
    file.write_text("<urn:new> <urn:is")
    with running(Place(str(letters)), Limits(workers=1)) as server:
        page.goto(server.address + "/")
        page.locator("#problem", has_text="more.ttl").wait_for()
        assert "what stood before" not in page.inner_text("#problem")
        file.write_text("<urn:new> <urn:is> <urn:here> .")
        page.locator("#problem").wait_for(state="hidden")
        page.locator("#saved option").nth(1).wait_for(state="attached")
        file.write_text("<urn:new> <urn:is")
        page.locator("#problem", has_text="this is what stood before").wait_for()
        page.goto("about:blank")


def test_skipping_to_the_answer_keeps_it(server: Running, page: "Page") -> None:
    page.goto(server.address + DEATHS)
    page.locator("td").first.wait_for()
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "answer"
    page.wait_for_timeout(300)
    assert page.locator("td").count() > 0


def test_what_was_found_is_hidden_by_escape_and_by_leaving(server: Running, page: "Page") -> None:
    page.goto(server.address + "/")
    for is_by_key in (True, False):
        page.locator("#name").fill("bukharin")
        page.locator("#found li").first.wait_for()
        page.keyboard.press("Tab")
        assert page.locator("#found li").count() > 0
        page.keyboard.press("Escape") if is_by_key else page.locator("#evidence").click()
        assert page.locator("#found li").count() == 0
        page.locator("#name").fill("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [DEATHS, "/", "/thing/mt:nikolai-bukharin", "/thing/mt:legacy-08"])
def test_nothing_is_cut_off_on_a_phone_and_axe_finds_nothing_serious(
    server: Running, browser: "Browser", path: str, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.goto(server.address + path)
    page.locator("td:visible, main li:visible").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    if not AXE:
        page.close()
        pytest.skip("axe-core is not here; name its file in KG_AXE.")
    # The page's policy runs no script of others, so axe comes through the debugger.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": Path(AXE).read_text(encoding="utf-8")})
    expression = "axe.run().then((found) => JSON.stringify(found.violations))"
    wanted = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer: dict[str, Any] = session.send("Runtime.evaluate", wanted)
    found = json.loads(answer["result"]["value"])
    serious = [
        (item["id"], [node["target"] for node in item["nodes"]][:3])
        for item in found
        if item["impact"] in {"serious", "critical"}
    ]
    page.close()
    assert serious == []


def test_a_hostile_label_runs_nothing(page: "Page", letters: Path) -> None:
    payload = "<img src=x onerror='window.ran=1'></script><script>window.ran=1</script>"
    (letters / "facts" / "bad.ttl").write_text(
        f'<urn:x> <http://www.w3.org/2000/01/rdf-schema#label> "{payload}" .'
    )
    with running(Place(str(letters)), Limits(workers=1)) as hostile:
        page.goto(hostile.address + "/#q=SELECT+*+%7B+%3Curn:x%3E+%3Fp+%3Fo+%7D")
        page.locator("td").first.wait_for()
        assert payload in page.inner_text("#table")
        page.locator("#name").fill("img src")
        page.locator("#found li").first.wait_for()
        page.goto(hostile.address + "/thing/urn:x")
        assert page.inner_text("h1") == payload
        page.goto(hostile.address + "/#q=" + payload)
        page.locator("#said .error").wait_for()
        assert page.evaluate("window.ran") is None
        # Before its server goes: the page asks for news every few seconds.
        page.goto("about:blank")


def test_the_reader_chooses_the_language_of_labels_and_it_is_kept(tmp_path: Path, page: "Page") -> None:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    file = tmp_path / "data.ttl"
    file.write_text(
        f'<urn:m> {label} "Moscow"@en , "Москва"@ru ; <urn:in> <urn:r> . <urn:r> {label} "Россия"@ru .'
    )
    with running(Place(data=(str(file),)), Limits(workers=1)) as two:
        page.goto(two.address + "/#q=SELECT+*+%7B+%3Fs+%3Curn%3Ain%3E+%3Fo+%7D")
        page.locator("td", has_text="Moscow").wait_for()
        page.get_by_label("Labels").select_option("ru")
        page.get_by_role("link", name="Москва").click()
        page.locator("h1", has_text="Москва").wait_for()
        assert page.url.endswith("?language=ru")
        page.get_by_label("Labels").select_option("en")
        page.locator("h1", has_text="Moscow").wait_for()
        page.get_by_role("link", name="Россия").first.click()
        page.wait_for_url("**?language=en")
        page.goto("about:blank")


def test_nothing_hostile_in_sources_names_or_addresses_runs(page: "Page", tmp_path: Path) -> None:
    payload = "<img src=x onerror='window.ran=1'></script><svg onload=window.ran=1>"
    encoded = quote(payload, safe="")
    file = tmp_path / "bad.trig"
    file.write_text(
        "@prefix kg: <https://w3id.org/kg-footnote/ontology#> . @prefix oa: <http://www.w3.org/ns/oa#> .\n"
        "@prefix dcterms: <http://purl.org/dc/terms/> .\n"
        f'kg:provenance {{ <urn:s> a kg:Source ; dcterms:title "{payload}" ; kg:url <javascript:ran=1> .\n'
        f'<urn:p> a kg:Passage ; dcterms:isPartOf <urn:s> ; kg:locator "{payload}" ;\n'
        f'oa:hasSelector <urn:p#selector> . <urn:p#selector> oa:exact "{payload}" . }}\n'
        f'<urn:p> {{ <urn:x> <urn:{encoded}> "{payload}"^^<urn:{encoded}> , "{payload}"@x-y . }}'
    )
    with running(Place(data=(str(file),)), Limits(workers=1)) as hostile:
        page.goto(hostile.address + "/#q=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D&p." + encoded + "=" + encoded)
        page.get_by_role("button", name="why?").first.click()
        page.locator("#evidence blockquote").first.wait_for()
        assert page.evaluate("window.ran") is None
        for name in ("urn:x", "urn:s", "urn:p", encoded, "urn:x?language=" + encoded):
            page.goto(f"{hostile.address}/thing/{name}")
            assert page.evaluate("window.ran") is None
            assert page.locator("a[href^='javascript']").count() == 0
        page.goto("about:blank")
