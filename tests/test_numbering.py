"""A projection's rows as numbers: what reads them, Python or Arrow, makes no difference."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.embedded import Embedded
from kg.errors import EngineError, InputError
from kg.projection import numbering
from kg.projection.links import Links, read

pytest.importorskip("pyarrow")
QUERY = """SELECT ?note ?source ?relation ?target ?passage ?date {
  GRAPH ?passage { ?source ?relation ?target } %s
}"""
HEADER, MUCH = 50, 1 << 24
"""Answers beyond their first line are long for the one, none here is for the other."""
NAMES = st.sampled_from(["a", "б", "名", "n/1", "a%20b"]).map(lambda name: ox.NamedNode(f"http://e/{name}"))
TEXTS = st.text(st.sampled_from("ab\"\\\t\n\r'<> ,;б名\U0001f5de"), max_size=9)
TERMS = st.one_of(NAMES, TEXTS.map(ox.Literal), st.just(ox.Literal(1)), st.just(ox.BlankNode("b")))
QUADS = st.lists(st.builds(ox.Quad, NAMES, NAMES, TERMS, NAMES), max_size=40)


def links(engine: Embedded, text: str, monkeypatch: pytest.MonkeyPatch, long: int) -> Links:
    """Read the links where answers of so many bytes are long."""
    monkeypatch.setattr(numbering, "_LONG", long)
    return read(engine, text)


@given(QUADS, TEXTS, st.booleans())
def test_arrow_and_python_read_the_same_links(quads: list[ox.Quad], note: str, has_note: bool) -> None:
    engine = Embedded(ox.Store())
    engine.store.extend(quads)
    for quad in quads[:1]:
        engine.store.add(ox.Quad(quad.subject, ox.NamedNode("http://e/noted"), ox.Literal(note)))
    optional = "OPTIONAL { ?source <http://e/noted> ?note BIND(?note AS ?date) }" if has_note else ""
    with pytest.MonkeyPatch.context() as patch:
        known = [links(engine, QUERY % optional, patch, long) for long in (HEADER, MUCH)]
    one, other = ({name: getattr(found, name) for name in Links.__slots__} for found in known)
    assert {name: _plain(value) for name, value in one.items()} == {n: _plain(v) for n, v in other.items()}


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


@pytest.fixture
def engine() -> Embedded:
    """Three thousand relations."""
    store = ox.Store()
    store.extend(
        ox.Quad(*(ox.NamedNode(f"http://e/{place}{number % most}") for place, most in PLACES))
        for number in range(3000)
    )
    return Embedded(store)


PLACES = (("s", 3000), ("p", 7), ("o", 11), ("g", 500))


def test_a_row_longer_than_a_block_is_read_all_the_same(
    engine: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbering, "BLOCK", 4096)
    text = QUERY % f"BIND('{'x' * 9999}' AS ?note)"
    assert len(links(engine, text, monkeypatch, HEADER)) == 3000


@pytest.mark.parametrize("few", [1, 500, 5000])
def test_terms_that_are_put_together_while_rows_are_read_are_the_same_terms(
    engine: Embedded, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(numbering, "BLOCK", 4096)
    monkeypatch.setattr(numbering, "_FEW", few)
    known = [links(engine, QUERY % "", monkeypatch, long) for long in (HEADER, MUCH)]
    one, other = ([_plain(getattr(found, name)) for name in Links.__slots__] for found in known)
    assert one == other


@pytest.mark.usefixtures("no_pyarrow")
def test_without_arrow_long_answers_are_read_too(engine: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(links(engine, QUERY % "", monkeypatch, HEADER)) == 3000


def test_what_the_engine_says_while_it_writes_is_said(
    engine: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaking(Embedded):
        def query(self, *_: Any, **__: Any) -> Any:
            raise EngineError("The service fell silent.")

    for long in (HEADER, MUCH):
        with pytest.raises(EngineError, match="fell silent"):
            links(Breaking(engine.store), QUERY % "", monkeypatch, long)
        with pytest.raises(InputError, match=r"selects \?source \?relation \?target"):
            links(engine, "SELECT ?s { ?s ?p ?o }", monkeypatch, long)
