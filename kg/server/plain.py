"""Plain requests: those that ask the endpoint one query, read from their bytes in a few steps.

Whatever says more than that, or says it in a rarer way, is left to the application.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from kg.server.negotiate import takes_gzip

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
LONGEST = 8_192
"""A longer request is not plain; one of this length goes to a desk in one piece."""
_GET, _POST, _HTTP = b"GET /sparql?", b"POST /sparql HTTP/1.1\r\n", b" HTTP/1.1"
# A POST says how long its body is, and neither waits to be asked for it nor cuts it in pieces.
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,4})(?=\r\n)", re.IGNORECASE)
_IN_PARTS = re.compile(rb"\n(?:expect|transfer-encoding)[ \t]*:", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close\r\n", re.IGNORECASE)
# What SPARQLWrapper adds for engines that do not negotiate.
_MORE = re.compile(rb"(?:(?:format|output|results)=[^&=]*(?:&|$)){1,6}")
# Put back first and all at once, which is quicker; none of them can become part of another escape.
_USUAL = [(b"+", b" "), *((b"%%%02X" % ord(c), c.encode()) for c in ' {}<>?:/#.,;=\n"()')]
_HEADER = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?[ \t]*"
)
# Who sends one of these gets more looked at than its name.
_NOT_PLAIN = frozenset(
    [b"content-length", b"content-encoding", b"transfer-encoding", b"upgrade", b"expect", b"origin"]
)
_READ = frozenset([b"host", b"accept", b"accept-encoding", b"content-type", b"connection"])
_UTF8 = frozenset(["", "; charset=utf-8", ";charset=utf-8"])


class Parts(NamedTuple):
    """The bytes of a request: what it asks, its header fields, and whether it was posted."""

    asked: bytes
    fields: bytes
    is_posted: bool


class Wanted(NamedTuple):
    """What the fields of a plain request say."""

    host: str
    accept: str | None
    gzip: bool
    is_form: bool
    is_last: bool


def length(data: bytes) -> int | None:
    r"""Return how long the request is that begins so; None where that is not known, or it is not plain.

    >>> head = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n"
    >>> length(head) == length(head + b"ASK {}") == len(head) + 6
    True
    >>> length(b"GET /sparql?query=ASK{} HTTP/1.1\r\nHost: a\r\n"), length(b"GET / HTTP/1.1\r\n\r\n")
    (None, None)
    """
    is_posted = data.startswith(_POST)
    end = _head(data)
    if not 3 < end <= LONGEST or not (is_posted or data.startswith(_GET)) or b"\n\n" in data[:end]:
        return None
    if not is_posted:
        return end
    found = _LENGTH.search(data, 0, end)
    if found is None or _IN_PARTS.search(data, 0, end):
        return None
    whole = end + int(found[1])
    return whole if whole <= LONGEST else None


def _head(data: bytes) -> int:
    """Return where a head ends; 2 where it does not."""
    # Not what lines should end with, but where the strictest and the laxest parser see its end.
    return data.find(b"\n\r\n") + 3


def is_last(request: bytes) -> bool:
    r"""Tell whether a client says that it asks no more on its connection.

    >>> is_last(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), is_last(b"GET / HTTP/1.1\r\n\r\n")
    (True, False)
    """
    return _CLOSE.search(request) is not None


def split(request: bytes) -> Parts | None:
    r"""Cut a whole request into its parts.

    >>> split(b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\nHost: a\r\n\r\n")
    Parts(asked=b'query=ASK+%7B%7D', fields=b'Host: a\r\n\r\n', is_posted=False)
    >>> split(b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nASK {}")
    Parts(asked=b'ASK {}', fields=b'Host: a\r\n\r\n', is_posted=True)
    """
    end = _head(request)
    if length(request) != len(request) or request[end - 4 : end - 3] != b"\r":
        return None
    if request.startswith(_POST):
        said = _LENGTH.search(request, 0, end)
        assert said is not None  # noqa: S101 - it has a length
        # Every body has another length, and the other fields are what they were before.
        fields = request[len(_POST) : said.start() + 2] + request[said.end() + 2 : end]
        return Parts(request[end:], fields, True)
    line, _, fields = request.partition(b"\r\n")
    return Parts(line[len(_GET) : -len(_HTTP)], fields, False) if line.endswith(_HTTP) else None


def read_query(asked: bytes, *, is_form: bool) -> str | None:
    """Read the query of an address or of a body; None where there is more than a query.

    >>> read_query(b"query=ASK+%7B%7D", is_form=True), read_query(b"ASK {}", is_form=False)
    ('ASK {}', 'ASK {}')
    >>> read_query(b"query=ASK+%7B%7D&default-graph-uri=urn:g", is_form=True)
    """
    if is_form:
        asked, _, more = asked.partition(b"&")
        if more and _MORE.fullmatch(more) is None:
            return None
        if not asked.startswith(b"query=") or b" " in asked or b";" in asked:
            return None
        asked = asked[6:]
        for escape, character in _USUAL:
            asked = asked.replace(escape, character)
        asked = unquote_to_bytes(asked) if b"%" in asked else asked
    try:
        return asked.decode()
    except UnicodeDecodeError:
        return None


def read_fields(fields: bytes, *, is_posted: bool = False) -> Wanted | None:
    r"""Read header fields; None for those of a request that is not plain, or not of this server's own page.

    >>> read_fields(b"Host: a:8000\r\nAccept: text/csv\r\n\r\n")
    Wanted(host='a:8000', accept='text/csv', gzip=False, is_form=True, is_last=False)
    >>> read_fields(b"Host: a\r\nOrigin: http://b\r\n\r\n")
    """
    found: dict[bytes, str] = {}
    for line in fields[:-4].split(b"\r\n"):
        match = _HEADER.fullmatch(line)
        if match is None:
            return None
        name = match[1].lower()
        if name in _NOT_PLAIN or name.startswith(b"sec-"):
            if is_posted or line.lower() != b"content-length: 0":
                return None
            continue
        if name in _READ:
            if name in found:
                return None
            found[name] = (match[2] or b"").decode()
    connection = found.get(b"connection", "keep-alive").lower()
    kind = found.get(b"content-type", "").lower() if is_posted else FORM
    name, charset, rest = kind.partition(";")
    is_known = name in {FORM, DIRECT} and charset + rest in _UTF8
    if not is_known or b"host" not in found or connection not in {"keep-alive", "close"}:
        return None
    gzip = takes_gzip(found.get(b"accept-encoding", ""))
    return Wanted(found[b"host"], found.get(b"accept"), gzip, name == FORM, connection == "close")


def host_name(host: str) -> str:
    """Return a Host header without its port; nothing for one that is none.

    >>> host_name("127.0.0.1:8000"), host_name("[::1]:80"), host_name("a@b")
    ('127.0.0.1', '[::1]', '')
    """
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if "@" in host or "/" in host:
        return ""
    return f"[{name}]" if ":" in name else name
