"""The workbench in a real browser: ask, read the evidence, open the passage, see the graph."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.server.settings import Limits, Place
from tests.serving import Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The Moscow Trials, served."""
    with running(Place(), Limits()) as started:
        yield started


@pytest.fixture(scope="module")
def page() -> Iterator["Page"]:
    """A page of a real Chromium without a screen."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page()
        browser.close()


def test_ask_read_the_evidence_and_open_the_passage(server: Running, page: "Page") -> None:
    hosts: set[str] = set()
    errors: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(server.address + "/")
    page.get_by_label("Saved question").select_option("rehabilitated-when")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name="why?").first.click()
    page.locator("#evidence blockquote a").first.click()
    assert page.locator("blockquote").first.inner_text()
    assert "/thing/" in page.url
    assert hosts == {f"127.0.0.1:{server.port}"}
    assert errors == []


def test_the_whole_state_is_in_the_address_and_a_mistake_is_shown(server: Running, page: "Page") -> None:
    page.goto(server.address + "/#q=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+FILTR+%7D")
    page.locator("#said .error").wait_for()
    assert "line 1" in page.inner_text("#said")
    page.locator("#query").fill("")
    page.locator("#query").press_sequentially("ASK {}")
    page.locator("#query").press("Control+Enter")
    page.get_by_text("Yes.").wait_for()


def test_a_hostile_label_runs_nothing(page: "Page", letters: Path) -> None:
    payload = "<img src=x onerror='window.ran=1'></script><script>window.ran=1</script>"
    (letters / "facts" / "bad.ttl").write_text(
        f'<urn:x> <http://www.w3.org/2000/01/rdf-schema#label> "{payload}" .'
    )
    with running(Place(str(letters)), Limits(workers=1)) as hostile:
        page.goto(hostile.address + "/#q=SELECT+*+%7B+%3Curn:x%3E+%3Fp+%3Fo+%7D")
        page.locator("td").first.wait_for()
        assert payload in page.inner_text("#table")
        page.goto(hostile.address + "/thing/urn:x")
        assert page.inner_text("h1") == payload
        assert page.evaluate("window.ran") is None


def test_the_graph_is_drawn_in_its_frame(server: Running, page: "Page") -> None:
    page.goto(server.address + "/")
    page.get_by_role("link", name="See the graph").click()
    page.frame_locator("#picture").locator("canvas").first.wait_for(timeout=40_000)
