"""The cap on rows, and how an answer says that it was applied."""

import json
import urllib.parse
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg.server.settings import Limits, Place
from tests.serving import Running, running

ROWS = 7
PLAIN = "SELECT ?s ?o { ?s a ?o }"
"""What a desk answers."""
SORTED = "SELECT ?s ?o { ?s a ?o } ORDER BY ?s ?o"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The Moscow Trials, with few rows an answer."""
    with running(Place(), Limits(workers=2, rows=ROWS)) as started:
        assert started.ask("GET", path("ASK {}"))[0] == 200
        started.wait_for(lambda: len(started.lender.desks) == 2)
        yield started


def path(query: str) -> str:
    return "/sparql?query=" + urllib.parse.quote(query)


@pytest.mark.parametrize("query", [PLAIN, SORTED])
@pytest.mark.parametrize("limit", ["", " LIMIT 9", " # no limit", " LIMIT 3"])
def test_no_answer_has_more_rows_and_one_that_was_limited_says_so(
    server: Running, query: str, limit: str
) -> None:
    status, headers, body = server.send("GET", path(query + limit))
    found = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(found, ox.QuerySolutions)
    is_limited = "3" not in limit
    assert (status, len(list(found))) == (200, ROWS if is_limited else 3)
    assert f"rows={ROWS}" in headers["Kg-Limits"]
    assert headers["Kg-Added"] == (f"LIMIT {ROWS}" if is_limited else None)
    assert json.loads(body).get("limited") == ({"rows": ROWS} if is_limited else None)


@pytest.mark.parametrize(
    "accept", ["application/sparql-results+xml", "text/csv", "text/tab-separated-values"]
)
@pytest.mark.parametrize("query", [PLAIN, SORTED])
def test_a_format_without_room_for_a_remark_has_the_header(server: Running, query: str, accept: str) -> None:
    _, headers, body = server.send("GET", path(query), headers={"Accept": accept})
    assert headers["Kg-Added"] == f"LIMIT {ROWS}"
    assert body.count(b"<result>" if "xml" in accept else b"\n") == ROWS + ("xml" not in accept)


@pytest.mark.parametrize("accept", ["text/turtle", "application/n-triples"])
def test_a_graph_is_limited_and_says_so_in_a_comment(server: Running, accept: str) -> None:
    _, headers, body = server.send(
        "GET", path("CONSTRUCT WHERE { ?s a ?o }"), headers={"Accept": accept, "Accept-Encoding": "identity"}
    )
    assert headers["Kg-Added"] == f"LIMIT {ROWS}"
    assert body.startswith(f"# LIMIT {ROWS} ".encode())
    kind = ox.RdfFormat.from_media_type(accept)
    assert kind is not None
    assert len(list(ox.parse(body, kind))) == ROWS


def test_a_saved_question_and_a_truth_are_answered_under_the_cap_too(server: Running) -> None:
    questions = json.loads(server.ask("GET", "/api/questions")[2])["questions"]
    for question in questions[:8]:
        values = {f"p.{p['name']}": p["default"] for p in question["parameters"] if p["default"]}
        address = f"/answer/{question['name']}?{urllib.parse.urlencode(values)}"
        _, headers, body = server.send("GET", address, headers={"Accept": "application/sparql-results+json"})
        if headers["Kg-Added"]:
            assert len(json.loads(body)["results"]["bindings"]) <= ROWS
    assert server.send("GET", path("ASK { ?s ?p ?o FILTER(true) }"))[1]["Kg-Added"] is None


def test_a_mistake_is_still_said_at_its_own_place(server: Running) -> None:
    error = json.loads(server.ask("GET", path("SELECT * {\n ?s ?p"))[2])["error"]
    assert (error["status"], error["line"]) == (400, 2)
