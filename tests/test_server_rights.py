"""Who may ask and who may change: hosts, origins, the token, and what stays off for everybody."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.server.settings import Limits, Place, Rights
from tests.serving import Running, running

TOKEN = "a token of the tests"  # noqa: S105 - opens nothing
FRIEND = "https://yasgui.example"
ASK = "/sparql?query=ASK%20%7B%7D"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """The Moscow Trials, with one friendly site and a token."""
    with running(Place(), Limits(), Rights(origins=(FRIEND,), token=TOKEN)) as started:
        yield started


def update(server: Running, text: str, token: str = TOKEN) -> tuple[int, str, bytes]:
    headers = {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {token}"}
    return server.ask("POST", "/sparql", text.encode(), headers)


def truth(server: Running, query: str) -> bool:
    status, _, body = server.ask("GET", "/sparql?query=" + urllib.parse.quote(query))
    assert status == 200, body
    return bool(json.loads(body)["boolean"])


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "a@127.0.0.1", "", "[::1", "x:y:z"]
)
def test_a_foreign_host_is_refused(server: Running, host: str) -> None:
    assert server.ask("GET", ASK, headers={"Host": host})[0] == 403


def test_what_an_update_names_is_found(server: Running) -> None:
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    assert update(server, f'INSERT DATA {{ <urn:new> {label} "Zwischenruf" }}')[0] == 204
    found = json.loads(server.ask("GET", "/api/search?q=zwischen")[2])["things"]
    assert [thing["iri"] for thing in found] == ["urn:new"]
    assert update(server, "DELETE WHERE { <urn:new> ?p ?o }")[0] == 204


def test_a_request_with_two_hosts_is_refused(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1", FRIEND + ".evil", "*"]
)
def test_a_foreign_origin_is_refused_and_never_echoed(server: Running, origin: str) -> None:
    status, headers, _ = server.send("GET", ASK, headers={"Origin": origin})
    assert status == 403
    assert "Access-Control-Allow-Origin" not in headers


def test_a_page_of_another_site_cannot_read_without_an_origin_either(server: Running) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert server.ask("GET", ASK, headers=headers)[0] == 403
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert server.ask("GET", "/", headers=link)[0] == 200


def test_a_listed_site_may_ask_without_credentials(server: Running) -> None:
    status, headers, _ = server.send("GET", ASK, headers={"Origin": FRIEND})
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, FRIEND)
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Origin" in headers["Vary"]


def test_a_listed_site_is_told_what_it_may_send(server: Running) -> None:
    asked = {"Origin": FRIEND, "Access-Control-Request-Method": "POST"}
    status, headers, _ = server.send("OPTIONS", "/sparql", headers=asked)
    assert status == 204
    assert "Content-Type" in headers["Access-Control-Allow-Headers"]
    assert "Authorization" not in headers["Access-Control-Allow-Headers"]


def test_options_name_the_methods(server: Running) -> None:
    status, headers, _ = server.send("OPTIONS", "/sparql")
    assert (status, headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")


def test_head_has_the_headers_of_get_and_no_body(server: Running) -> None:
    status, headers, body = server.send("HEAD", ASK)
    assert (status, headers["Content-Type"], body) == (200, "application/sparql-results+json", b"")


@pytest.mark.parametrize(
    "query",
    [
        "ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "ASK { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "ASK { \\u0053ERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
    ],
)
def test_no_query_calls_another_machine(server: Running, query: str) -> None:
    assert server.ask("GET", "/sparql?query=" + urllib.parse.quote(query))[0] == 403


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <file:///etc/passwd>",
        "LOAD SILENT <http://127.0.0.1:1/>",
        "INSERT { } WHERE { SERVICE <x:y> { } }",
    ],
)
def test_no_update_calls_another_machine(server: Running, text: str) -> None:
    assert update(server, text)[0] == 403


def test_an_update_is_seen_by_the_next_query_with_its_copy_in_the_default_graph(server: Running) -> None:
    assert update(server, "INSERT DATA { GRAPH <urn:new> { <urn:a> <urn:b> <urn:c> } }")[0] == 204
    assert truth(server, "ASK { <urn:a> <urn:b> <urn:c> }")
    assert update(server, "CLEAR GRAPH <urn:new>")[0] == 204
    assert not truth(server, "ASK { <urn:a> <urn:b> <urn:c> }")


@pytest.mark.parametrize("text", ["INSERT DATA {", "DELETE DATA { <urn:a> <urn:b> ?c }", "ASK {}", "\0"])
def test_a_wrong_update_changes_nothing(server: Running, text: str) -> None:
    assert update(server, text)[0] == 400
    assert truth(server, "ASK { mt:nikolai-bukharin ?p ?o }")


def test_the_description_says_whether_updates_are_taken(server: Running) -> None:
    assert b"sd:SPARQL11Update" in server.ask("GET", "/sparql")[2]


def test_an_update_is_posted(server: Running) -> None:
    assert server.ask("GET", "/sparql?update=CLEAR%20ALL", headers={"Authorization": TOKEN})[0] == 405


def test_an_update_of_a_store_stays(tmp_path: Path) -> None:
    store = tmp_path / "store"
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:b> <urn:c> .")
    load = [sys.executable, "-m", "kg", "load", str(tmp_path / "data.ttl"), "--store", str(store)]
    subprocess.run(load, check=True, capture_output=True)
    place = Place(store=str(store))
    with running(place, Limits(workers=1), Rights(token=TOKEN)) as started:
        assert truth(started, "ASK { <urn:a> <urn:b> <urn:c> }")
        assert update(started, "DELETE DATA { <urn:a> <urn:b> <urn:c> }")[0] == 204
        assert not truth(started, "ASK { <urn:a> <urn:b> <urn:c> }")
    with running(place, Limits(workers=1)) as started:
        assert not truth(started, "ASK { <urn:a> <urn:b> <urn:c> }")


def test_a_store_that_vanishes_is_said_and_the_server_lives(tmp_path: Path) -> None:
    store = tmp_path / "store"
    (tmp_path / "data.ttl").write_text("<urn:a> <urn:b> <urn:c> .")
    load = [sys.executable, "-m", "kg", "load", str(tmp_path / "data.ttl"), "--store", str(store)]
    subprocess.run(load, check=True, capture_output=True)
    with running(Place(store=str(store)), Limits(workers=1)) as started:
        assert truth(started, "ASK { <urn:a> <urn:b> <urn:c> }")
        shutil.rmtree(store)
        for pid in started.pool.pids():
            os.kill(pid, signal.SIGKILL)
        started.wait_for(lambda: b"is no store" in started.ask("GET", ASK)[2])
        started.wait_for(lambda: b"is no store" in started.ask("GET", "/api/status")[2])


def test_the_command_wants_a_token_that_nobody_sees_in_a_process_list(tmp_path: Path) -> None:
    short = tmp_path / "token"
    short.write_text("short")
    for more in ([], ["--token-file", str(short)]):
        command = [sys.executable, "-m", "kg", "serve", "--no-browse", "--allow-update", *more]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        assert found.returncode == 2
        assert "--token-file" in found.stderr


def test_a_port_in_use_is_said(server: Running) -> None:
    command = [sys.executable, "-m", "kg", "serve", "--no-browse", "--port", str(server.port)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert f"Port {server.port}" in found.stderr
