"""The saved questions and projections that ship: each parses, answers, and explains itself."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.questions import read_question
from kg.vocab import CURATED

ROOT = Path(__file__).parent.parent
G = kg.open(ROOT)
QUESTIONS = G.questions()
PROJECTIONS = sorted((ROOT / "queries" / "projections").glob("*.rq"))


def test_there_are_at_least_25_questions() -> None:
    assert len(QUESTIONS) >= 25


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_answers_with_its_defaults(name: str) -> None:
    assert len(G.query(name)) > 0


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_says_what_it_is(name: str) -> None:
    question = QUESTIONS[name]
    assert question.title.endswith("?")
    assert question.description.endswith(".")
    assert all(parameter.description and parameter.default for parameter in question.parameters)


def test_titles_tell_questions_apart() -> None:
    assert len({question.title for question in QUESTIONS.values()}) == len(QUESTIONS)


@pytest.mark.parametrize("path", PROJECTIONS, ids=lambda path: path.stem)
def test_every_projection_yields_relations_that_have_a_name(path: Path) -> None:
    result = G.query(read_question(path).text)
    assert {"source", "relation", "target", "passage"} <= set(result.variables)
    assert len(result) > 0
    for relation in {row["relation"] for row in result}:
        assert isinstance(relation, ox.NamedNode)
        assert G.query(f"ASK {{ {relation} rdfs:label ?label }}"), relation


@pytest.mark.parametrize("path", PROJECTIONS, ids=lambda path: path.stem)
def test_every_edge_of_a_projection_stands_in_a_recorded_passage_or_is_curated(path: Path) -> None:
    known = {row["p"] for row in G.query("SELECT ?p { GRAPH kg:provenance { ?p a kg:Passage } }")}
    known.add(ox.NamedNode(CURATED))
    assert {row["passage"] for row in G.query(read_question(path).text)} <= known
