"""Projections: queries become graphs whose edges carry their passages, dates, standing and contradictions."""

from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest

import kg
from kg.engine.embedded import Embedded
from kg.errors import InputError, NotAllowedError, QuerySyntaxError, UnknownNameError
from kg.projection import Edge, Node, Projection, project, scalars, to_networkx
from kg.vocab import PREFIXES
from tests.conftest import PREFIXES as TURTLE_PREFIXES

EX = "https://example.org/letters/"
WROTE = "SELECT ?source ?relation ?target { ?source ?relation ?target FILTER(?relation = ex:wroteTo) }"


def made(facts: str, query: str) -> Projection:
    """Project a query on a few facts in TriG, as they would be loaded."""
    store = ox.Store()
    quads = list(ox.parse(TURTLE_PREFIXES + facts, format=ox.RdfFormat.TRIG))
    store.extend(quads)
    kept = (quad for quad in quads if quad.graph_name != ox.NamedNode(PREFIXES["kg"] + "provenance"))
    store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in kept)
    return project(Embedded(store, {**PREFIXES, "ex": EX}), query)


def only_edge(projection: Projection) -> Edge:
    """Return the single edge."""
    (edge,) = projection.edges()
    return edge


def node(projection: Projection, name: str) -> Node:
    """Return a thing by its short name."""
    return next(found for found in projection.nodes() if found.id == EX + name)


def test_nodes_are_iris_with_labels_and_edges_carry_every_passage(graph: kg.Graph) -> None:
    found = to_networkx(project(graph.engine, WROTE))
    assert found.nodes[EX + "anna"]["label"] == "Anna"
    edge = found.edges[EX + "anna", EX + "boris", EX + "wroteTo"]
    assert [passage["quote"] for passage in edge["passages"]] == [
        "Анна wrote to Борис in May 1901.",
        "Boris never answered 🙂",
    ]


def test_a_construct_query_is_a_projection(graph: kg.Graph) -> None:
    found = graph.to_networkx("CONSTRUCT { ?a ex:knows ?b } { ?a ex:wroteTo ?b }")
    assert list(found.edges(keys=True)) == [(EX + "anna", EX + "boris", EX + "knows")]


def test_edges_and_names_are_in_the_order_of_their_iris_whatever_the_engine_does(trials: kg.Graph) -> None:
    found = list(trials.projection("main").edges())
    assert found == sorted(found, key=lambda edge: (edge.source, edge.target, edge.relation))


def test_literals_and_blank_nodes_are_no_things_and_it_is_said(graph: kg.Graph) -> None:
    query = """SELECT ?source ?relation ?target { VALUES (?source ?relation ?target) {
        (ex:anna ex:knows ex:boris) (ex:anna ex:knows "Boris") (ex:anna ex:knows 7) (UNDEF ex:knows ex:boris)
    } }"""
    found = graph.projection(query)
    assert len(found) == 1
    assert found.notes == [
        "2 rows with a literal where a thing should be were left out",
        "1 row without a source, a relation or a target was left out",
    ]
    blank = made("ex:a ex:knows [] .", "CONSTRUCT { ?a ?r ?b } { ?a ?r ?b }")
    assert blank.notes == ["1 row with a blank node, which has no name to be known by was left out"]


def test_a_triple_is_no_thing() -> None:
    query = "SELECT (<<(ex:a ex:b ex:c)>> AS ?source) ?relation ?target { ?target ?relation ex:b }"
    assert made("ex:a ex:knows ex:b .", query).notes == [
        "1 row with a triple where a thing should be was left out"
    ]


def test_text_with_tabs_and_line_breaks_splits_no_row() -> None:
    query = (
        'SELECT ?source ?relation ?target ?date { ?source ?relation ?target BIND("a\\tb\\nc\\"d" AS ?date) }'
    )
    assert only_edge(made("ex:a ex:knows ex:b .", query)).date == 'a\tb\nc"d'


def test_a_query_that_is_no_projection_says_what_one_is(graph: kg.Graph) -> None:
    for query in ("SELECT ?a { ?a ?b ?c }", "ASK {}"):
        with pytest.raises(InputError, match=r"\?source \?relation \?target"):
            project(graph.engine, query)


def test_an_unknown_projection_gets_the_nearest_names(trials: kg.Graph) -> None:
    with pytest.raises(UnknownNameError, match="main"):
        trials.to_networkx("mian")


def test_a_projection_with_nothing_is_an_empty_graph(graph: kg.Graph) -> None:
    found = graph.to_networkx("CONSTRUCT { ?a ex:knows ?b } { ?a ex:unheardOf ?b }")
    assert (len(found), found.number_of_edges()) == (0, 0)


def test_a_thing_without_a_label_is_known_by_its_curie() -> None:
    assert [
        found.label for found in made("ex:a ex:knows ex:b .", WROTE.replace("wroteTo", "knows")).nodes()
    ] == [
        "ex:a",
        "ex:b",
    ]


def test_the_class_of_a_thing_is_the_narrowest() -> None:
    facts = """ex:death a kg:Death , kg:Execution ; kg:deceased ex:anna .
        kg:Execution <http://www.w3.org/2000/01/rdf-schema#subClassOf> kg:Death ."""
    found = made(facts, "CONSTRUCT { ?a kg:deceased ?b } { ?a kg:deceased ?b }")
    assert node(found, "death").type == PREFIXES["kg"] + "Execution"


def test_an_edge_has_its_own_date_or_that_of_the_event_at_its_end() -> None:
    facts = (
        'ex:trial kg:start "1936-08-19"^^xsd:date ; kg:end "1936-08-24"^^xsd:date ; kg:defendant ex:anna .'
    )
    found = made(
        facts, "SELECT ?source ?relation ?target { ?source ?relation ?target FILTER(isIRI(?target)) }"
    )
    edge = only_edge(found)
    assert (edge.earliest, edge.latest) == ("1936-08-19", "1936-08-24")
    own = """SELECT ?source ?relation ?target ?date {
        ?source ?relation ?target FILTER(isIRI(?target)) BIND("1937"^^xsd:gYear AS ?date)
    }"""
    edge = only_edge(made(facts, own))
    assert (edge.date, edge.earliest, edge.latest) == ("1937", "1937-01-01", "1937-12-31")


def test_a_date_that_is_none_is_kept_as_text_without_days() -> None:
    query = "SELECT ?source ?relation ?target ?date { ?source ?relation ?target BIND(%s AS ?date) }"
    for text, shown in (
        ('"soon after"', "soon after"),
        ("12", "12"),
        ('"1938-02-31"^^xsd:date', "1938-02-31"),
    ):
        edge = only_edge(made("ex:a ex:knows ex:b .", query % text))
        assert (edge.date, edge.earliest) == (shown, "")


def test_a_person_has_the_years_of_birth_and_death() -> None:
    facts = """ex:anna ex:knows ex:boris .
        ex:birth kg:born ex:anna ; kg:date "1888-10-09"^^xsd:date , "1889"^^xsd:gYear .
        ex:death kg:deceased ex:anna ; kg:date "1938-03-15"^^xsd:date ."""
    anna = node(made(facts, WROTE.replace("wroteTo", "knows")), "anna")
    assert (anna.dates, anna.earliest) == ("1888 or 1889–1938", "")


def test_the_standing_of_an_edge_and_the_families_that_say_it(graph: kg.Graph) -> None:
    edge = only_edge(graph.projection(WROTE))
    assert (edge.standing, edge.families) == ("asserted, alleged", 1)
    alleged = graph.projection(WROTE.replace("wroteTo", "leftUnanswered"))
    assert (only_edge(alleged).standing, only_edge(alleged).families) == ("alleged", 0)


def test_an_edge_on_which_sources_disagree_is_marked(trials: kg.Graph) -> None:
    found = {
        (edge.source.rpartition("/")[2], edge.target.rpartition("/")[2]): edge.conflict
        for edge in trials.projection("trials").edges()
    }
    assert found["tukhachevsky-trial", "vasily-blyukher"]
    assert not found["nikolai-bukharin", "third-moscow-trial"]


def test_passages_are_found_on_any_engine_where_the_query_names_none(graph: kg.Graph) -> None:
    query = "CONSTRUCT { ?a ?r ?b } { VALUES ?r { ex:wroteTo ex:leftUnanswered } ?a ?r ?b }"
    assert [len(edge.passages) for edge in graph.projection(query).edges()] == [2, 1]


@pytest.mark.parametrize("ending", ["gexf", "graphml"])
def test_a_scalar_copy_is_written_and_read_back(trials: kg.Graph, tmp_path: Path, ending: str) -> None:
    found = trials.to_networkx()
    file = tmp_path / f"out.{ending}"
    getattr(nx, f"write_{ending}")(scalars(found), file)
    again = getattr(nx, f"read_{ending}")(file)
    assert set(found) == set(again)
    assert found.number_of_edges() == again.number_of_edges()
    assert isinstance(next(iter(found.edges(data=True)))[2]["passages"], list)


def test_every_shipped_projection_has_edges_with_words_behind_them(trials: kg.Graph) -> None:
    for path in trials.project.projection_files():
        found = trials.to_networkx(path.stem)
        quoted = [data for *_, data in found.edges(data=True) if data["passages"]]
        assert quoted, path.stem


def test_a_relation_that_the_query_makes_up_has_the_passages_it_was_made_from(trials: kg.Graph) -> None:
    construct = "CONSTRUCT { ?a kg:accusedBy ?b } { ?claim kg:accused ?a ; kg:by ?b }"
    select = """SELECT ?target ?source ?relation {
        ?claim kg:accused ?source ; kg:by ?target BIND(kg:accusedBy AS ?relation)
    }"""
    for query in (construct, select):
        found = list(trials.projection(query).edges())
        assert len(found) > 50
        assert all(edge.passages for edge in found)
        assert {edge.standing for edge in found} == {"alleged", "quoted", "asserted"}


def test_a_thing_that_sources_disagree_about_is_marked(trials: kg.Graph) -> None:
    marked = {found.label for found in trials.projection("main").nodes() if found.conflict}
    assert "Death of Vasily Blyukher" in marked
    assert "Nikolai Bukharin" not in marked


def test_an_engines_refusal_reaches_the_reader(trials: kg.Graph) -> None:
    with pytest.raises(NotAllowedError, match="allow-service"):
        trials.projection(
            "SELECT ?source ?relation ?target { SERVICE <http://127.0.0.1:1/> { ?source ?relation ?target } }"
        )
    with pytest.raises(QuerySyntaxError):
        trials.projection("SELECT ?source ?relation ?target { ?source")


def test_every_shipped_projection_has_a_small_picture_in_the_documentation(trials: kg.Graph) -> None:
    docs = Path(__file__).parent.parent / "docs"
    shown = (docs / "graph.md").read_text(encoding="utf-8")
    for name in trials.projections():
        assert f"pictures/{name}.png" in shown
        assert 20_000 < (docs / "pictures" / f"{name}.png").stat().st_size < 200_000
