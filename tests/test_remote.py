"""Engines elsewhere answer as the one in this process does, and their failures become one sentence."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import kg
from kg.cli import cli
from kg.engine.embedded import Embedded
from kg.engine.pushing import push
from kg.engine.remote import Remote
from kg.errors import EngineError, QuerySyntaxError
from kg.evidence.explanation import explain
from kg.questions import bind, find_question
from tests.virtuoso import free_port, is_installed, virtuoso, wait_for

OXIGRAPH = Path(sys.executable).with_name("oxigraph")
EMPTY = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'
JSON = "application/sparql-results+json"
ALL = "SELECT * { ?s ?p ?o }"


@pytest.fixture(scope="module")
def oxigraph() -> Iterator[Remote]:
    """A real Oxigraph server with the bundled data."""
    if not OXIGRAPH.exists():
        pytest.skip("the oxigraph server is not installed (pip install oxigraph)")
    port = free_port()
    with subprocess.Popen(
        [OXIGRAPH, "serve", "--bind", f"127.0.0.1:{port}"], stderr=subprocess.DEVNULL
    ) as run:
        try:
            wait_for(f"http://127.0.0.1:{port}/query?query=ASK%7B%7D", run)
            yield filled(f"http://127.0.0.1:{port}/query", f"http://127.0.0.1:{port}/update")
        finally:
            run.kill()


@pytest.fixture(scope="module")
def openlink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """A real Virtuoso with the bundled data."""
    if not is_installed():
        pytest.skip("Virtuoso is not installed (Debian: virtuoso-opensource-7)")
    with virtuoso(tmp_path_factory.mktemp("virtuoso")) as url:
        yield filled(url, url)


def filled(url: str, update_url: str) -> Remote:
    graph = kg.open()
    remote = Remote(url, graph.engine.prefixes, update_url=update_url)
    assert isinstance(graph.engine, Embedded)
    assert [delivery for delivery in push(graph.engine.store, remote) if not delivery.is_complete] == []
    return remote


def same_answers(remote: Remote) -> None:
    here, there = kg.open(), kg.Graph(remote, kg.open().project)
    assert {name for name in here.questions() if differs(here, there, name)} == set()


def differs(here: kg.Graph, there: kg.Graph, question: str) -> bool:
    try:
        return bag(here, question) != bag(there, question)
    except EngineError:
        return True


def bag(graph: kg.Graph, question: str) -> Counter[tuple[str, ...]]:
    return Counter(tuple(map(str, row)) for row in graph.query(question))


def test_an_oxigraph_server_answers_every_question_alike(oxigraph: Remote) -> None:
    same_answers(oxigraph)


def test_the_evidence_from_an_oxigraph_server_is_the_same(oxigraph: Remote) -> None:
    # Of 5,000 members an engine gives any 1,000 first.
    same_evidence(oxigraph, frozenset(["facts-encoded"]))


@pytest.mark.virtuoso
def test_the_evidence_from_virtuoso_is_the_same(openlink: Remote) -> None:
    # Virtuoso gives no more than 10,000 rows: too few for all members of the largest groups.
    same_evidence(openlink, frozenset(["facts-encoded", "sources"]))


def same_evidence(remote: Remote, known: frozenset[str] = frozenset()) -> None:
    here, there = kg.open(), kg.Graph(remote, kg.open().project)
    names = [name for name in here.questions() if name not in known]
    assert [name for name in names if first_evidence(there, name) != first_evidence(here, name)] == []


def first_evidence(graph: kg.Graph, name: str) -> tuple[str, list[list[tuple[str, list[str]]]]]:
    """The status, and each witness's statements with their passages, of the row that sorts first."""
    question = find_question(graph.project.query_files(), name)
    found = explain(graph.engine, question.text, bind(question, {}, graph.engine, graph.project))
    row = min(range(len(found.rows)), key=lambda number: str(found.rows[number]))
    evidence = found.evidence(row)
    witnesses = (
        sorted((str(s.triple), sorted(map(str, s.passages))) for s in witness.statements)
        for witness in evidence.witnesses
    )
    return evidence.status, sorted(witnesses)


@pytest.mark.virtuoso
def test_virtuoso_answers_every_question_alike(openlink: Remote) -> None:
    same_answers(openlink)


@pytest.mark.virtuoso
def test_a_union_default_graph_is_found_and_replaced(openlink: Remote) -> None:
    assert openlink.profile.union
    assert openlink.graph_names() == kg.open().engine.graph_names()


def test_an_export_from_elsewhere_is_the_same_file(oxigraph: Remote, tmp_path: Path) -> None:
    project = kg.open().project
    kg.open().export(tmp_path / "here.trig")
    kg.Graph(oxigraph, project).export(tmp_path / "there.trig")
    assert (tmp_path / "here.trig").read_bytes() == (tmp_path / "there.trig").read_bytes()


@pytest.mark.parametrize("name", ["people", "trials"])
def test_a_projection_from_elsewhere_is_the_same_graph(oxigraph: Remote, name: str) -> None:
    here = kg.open()
    there = kg.Graph(oxigraph, here.project)
    assert list(there.projection(name).edges()) == list(here.projection(name).edges())
    assert list(there.projection(name).nodes()) == list(here.projection(name).nodes())


def test_a_syntax_error_elsewhere_has_line_and_column(oxigraph: Remote) -> None:
    with pytest.raises(QuerySyntaxError, match="line 1, column 21"):
        oxigraph.query("SELECT * { ?s FILTER }")


def test_the_command_line_asks_an_endpoint(oxigraph: Remote) -> None:
    command = ["query", "ASK { mt:nikolai-bukharin a kg:Person }", "--endpoint", oxigraph.url]
    assert CliRunner().invoke(cli, command).output == "yes\n"
