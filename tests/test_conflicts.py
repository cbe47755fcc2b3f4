"""Conflicts come from the ontology's declarations; a coarser date that contains a finer one is none."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.conflicts import Conflict, conflicts
from kg.corroboration import corroborate
from kg.graph import Graph
from kg.timeline import timeline

ROOT = Path(__file__).parent.parent
HEAD = """
@prefix kg: <https://w3id.org/kg-footnote/ontology#> . @prefix e: <http://example.org/> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
GRAPH kg:provenance {
  e:p1 a kg:Passage ; dcterms:isPartOf e:s1 ; kg:standing kg:Asserted . e:s1 dcterms:title "One" ; kg:family e:f1 .
  e:p2 a kg:Passage ; dcterms:isPartOf e:s2 ; kg:standing kg:Asserted . e:s2 dcterms:title "Two" ; kg:family e:f2 .
  e:p3 a kg:Passage ; dcterms:isPartOf e:s3 ; kg:standing kg:Asserted . e:s3 dcterms:title "Three" ; kg:family e:f2 .
  e:p4 a kg:Passage ; dcterms:isPartOf e:s4 ; kg:standing kg:Alleged . e:s4 dcterms:title "Four" ; kg:family e:f4 .
}
"""
SHIPPED = kg.open(ROOT)


def opened(folder: Path, body: str) -> Graph:
    (folder / "facts").mkdir()
    (folder / "facts" / "facts.trig").write_text(HEAD + body, encoding="utf-8")
    return kg.open(folder)


def found(folder: Path, body: str) -> list[Conflict]:
    return conflicts(opened(folder, body).engine)


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ('kg:date "1938"^^xsd:gYear', 'kg:date "1938-03-15"^^xsd:date', False),
        ('kg:date "1938-03"^^xsd:gYearMonth', 'kg:date "1938-04-15"^^xsd:date', True),
        ('kg:date "1937/1938"^^kg:edtf', 'kg:date "1938-03-15"^^xsd:date', False),
        ("kg:value 20", "kg:value 10", True),
        ('kg:penalty "death"', 'kg:penalty "Death "', False),
        ("kg:presidingJudge e:a", "kg:presidingJudge e:b", True),
        ("kg:judge e:a", "kg:judge e:b", False),
        ("a kg:Execution", "a kg:DeathInCustody", True),
        ("a kg:Execution", "a kg:Death", False),
        ("kg:defendant e:a", "kg:excluded e:a", True),
        ("kg:defendant e:a", "kg:excluded e:b", False),
    ],
)
def test_what_contradicts_what(tmp_path: Path, one: str, other: str, conflict: bool) -> None:
    assert bool(found(tmp_path, f"e:p1 {{ e:x {one} }} e:p2 {{ e:x {other} }}")) == conflict


def test_a_place_and_the_place_it_is_in_agree(tmp_path: Path) -> None:
    body = "e:p1 { e:x kg:place e:town } e:p2 { e:x kg:place e:land } kg:curated { e:town dcterms:isPartOf e:land }"
    assert found(tmp_path, body) == []


def test_death_does_not_come_before_birth_whoever_says_so(tmp_path: Path) -> None:
    body = """e:p1 { e:b kg:born e:x ; kg:date "1890"^^xsd:gYear } e:p2 { e:d kg:deceased e:x ; kg:date "1880"^^xsd:gYear }"""
    assert [conflict.kind for conflict in found(tmp_path, body)] == ["order"]


def test_one_person_has_one_birth(tmp_path: Path) -> None:
    assert [c.kind for c in found(tmp_path, "e:p1 { e:b kg:born e:x } e:p2 { e:c kg:born e:x }")] == [
        "inverse"
    ]


def test_the_editors_choice_stands_before_the_majority(tmp_path: Path) -> None:
    body = """e:p1 { e:x kg:value 1 } e:p2 { e:x kg:value 2 } e:p4 { e:x kg:value 2 }
        kg:curated { e:r a kg:Preference ; rdf:subject e:x ; rdf:predicate kg:value ; rdf:object 1 ; kg:reason "Seen."@en }"""
    first, second = found(tmp_path, body)[0].values
    assert (str(first.term), first.preferred, first.reason, first.families) == (
        str(ox.Literal(1)),
        True,
        "Seen.",
        1,
    )
    assert (second.preferred, second.families) == (False, 2)


def test_families_corroborate_once_and_allegations_never(tmp_path: Path) -> None:
    body = "e:p2 { e:x kg:judge e:a } e:p3 { e:x kg:judge e:a } e:p1 { e:y kg:judge e:a } e:p2 { e:y kg:judge e:a } e:p4 { e:x kg:judge e:a }"
    statements = corroborate(opened(tmp_path, body).engine)
    assert [(s.subject.value[-1], len(s.families), len(s.sources)) for s in statements] == [
        ("y", 2, 2),
        ("x", 1, 2),
    ]


def test_a_timeline_puts_contradicting_dates_side_by_side(tmp_path: Path) -> None:
    body = """e:p1 { e:x kg:date "1938-03-15"^^xsd:date } e:p2 { e:x kg:date "1937"^^xsd:gYear . e:y kg:date "1937-06"^^xsd:gYearMonth }"""
    moments = timeline(opened(tmp_path, body).engine)
    assert [(m.event.value[-1], m.date.value, m.disputed) for m in moments] == [
        ("x", "1937", True),
        ("x", "1938-03-15", True),
        ("y", "1937-06", False),
    ]


def test_the_shipped_data_has_at_least_85_of_the_90_listed_disagreements() -> None:
    listed = json.loads((ROOT / "facts/moscow-trials/sources/trials_facts.json").read_text())["disagreements"]
    assert len(listed) == 90
    assert len(conflicts(SHIPPED.engine)) >= 85


def test_may_1988_is_contradicted() -> None:
    radek = conflicts(SHIPPED.engine, SHIPPED.resolve("karl-radek"))
    dates = {value.term.value for c in radek for value in c.values if isinstance(value.term, ox.Literal)}
    assert {"1988-05", "1988-06-13"} <= dates
