"""What an engine does where engines differ is found out once, and kept for a week."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

import kg
from kg.cli import cli
from kg.engine import Engine
from kg.engine.embedded import Embedded
from kg.engine.probe import Profile, probe
from kg.engine.profiles import remember, remembered
from kg.engine.remote import Remote
from tests.elsewhere import oxigraph_server
from tests.services import answering, reply, service

URL = "http://example.org/sparql"
ROWS = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"urn:a"}}]}}'
EVERY = "SELECT?s{?s?p?o}"
TRUTH = b'{"head":{},"boolean":true}'
KNOWN = Profile(server="Archive/1", union=True, batch=77)


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def asked_twice(engine: Engine) -> tuple[Profile, int]:
    """What a service tells of itself, and how many questions it takes to be told the same again."""
    calls: list[str] = []
    answer = answering(engine)

    def counted(handler: BaseHTTPRequestHandler, call: int) -> None:
        calls.append(handler.command)
        answer(handler, call)

    with service(counted) as remote:
        first = Remote(remote.url).profile
        asked = len(calls)
        assert Remote(remote.url).profile == first
        return first, len(calls) - asked


def test_what_was_found_out_is_remembered() -> None:
    remember(URL, KNOWN)
    assert remembered(URL, "Archive/1") == KNOWN


def test_another_server_at_the_same_address_is_asked_anew() -> None:
    remember(URL, KNOWN)
    assert remembered(URL, "Archive/2") is None


def test_what_is_older_than_a_week_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    remember(URL, KNOWN)
    monkeypatch.setattr(time, "time", lambda: 1e12)
    assert remembered(URL, "Archive/1") is None


@pytest.mark.parametrize("content", ["", "{}", '{"until": 1e12, "profile": {"older": 1}}', "[]"])
def test_what_another_version_has_written_is_no_profile(tmp_path: Path, content: str) -> None:
    remember(URL, KNOWN)
    next(tmp_path.rglob("*.json")).write_text(content)
    assert remembered(URL, "Archive/1") is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    remember(URL, KNOWN)
    assert remembered(URL, "Archive/1") is None


def test_an_endpoint_without_named_graphs_is_asked_again_only_whether_it_has_some() -> None:
    first, again = asked_twice(Embedded(ox.Store()))
    assert (first.union, again) == (None, 3)


def test_an_engine_that_has_got_its_data_is_judged_anew() -> None:
    with oxigraph_server("--union-default-graph") as address:
        remote = Remote(f"{address}/query", update_url=f"{address}/update")
        assert (remote.profile.union, remote.profile.counts_twice) == (None, None)
        remote.update(
            "INSERT DATA { GRAPH <urn:a> { <urn:s> <urn:p> <urn:o> } }; "
            "INSERT DATA { GRAPH <urn:b> { <urn:s> <urn:p> <urn:o> } }"
        )
        found = Remote(f"{address}/query").profile
    assert (found.union, found.counts_twice) == (True, True)


@pytest.mark.parametrize(
    "question",
    [
        "SELECT ?o { ?s ?p ?o }",
        "SELECT ?o { ?s ?p ?o OPTIONAL { GRAPH ?g { ?s ?q ?o } } }",
        "SELECT ?o { { GRAPH <urn:g> { SELECT ?o { ?s ?p ?o } } } UNION { ?s ?p ?o } }",
    ],
)
def test_an_engine_that_knows_no_graphs_can_be_asked(question: str) -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:p"), ox.Literal("b")))
    answer = answering(Embedded(store))

    def triples_alone(handler: BaseHTTPRequestHandler, call: int) -> None:
        if "GRAPH" in handler.path or "FROM" in handler.path:
            reply(handler, b"QuadsOperationInTriplesModeException", status=500)
        else:
            answer(handler, call)

    with service(triples_alone) as remote:
        asked = CliRunner().invoke(cli, ["query", question, "--evidence", "--endpoint", remote.url])
    assert asked.stdout.startswith("o\tevidence\nb\tno source stated")


@pytest.mark.parametrize("body", [ROWS, TRUTH])
@pytest.mark.parametrize(
    "command", ["query SELECT?s{?s?p?o} --evidence", "export -f nq", "describe x", "check"]
)
def test_a_service_that_answers_the_same_to_anything_is_told_so(body: bytes, command: str) -> None:
    with service(lambda handler, _: reply(handler, body)) as remote:
        asked = CliRunner().invoke(cli, [*command.split(), "--endpoint", remote.url])
    assert "answered something else than it was asked" in str(asked.exception)


def test_our_own_engine_is_found_to_do_what_it_does(trials: kg.Graph) -> None:
    found = probe(trials.engine.query, "")
    assert (found.union, found.counts_twice, found.exact_division) == (False, False, True)
    assert (found.zero_length, found.joins_languages, found.years_are_dates) == (False, True, False)


def test_an_endpoint_is_probed_once(trials: kg.Graph) -> None:
    assert asked_twice(trials.engine)[1] == 1


def test_a_question_that_an_engine_refuses_costs_no_other(trials: kg.Graph) -> None:
    answer = answering(trials.engine)

    def picky(handler: BaseHTTPRequestHandler, call: int) -> None:
        if "stands-nowhere" in unquote(handler.path):
            reply(handler, b"no such paths", status=400)
        else:
            answer(handler, call)

    with service(picky) as remote:
        found = Remote(remote.url).profile
        assert (found.union, found.joins_languages, found.zero_length) == (False, True, None)
        assert remembered(remote.url, found.server) == found


def test_what_was_found_before_an_engine_fell_silent_is_kept(trials: kg.Graph) -> None:
    answer = answering(trials.engine)

    def tiring(handler: BaseHTTPRequestHandler, call: int) -> None:
        if "1926" in handler.path:
            time.sleep(1)
        else:
            answer(handler, call)

    with service(tiring) as remote:
        found = Remote(remote.url, client=remote.client).profile
        assert (found.union, found.joins_languages) == (False, True)
        assert remembered(remote.url, found.server) == found


def test_the_command_says_what_was_found(trials: kg.Graph) -> None:
    with service(answering(trials.engine)) as remote:
        shown = CliRunner().invoke(cli, ["store", "info", "--endpoint", remote.url, "--again"])
    assert "default graph is the union of all\tno\n" in shown.output
    assert "takes a year for its first day\tno\n" in shown.output
