"""Saved questions: headers, parameters, and what is said of bad ones."""

from pathlib import Path

import pytest

import kg
from kg.errors import InputError, ParameterError, UnknownNameError
from kg.questions import read_question


def test_a_question_has_title_description_and_typed_parameters(graph: kg.Graph) -> None:
    question = graph.questions()["who-wrote"]
    assert question.title == "Who wrote to whom?"
    assert [(p.name, p.kind, p.default) for p in question.parameters] == [("writer", "entity", "anna")]


def test_a_parameter_narrows_the_answer(graph: kg.Graph) -> None:
    assert len(graph.query("who-wrote", writer="anna").rows) == 1
    assert len(graph.query("who-wrote", writer="boris").rows) == 0


def test_an_unknown_question_gets_the_nearest(graph: kg.Graph) -> None:
    with pytest.raises(UnknownNameError, match="Nearest: who-wrote"):
        graph.query("who-wrot")


def test_an_unknown_parameter_is_refused(graph: kg.Graph) -> None:
    with pytest.raises(ParameterError, match="no parameter 'reader'; it has: writer"):
        graph.query("who-wrote", reader="boris")


@pytest.mark.parametrize(
    ("kind", "bad"), [("date", "15 March"), ("year", "last"), ("integer", "1.5"), ("date", "1938-02-30")]
)
def test_a_value_of_the_wrong_type_is_refused_with_an_example(letters: Path, kind: str, bad: str) -> None:
    file = letters / "queries" / "typed.rq"
    file.write_text(f"#+ param v: {kind} -- A value.\nSELECT ?v {{ VALUES ?v {{ 1 }} }}\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="write it like"):
        kg.open(letters).query("typed", v=bad)


def test_a_missing_value_is_asked_for(letters: Path) -> None:
    file = letters / "queries" / "typed.rq"
    file.write_text("#+ param v: integer\nSELECT ?v { VALUES ?v { 1 } }\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="--param v=VALUE"):
        kg.open(letters).query("typed")


def test_a_header_line_nobody_understands_is_named(tmp_path: Path) -> None:
    file = tmp_path / "q.rq"
    file.write_text("#+ titel: A slip\nASK {}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"q\.rq, line 1"):
        read_question(file)
