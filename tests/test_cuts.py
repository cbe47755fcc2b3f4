"""Cuts: a part of a projection, and in words what is gone."""

import pytest

import kg
from kg.errors import InputError, UnknownNameError
from kg.projection import Projection
from kg.projection.cuts import best_connected

CHAIN = """SELECT ?source ?relation ?target ?date { VALUES (?source ?target ?date) {
    (ex:a ex:b "1936"^^xsd:gYear) (ex:b ex:c "1938-03"^^xsd:gYearMonth) (ex:c ex:d UNDEF) (ex:e ex:e UNDEF)
} BIND(ex:knows AS ?relation) }"""
WRITTEN = """SELECT ?source ?relation ?target {
    VALUES ?relation { ex:wroteTo ex:leftUnanswered } ?source ?relation ?target
}"""


def pairs(projection: Projection) -> list[str]:
    """The ends of each edge by their short names."""
    return ["".join(end.rpartition("/")[2] for end in edge[:2]) for edge in projection.edges()]


@pytest.mark.parametrize(
    ("hops", "kept"), [(0, []), (1, ["ab", "bc"]), (2, ["ab", "bc", "cd"]), (9, ["ab", "bc", "cd"])]
)
def test_around_a_thing_are_those_some_steps_away(graph: kg.Graph, hops: int, kept: list[str]) -> None:
    graph.engine.update("INSERT DATA { ex:b ex:is ex:known }")
    found = graph.projection(CHAIN, around="b", hops=hops)
    assert pairs(found) == kept
    gone = 4 - len(kept)
    assert found.notes == [
        f"{gone} of 4 relations further than {hops} step{'' if hops == 1 else 's'} from ex:b"
    ]


def test_years_keep_what_may_have_been_in_them_and_what_has_no_date(graph: kg.Graph) -> None:
    found = graph.projection(CHAIN, from_=1937, to=1938)
    assert pairs(found) == ["bc", "cd", "ee"]
    assert found.notes == [
        "1 of 4 relations outside of the years 1937 to 1938",
        "2 relations without a date kept",
    ]
    assert pairs(graph.projection(CHAIN, to=1937)) == ["ab", "cd", "ee"]


def test_hidden_is_what_rests_on_that_standing_alone(graph: kg.Graph) -> None:
    found = graph.projection(WRITTEN, hide="alleged")
    assert pairs(found) == ["annaboris"]
    assert found.notes == ["1 of 2 relations hidden: only alleged"]
    assert pairs(graph.projection(WRITTEN, hide=["alleged", "asserted"])) == []


def test_some_sources_alone_make_another_projection(trials: kg.Graph) -> None:
    found = trials.projection("trials", only="legacy")
    assert {passage.title for edge in found.edges() for passage in edge.passages} == {"Legacy"}
    assert found.notes == ["as if only legacy existed"]
    without = trials.projection("trials", without=["legacy"])
    assert "Legacy" not in {passage.title for edge in without.edges() for passage in edge.passages}


def test_cuts_that_make_no_sense_are_refused_in_words(graph: kg.Graph) -> None:
    with pytest.raises(UnknownNameError, match="asserted"):
        graph.projection(WRITTEN, hide="rumoured")
    with pytest.raises(InputError, match="turn them round"):
        graph.projection(WRITTEN, from_=1938, to=1936)
    with pytest.raises(InputError, match="has no relation"):
        graph.projection(CHAIN, around="anna")


def test_a_picture_has_the_best_connected_and_says_what_is_left_out(trials: kg.Graph) -> None:
    whole = trials.projection("people")
    shown = best_connected(whole, 20, 50)
    assert (len(shown.links.things) <= 20, len(shown)) == (True, 50)
    assert max(whole.nodes(), key=lambda node: node.degree).id in shown.links.things
    assert shown.notes == [
        f"{209 - len(shown.links.things)} of 209 things and 826 of 876 relations left out, "
        "the least connected: a picture has no room for them"
    ]
    assert best_connected(whole, 209, 876) is whole
