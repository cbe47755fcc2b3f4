"""The facts of the text "Legacy": every quotation exact, every number, name and date found."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.passages import Passage, lookup

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "facts/moscow-trials/sources/legacy.txt").read_bytes().decode()
G = kg.open(ROOT)
MT = "https://w3id.org/kg-footnote/moscow-trials/"


def iris(query: str) -> list[ox.NamedNode]:
    return [term for row in G.query(query) for term in row if isinstance(term, ox.NamedNode)]


STRETCHES = [
    iri
    for iri in iris("SELECT ?p { GRAPH kg:provenance { ?p dcterms:isPartOf mt:legacy } }")
    if re.fullmatch(r".*/legacy-\d\d", iri.value)
]
PASSAGES = lookup(G.engine, iris("SELECT ?p { GRAPH kg:provenance { ?p dcterms:isPartOf mt:legacy } }"))


def passage(name: str) -> Passage:
    return PASSAGES[ox.NamedNode(MT + name)]


def test_the_text_has_24_stretches_and_each_is_a_passage() -> None:
    assert sorted(iri.value for iri in STRETCHES) == [f"{MT}legacy-{n:02}" for n in range(1, 25)]


def test_the_stretches_cover_every_word_of_the_text() -> None:
    rest = list(TEXT)
    for iri in STRETCHES:
        found = PASSAGES[iri]
        rest[found.start : found.end] = " " * (found.end - found.start)
    assert not re.search(r"\w", "".join(rest))


@pytest.mark.parametrize("found", PASSAGES.values(), ids=lambda p: p.id.rpartition("/")[2])
def test_offsets_reproduce_the_quoted_words_and_their_surroundings(found: Passage) -> None:
    assert TEXT[found.start : found.end] == found.quote
    assert TEXT[: found.start].endswith(found.before)
    assert TEXT[found.end :].startswith(found.after)


def test_nothing_is_wrong_with_the_facts() -> None:
    assert [finding for finding in G.check().findings if finding.level == "error"] == []


def test_only_the_heading_carries_no_fact() -> None:
    rows = G.query("passages-without-facts").rows
    assert [row["passage"] for row in rows] == [ox.NamedNode(MT + "legacy-01")]


def test_files_of_facts_have_no_blank_node_and_nothing_outside_a_graph() -> None:
    for path in (ROOT / "facts").rglob("*.trig"):
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TRIG):
            assert not isinstance(quad.graph_name, ox.DefaultGraph), quad
            assert not isinstance(quad.subject, ox.BlankNode), quad
            assert not isinstance(quad.object, ox.BlankNode), quad


def test_everything_that_a_statement_names_has_a_label() -> None:
    query = f"""SELECT DISTINCT ?thing {{
        {{ ?thing ?p ?o }} UNION {{ ?s ?q ?thing FILTER(isIRI(?thing)) }}
        FILTER(STRSTARTS(STR(?thing), "{MT}"))
        FILTER NOT EXISTS {{ ?thing rdfs:label ?label }} }}"""
    assert iris(query) == []


def test_no_charge_is_a_statement_about_the_accused() -> None:
    assert not G.query("ASK { ?who a kg:Person ; kg:charge ?charge }")


def test_no_file_of_facts_states_a_shortcut() -> None:
    query = """SELECT ?p { ?s ?p ?o . ?p rdfs:comment ?c FILTER(STRSTARTS(?c, "A shortcut")) }"""
    assert iris(query) == []


SAID = (Path(__file__).parent / "data" / "legacy_said.txt").read_text(encoding="utf-8")
CASES = [
    tuple(part.strip() for part in line.split("|")) for line in SAID.splitlines() if not line.startswith("#")
]


def matches(term: object, wanted: str) -> bool:
    wanted = wanted.replace("%20", " ").replace("kg:", "https://w3id.org/kg-footnote/ontology#")
    return isinstance(term, ox.Literal | ox.NamedNode) and term.value in {wanted, MT + wanted}


@pytest.mark.parametrize(("words", "question", "row", "where"), CASES, ids=[case[0] for case in CASES])
def test_what_the_text_says_is_found_with_the_words_that_say_it(
    words: str, question: str, row: str, where: str
) -> None:
    expected = dict(part.split("=", 1) for part in row.split(" "))
    rows = [found.as_dict() for found in G.query(question)]
    assert any(all(matches(found.get(name), value) for name, value in expected.items()) for found in rows)
    assert words in passage(where).quote
    stated = [
        term for triple in G.query(f"SELECT * {{ GRAPH mt:{where} {{ ?s ?p ?o }} }}") for term in triple
    ]
    assert any(matches(term, value) for value in expected.values() for term in stated)


def test_every_number_and_every_name_of_the_text_is_among_those_cases() -> None:
    proven = " ".join(case[0] for case in CASES)
    numbers = set(re.findall(r"\d[\d,]*\d|\d", TEXT))
    names = set(re.findall(r"(?<=[a-z,] )[A-Z][A-Za-z]+", TEXT)) - {"Legacy"}
    assert {token for token in numbers | names if token not in proven} == set()
