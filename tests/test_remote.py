"""Engines elsewhere answer as the one in this process does: rows, evidence, graphs and every command."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

import kg
from kg.cli import cli
from kg.engine.remote import Remote
from kg.errors import EngineError, QuerySyntaxError
from kg.evidence.explanation import explain
from kg.evidence.options import Options
from kg.questions import bind, find_question
from tests.elsewhere import filled, oxigraph_server
from tests.virtuoso import running

COMMANDS = """
query share -f json
query ASK{mt:nikolai-bukharin<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>kg:Person} --evidence
query executed-after-verdict --evidence
query tried --without mt:legacy
query tried --only mt:legacy --evidence
describe bukharin
describe mt:legacy
conflicts bukharin
corroborate bukharin
timeline
find Бухарин
why executed
path trotsky yagoda
rank
analyze communities
export -f nq
export -f turtle
"""


def test_every_question_has_the_same_rows(trials: kg.Graph, elsewhere: Remote) -> None:
    there = kg.Graph(elsewhere, trials.project)
    assert {name for name in trials.questions() if differs(trials, there, name)} == set()


def differs(here: kg.Graph, there: kg.Graph, question: str) -> bool:
    try:
        return bag(here, question) != bag(there, question)
    except EngineError:
        return True


def bag(graph: kg.Graph, question: str) -> Counter[tuple[str, ...]]:
    return Counter(tuple(map(str, row)) for row in graph.query(question))


def test_every_question_has_the_same_evidence(trials: kg.Graph, elsewhere: Remote) -> None:
    there = kg.Graph(elsewhere, trials.project)
    assert [
        name for name in trials.questions() if first_evidence(there, name) != first_evidence(trials, name)
    ] == []


def first_evidence(graph: kg.Graph, name: str) -> tuple[str, list[list[tuple[str, list[str]]]]]:
    """The status, and each witness's statements with their passages, of the row that sorts first."""
    question = find_question(graph.project.query_files(), name)
    # All members: of more than 1,000 an engine gives any 1,000 first.
    bound, options = bind(question, {}, graph.engine, graph.project), Options(max_members=20_000)
    found = explain(graph.engine, question.text, bound, options=options)
    row = min(range(len(found.rows)), key=lambda number: str(found.rows[number]))
    evidence = found.evidence(row)
    witnesses = (
        sorted((str(s.triple), sorted(map(str, s.passages))) for s in witness.statements)
        for witness in evidence.witnesses
    )
    return evidence.status, sorted(witnesses)


@pytest.mark.virtuoso
def test_a_union_default_graph_is_found_and_replaced(openlink: Remote, trials: kg.Graph) -> None:
    assert openlink.profile.union
    assert openlink.graph_names() == trials.engine.graph_names()


def test_an_export_from_elsewhere_is_the_same_file(
    elsewhere: Remote, trials: kg.Graph, tmp_path: Path
) -> None:
    trials.export(tmp_path / "here.trig")
    kg.Graph(elsewhere, trials.project).export(tmp_path / "there.trig")
    assert (tmp_path / "here.trig").read_bytes() == (tmp_path / "there.trig").read_bytes()


def test_every_projection_from_elsewhere_is_the_same_graph(elsewhere: Remote, trials: kg.Graph) -> None:
    there = kg.Graph(elsewhere, trials.project)
    for file in trials.project.projection_files():
        here_, there_ = trials.projection(file.stem), there.projection(file.stem)
        assert list(there_.edges()) == list(here_.edges()), file.stem
        assert list(there_.nodes()) == list(here_.nodes()), file.stem


def test_a_page_from_elsewhere_is_the_same_file(elsewhere: Remote, tmp_path: Path) -> None:
    for name, options in (("here", []), ("there", ["--endpoint", elsewhere.url])):
        CliRunner().invoke(cli, ["view", "trials", "-o", str(tmp_path / f"{name}.html"), *options])
    assert (tmp_path / "here.html").read_bytes() == (tmp_path / "there.html").read_bytes()


@pytest.mark.parametrize("command", COMMANDS.strip().splitlines())
def test_every_command_asks_an_endpoint(elsewhere: Remote, command: str) -> None:
    words = command.split()
    here = CliRunner().invoke(cli, words)
    there = CliRunner().invoke(cli, [*words, "--endpoint", elsewhere.url])
    assert here.exit_code == there.exit_code == 0
    assert there.stdout == here.stdout


@pytest.mark.virtuoso
def test_what_is_more_than_an_engine_gives_at_once_comes_in_pages(openlink: Remote, trials: kg.Graph) -> None:
    everything = "SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }"
    here, there = (
        Counter(map(tuple, engine.query(everything)))  # type: ignore[arg-type]  # rows
        for engine in (trials.engine, openlink)
    )
    assert there == here
    assert there.total() > 10_000


@pytest.mark.virtuoso
def test_what_is_constructed_and_cut_without_a_word_is_refused(openlink: Remote) -> None:
    with pytest.raises(EngineError, match="no more than 10000 rows"):
        openlink.query("CONSTRUCT { ?s ?p ?o } { GRAPH ?g { ?s ?p ?o } }")


@pytest.mark.virtuoso
def test_an_export_is_whole_where_an_engine_gives_little_at_once(trials: kg.Graph, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with running(tmp_path / "server", {("SPARQL", "ResultSetMaxRows"): "1000"}) as server:
        server.tell('GRANT SPARQL_UPDATE TO "SPARQL";')
        there = kg.Graph(filled(server.endpoint, server.endpoint), trials.project)
        for ending in ("ttl", "trig"):
            trials.export(tmp_path / f"here.{ending}")
            there.export(tmp_path / f"there.{ending}")
            assert (tmp_path / f"there.{ending}").read_bytes() == (tmp_path / f"here.{ending}").read_bytes()


def test_a_check_over_the_default_graph_and_the_bookkeeping_is_the_same(elsewhere: Remote) -> None:
    here = CliRunner().invoke(cli, ["check"])
    assert CliRunner().invoke(cli, ["check", "--endpoint", elsewhere.url]).stdout == here.stdout


def test_a_syntax_error_elsewhere_has_line_and_column(elsewhere: Remote) -> None:
    with pytest.raises(QuerySyntaxError, match="line 1, column 21"):
        elsewhere.query("SELECT * { ?s FILTER }")


def test_a_statement_in_a_graph_without_a_name_is_no_departure_of_the_engine() -> None:
    with oxigraph_server() as address:
        remote = Remote(f"{address}/query", {}, update_url=f"{address}/update")
        remote.update("INSERT { GRAPH ?g { <urn:a> <urn:p> <urn:b> } } WHERE { BIND(BNODE() AS ?g) }")
        found = explain(remote, "SELECT * { GRAPH ?g { ?s ?p ?o } }").evidence(0)
    assert found.status == "supported"
