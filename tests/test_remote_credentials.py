"""Credentials go to the service that they are for, not to another host and not into an error."""

from __future__ import annotations

import base64
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from kg.engine.http import Client
from kg.engine.remote import Remote
from kg.errors import EngineError, InputError
from tests.services import ALL, EMPTY, Answer, reply, service

SECRET = "clio:s3cret"  # noqa: S105 - a test's
CODE = base64.b64encode(SECRET.encode()).decode()


def redirecting(to: str, code: int = 302) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, call: int) -> None:
        if call > 1:
            return reply(handler, EMPTY)
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        handler.send_response(code)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        return handler.end_headers()

    return answer


def seeing(seen: list[str | None]) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        seen.append(handler.headers["Authorization"])
        reply(handler, EMPTY)

    return answer


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client whose credentials stand in a variable."""
    monkeypatch.setenv("ARCHIVE", SECRET)
    return Client(auth_env="ARCHIVE", retries=0, timeout=5)


def test_a_token_is_sent_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE", "Bearer abc.def")
    seen: list[str | None] = []
    with service(seeing(seen)) as remote:
        remote.client = Client(auth_env="ARCHIVE")
        remote.query(ALL)
    assert seen == ["Bearer abc.def"]


def test_netrc_is_asked_where_no_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".netrc"
    file.write_text("machine 127.0.0.1 login clio password s3cret\n")
    file.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    seen: list[str | None] = []
    with service(seeing(seen)) as remote:
        remote.query(ALL)
    assert seen == [f"Basic {CODE}"]


def test_a_service_that_wants_a_digest_gets_one_and_is_asked_for_it_once(archive: Client) -> None:
    seen: list[str] = []

    def digesting(handler: BaseHTTPRequestHandler, _: int) -> None:
        given = handler.headers["Authorization"] or ""
        seen.append(given.partition(" ")[0])
        if given.startswith("Digest "):
            return reply(handler, EMPTY)
        handler.send_response(401)
        if not given:
            # Virtuoso tells only those who tell nothing.
            handler.send_header(
                "WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth", algorithm="MD5"'
            )
        handler.send_header("Content-Length", "0")
        return handler.end_headers()

    with service(digesting) as remote:
        remote.client = archive
        remote.query(ALL)
        remote.query(ALL)
    assert seen == ["Basic", "", "Digest", "Digest"]


@pytest.mark.virtuoso
def test_virtuoso_takes_updates_with_its_password(openlink: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE", "dba:dba")
    client = Client(auth_env="ARCHIVE")
    remote = Remote(openlink.url, update_url=f"{openlink.url}-auth", client=client)
    remote.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:p> <urn:b> } }")
    assert openlink.query("ASK { GRAPH <urn:g> { <urn:a> <urn:p> <urn:b> } }")
    remote.update("DROP SILENT GRAPH <urn:g>")


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_are_refused_are_told_from_none(archive: Client, status: int) -> None:
    with service(lambda handler, _: reply(handler, b"", status=status)) as remote:
        with pytest.raises(EngineError, match="name a variable"):
            remote.query(ALL)
        remote.client = archive
        with pytest.raises(EngineError, match="the credentials that it was given"):
            remote.query(ALL)


@pytest.mark.parametrize(
    ("content", "mode"), [("clio s3cret\n", 0o600), ("machine h login c password p\n", 0o644)]
)
def test_a_netrc_that_is_not_read_is_named_where_it_is_missed(
    content: str, mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".netrc"
    file.write_text(content)
    file.chmod(mode)
    monkeypatch.setenv("HOME", str(tmp_path))
    with service(lambda handler, call: reply(handler, EMPTY, status=401 if call == 1 else 200)) as remote:
        with pytest.raises(EngineError, match="netrc is not read"):
            remote.query(ALL)
        remote.query(ALL)


def test_netrc_of_another_host_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".netrc"
    file.write_text("machine example.org login clio password s3cret\n")
    file.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    seen: list[str | None] = []
    with service(seeing(seen)) as remote:
        remote.query(ALL)
    assert seen == [None]


def test_an_empty_variable_is_named() -> None:
    with pytest.raises(InputError, match="'NO_SUCH_VARIABLE' is empty"):
        Client(auth_env="NO_SUCH_VARIABLE")


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_service_that_repeats_the_request_gives_no_secret_away(archive: Client, status: int) -> None:
    def repeat(handler: BaseHTTPRequestHandler, _: int) -> None:
        said = f"{handler.headers['Authorization']} is {SECRET}, that is s3cret"
        reply(handler, said.encode(), "text/plain", status)

    with service(repeat) as remote:
        remote.client = archive
        with pytest.raises(EngineError) as error:
            remote.query(ALL)
    assert "s3cret" not in str(error.value)
    assert CODE not in str(error.value)


def test_an_address_with_credentials_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError, match="--auth-env") as error:
        Remote(f"http://{SECRET}@127.0.0.1/sparql")
    assert "s3cret" not in str(error.value)


def test_what_stands_behind_the_question_mark_of_an_address_is_not_repeated() -> None:
    with service(lambda handler, _: reply(handler, b"", status=404)) as remote:
        remote.url += "?apikey=s3cret"
        with pytest.raises(EngineError, match="answered 404") as error:
            remote.query(ALL)
    assert "s3cret" not in str(error.value)


def test_a_redirection_within_the_service_keeps_credentials(archive: Client) -> None:
    seen: list[str | None] = []
    look, redirect = seeing(seen), redirecting("/moved")
    with service(lambda handler, call: (redirect if call == 1 else look)(handler, call)) as remote:
        remote.client = archive
        remote.query(ALL)
    assert seen == [f"Basic {CODE}"]


def test_a_redirection_to_another_host_carries_no_credentials(archive: Client) -> None:
    seen: list[str | None] = []
    with service(seeing(seen)) as other, service(redirecting(other.url)) as remote:
        remote.client = archive
        remote.query(ALL)
    assert seen == [None]


def test_a_refusal_after_a_redirection_names_the_address_that_refuses(archive: Client) -> None:
    refusing = service(lambda handler, _: reply(handler, b"", status=401))
    with refusing as other, service(redirecting(other.url)) as remote:
        remote.client = archive
        with pytest.raises(EngineError, match=f"^{other.url} answered 401: it wants credentials"):
            remote.query(ALL)


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/", "data:text/plain,x"])
def test_a_redirection_leads_nowhere_but_to_the_web(to: str) -> None:
    with service(redirecting(to)) as remote, pytest.raises(EngineError, match="where kg does not follow"):
        remote.query(ALL)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_an_update_is_not_sent_on(code: int) -> None:
    calls: list[str] = []
    redirect = redirecting("/moved", code)

    def answer(handler: BaseHTTPRequestHandler, call: int) -> None:
        calls.append(handler.command)
        redirect(handler, call)

    with service(answer) as remote, pytest.raises(EngineError, match="name the new address itself"):
        remote.update("CLEAR DEFAULT")
    assert calls == ["POST"]
