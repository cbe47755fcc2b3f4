"""What is pushed arrives whole, by updates or by the Graph Store Protocol, or it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.cli import cli
from kg.engine.embedded import Embedded
from kg.engine.http import Client, Reply
from kg.engine.remote import Remote
from tests.elsewhere import oxigraph_server
from tests.services import Answer, answering, reply, service

PASSAGES = """
<urn:a> <urn:p> <urn:b> <urn:g1> .
<urn:a> <urn:p> <urn:b> <urn:g2> .
<urn:a> <urn:p> "1926"^^<http://www.w3.org/2001/XMLSchema#gYear> <urn:g2> .
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An Oxigraph server, empty at first."""
    with oxigraph_server() as address:
        yield address


@pytest.fixture
def passages(tmp_path: Path) -> Path:
    """Three statements in two passages."""
    file = tmp_path / "passages.nq"
    file.write_text(PASSAGES)
    return file


@pytest.mark.parametrize("by", ["--update", "--graph-store"])
def test_a_push_arrives_and_can_be_repeated(server: str, passages: Path, by: str) -> None:
    where = {"--update": f"{server}/update", "--graph-store": f"{server}/store"}
    command = [
        "push",
        "--endpoint",
        f"{server}/query",
        "--update",
        where["--update"],
        "--data",
        str(passages),
    ]
    for _ in range(2):
        done = CliRunner().invoke(cli, command if by == "--update" else [*command, by, where[by]])
        assert (done.exit_code, done.stdout) == (0, "")
    rows = Remote(f"{server}/query").query(
        "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { <urn:a> ?p ?o } } GROUP BY ?g"
    )
    assert isinstance(rows, ox.QuerySolutions)
    assert {row["g"].value: row["n"].value for row in rows} == {"urn:g1": "1", "urn:g2": "2"}
    everything = Remote(f"{server}/query").query("SELECT * { <urn:a> ?p ?o }")
    assert len(list(everything)) == 2  # type: ignore[arg-type]  # rows


def test_what_does_not_arrive_is_said(passages: Path) -> None:
    answer = answering_nothing()
    with service(answer) as remote:
        command = ["push", "--endpoint", remote.url, "--data", str(passages)]
        done = CliRunner().invoke(cli, command, standalone_mode=False)
    assert done.return_value == 1
    assert "urn:g2: 2 statements sent, 0 there" in done.stdout


def answering_nothing() -> Answer:
    """A service that says yes to updates and forgets them."""
    answer = answering(Embedded(ox.Store()))

    def forget(handler: BaseHTTPRequestHandler, call: int) -> None:
        if "update" in (handler.headers["Content-Type"] or ""):
            handler.rfile.read(int(handler.headers["Content-Length"]))
            return reply(handler, b"")
        return answer(handler, call)

    return forget


def test_what_others_have_in_the_default_graph_stays_and_is_said(server: str, passages: Path) -> None:
    service = Remote(f"{server}/query", update_url=f"{server}/update")
    service.update("INSERT DATA { <urn:other> <urn:p> <urn:b> }")
    done = CliRunner().invoke(
        cli, ["push", "--endpoint", service.url, "--update", service.update_url, "--data", str(passages)]
    )
    assert (done.exit_code, "other statements, of others" in done.stderr) == (0, True)
    assert service.query("ASK { <urn:other> <urn:p> <urn:b> }")


def test_a_graph_store_needs_no_updates_beside_it(server: str, passages: Path) -> None:
    command = ["push", "--endpoint", f"{server}/query", "--graph-store", f"{server}/store"]
    assert CliRunner().invoke(cli, [*command, "--data", str(passages)]).exit_code == 0


def test_an_address_that_takes_no_updates_is_told_from_one_that_does(server: str, passages: Path) -> None:
    command = ["push", "--endpoint", f"{server}/query", "--data", str(passages)]
    done = CliRunner().invoke(cli, command)
    assert "name that address with --update" in str(done.exception)


def test_a_push_that_is_cut_short_says_how_far_it_came_and_what_to_do(passages: Path) -> None:
    answer, sent = answering_nothing(), list[int]()

    def dying(handler: BaseHTTPRequestHandler, call: int) -> None:
        if "update" not in (handler.headers["Content-Type"] or ""):
            return answer(handler, call)
        sent.append(call)
        # Two are spent on finding out what kind of engine this is, two on each graph.
        return answer(handler, call) if len(sent) < 7 else None

    with service(dying) as remote:
        done = CliRunner().invoke(cli, ["push", "--endpoint", remote.url, "--data", str(passages)])
    assert "Only 1 of 3 graphs are there; kg push sends them all again." in str(done.exception)
    assert "run the command again" in str(done.exception)


@pytest.mark.parametrize("by", ["update", "graph-store"])
def test_long_texts_are_sent_in_parts_that_an_engine_takes(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    file = tmp_path / "long.nq"
    file.write_text("".join(f'<urn:a{n}> <urn:p> "{"words " * 50_000}" <urn:long> .\n' for n in range(30)))
    sent: list[int] = []
    monkeypatch.setattr(Client, "send", measured(Client.send, sent))
    command = ["push", "--endpoint", f"{server}/query", "--update", f"{server}/update", "--data", str(file)]
    options = [] if by == "update" else ["--graph-store", f"{server}/store"]
    assert CliRunner().invoke(cli, [*command, *options]).stdout == ""
    assert (sum(sent) > 18_000_000, max(sent) < 4_500_000) == (True, True)


def measured(send: Callable[..., Reply], sent: list[int]) -> Callable[..., Reply]:
    """Note how much is sent."""

    def measure(client: Client, url: str, body: bytes, *rest: str) -> Reply:
        sent.append(len(body))
        return send(client, url, body, *rest)

    return measure
