"""Fixtures that many tests share: a small project on disk, and the bundled one."""

from __future__ import annotations

import builtins
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

import kg
from tests.elsewhere import elsewhere, openlink, oxigraph, union  # noqa: F401 - fixtures

if TYPE_CHECKING:
    import networkx as nx
    from playwright.sync_api import Browser

    from tests.viewing import Shown

PREFIXES = """
@prefix kg: <https://w3id.org/kg-footnote/ontology#> .
@prefix ex: <https://example.org/letters/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
TEXT = "Анна wrote to Борис in May 1901.\nBoris never answered 🙂, she says.\n"
FACTS = (
    PREFIXES
    + """
kg:curated {
    ex:anna a kg:Person ; rdfs:label "Anna"@en , "Анна"@ru .
    ex:boris a kg:Person ; rdfs:label "Boris"@en ; skos:altLabel "Борис"@ru .
}
kg:provenance {
    ex:letter a kg:Source ; dcterms:title "A letter"@en ; kg:textFile "letter.txt" .
    ex:letter-1 a kg:Passage ; dcterms:isPartOf ex:letter ; kg:standing kg:Asserted ;
        oa:hasSelector <https://example.org/letters/letter-1#selector> .
    <https://example.org/letters/letter-1#selector> a oa:TextPositionSelector , oa:TextQuoteSelector ;
        oa:start 0 ; oa:end 32 ; oa:exact "Анна wrote to Борис in May 1901." ;
        oa:prefix "" ; oa:suffix "\\nBoris" .
    ex:letter-2 a kg:Passage ; dcterms:isPartOf ex:letter ; kg:standing kg:Alleged ;
        oa:hasSelector <https://example.org/letters/letter-2#selector> .
    <https://example.org/letters/letter-2#selector> a oa:TextPositionSelector , oa:TextQuoteSelector ;
        oa:start 33 ; oa:end 55 ; oa:exact "Boris never answered 🙂" ;
        oa:prefix "1901.\\n" ; oa:suffix ", she" .
}
ex:letter-1 { ex:anna ex:wroteTo ex:boris . ex:writing kg:date "1901-05"^^xsd:gYearMonth . }
ex:letter-2 { ex:boris ex:leftUnanswered ex:anna . ex:anna ex:wroteTo ex:boris . }
"""
)
SETTINGS = """
title = "Letters"
namespace = "https://example.org/letters/"
[prefixes]
ex = "https://example.org/letters/"
"""
QUESTION = """#+ title: Who wrote to whom?
#+ description: Writers with those they wrote to.
#+ param writer: entity = anna -- The writer.
SELECT ?writer ?reader { ?writer <https://example.org/letters/wroteTo> ?reader }
"""


class RunKg(Protocol):
    """The real command in a process of its own."""

    def __call__(
        self, *args: str, cwd: Path | None = None, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """A project on disk with one source, two passages and Cyrillic names."""
    facts = tmp_path / "letters" / "facts"
    facts.mkdir(parents=True)
    (facts / "letters.trig").write_text(FACTS, encoding="utf-8")
    (facts / "letter.txt").write_text(TEXT, encoding="utf-8")
    (facts / "kg.toml").write_text(SETTINGS, encoding="utf-8")
    (facts.parent / "queries").mkdir()
    (facts.parent / "queries" / "who-wrote.rq").write_text(QUESTION, encoding="utf-8")
    return facts.parent


@pytest.fixture
def graph(letters: Path) -> kg.Graph:
    """The letters, opened."""
    return kg.open(letters)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests find out of services out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def trials() -> kg.Graph:
    """The project that ships with kg, opened."""
    return kg.open()


@pytest.fixture
def run_kg(tmp_path: Path) -> RunKg:
    """The real command, started in an empty folder unless another is named."""
    source = str(Path(kg.__file__).parent.parent)
    environment = {"PYTHONPATH": source, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "COLUMNS": "100"}

    def run(
        *args: str, cwd: Path | None = None, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kg", *args],
            capture_output=True,
            encoding="utf-8",
            cwd=cwd or tmp_path,
            input=stdin,
            timeout=120,
            check=False,
            env=environment,
        )

    return run


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One real Chromium for all tests of pages."""
    from tests.viewing import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def people(trials: kg.Graph) -> nx.MultiDiGraph[Any]:
    """The people of the Moscow Trials and what ties them."""
    return trials.to_networkx("people")


@pytest.fixture(scope="session")
def html(people: nx.MultiDiGraph[Any]) -> str:
    """Their page."""
    from kg.views.network import page as draw

    return draw(people, "People and what ties them")


@pytest.fixture(scope="session")
def open_page(browser: Browser, html: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Their page in the browser, opened once."""
    from tests.viewing import showing

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


@pytest.fixture
def no_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pyarrow be a package that is not installed."""
    real = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
