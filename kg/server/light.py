r"""Which requests are light: a query whose work is bounded whatever the facts, as far as its text tells.

That is one pattern, whose matches are found one after the other, or patterns that lead forward from a thing
that is named: the objects of its statements, and theirs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

from kg.server.negotiate import takes_gzip

PATH = b"GET /sparql?"
_LINE = b"GET /sparql?query="
_HTTP = b" HTTP/1.1"
# Put back first and all at once, which is quicker; none of them can become part of another escape.
_USUAL = [(b"+", b" "), *((b"%%%02X" % ord(c), c.encode()) for c in ' {}<>?:/#.,;=\n"()')]
LONGEST = 8_192
"""A longer request is not light; one of this length goes to a desk in one piece."""
_LONGEST_QUERY = 4_000
_MOST_PATTERNS = 8
_W = r"(?:\s++|\#[^\r\n]*+)*+"
_TERM = r"""(?:[?$]\w++|<[^<>"{}|^`\\\x00-\x20]*+>|(?:[A-Za-z][\w-]*+)?+:[\w-]*+
  |"[^"\\\r\n]*+"(?:@[A-Za-z-]++|\^\^<[^<>"{}|^`\\\x00-\x20]*+>)?+)"""
_REST = rf"(?:{_TERM}|a\b){_W}{_TERM}{_W}"
_TRIPLES = rf"{_TERM}{_W}{_REST}(?:;{_W}(?:{_REST})?+)*+"
_QUERY = re.compile(
    rf"""{_W}(?:PREFIX{_W}[\w-]*+:{_W}<[^<>"{{}}|^`\\\x00-\x20]*+>{_W})*+
    (?:ASK|SELECT{_W}(?:\*|(?:[?$]\w++{_W})++)){_W}(?:WHERE\b{_W})?+
    \{{{_W}({_TRIPLES}(?:\.{_W}{_TRIPLES})*+(?:\.{_W})?+)\}}{_W}(?:LIMIT\b{_W}[0-9]++{_W})?+""",
    re.VERBOSE | re.IGNORECASE,
)
_PIECE = re.compile(rf"({_TERM}|a\b|[.;]){_W}", re.VERBOSE | re.IGNORECASE)
_HEADER = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?[ \t]*"
)
# Who sends one of these gets more looked at than its name.
_NOT_PLAIN = frozenset(
    [b"content-length", b"transfer-encoding", b"connection", b"upgrade", b"expect", b"origin"]
)
_HARMLESS = frozenset([b"content-length: 0", b"connection: keep-alive"])
_READ = frozenset([b"host", b"accept", b"accept-encoding"])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the fields of a plain request say."""

    host: str
    accept: str | None
    gzip: bool


def split(request: bytes) -> tuple[str, bytes] | None:
    r"""Return the query and the header fields of a request that asks one query and no more.

    >>> split(b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\nHost: a\r\n\r\n")
    ('ASK {}', b'Host: a\r\n\r\n')
    >>> split(b"GET /sparql?query=ASK%7B%7D&default-graph-uri=urn:g HTTP/1.1\r\nHost: a\r\n\r\n")
    """
    if len(request) > LONGEST:
        return None
    line, _, fields = request.partition(b"\r\n")
    if not (line.startswith(_LINE) and line.endswith(_HTTP)) or fields.find(b"\r\n\r\n") != len(fields) - 4:
        return None
    asked = line[len(_LINE) : -len(_HTTP)]
    if len(asked) > _LONGEST_QUERY or b"&" in asked or b" " in asked or b";" in asked:
        return None
    for escape, character in _USUAL:
        asked = asked.replace(escape, character)
    try:
        return (unquote_to_bytes(asked) if b"%" in asked else asked).decode(), fields
    except UnicodeDecodeError:
        return None


def read_fields(fields: bytes) -> Wanted | None:
    r"""Read header fields; None for those of a request that is not plain, or not of this server's own page.

    >>> read_fields(b"Host: a:8000\r\nAccept: text/csv\r\n\r\n")
    Wanted(host='a:8000', accept='text/csv', gzip=False)
    >>> read_fields(b"Host: a\r\nOrigin: http://b\r\n\r\n")
    """
    found: dict[bytes, str] = {}
    for line in fields[:-4].split(b"\r\n"):
        match = _HEADER.fullmatch(line)
        if match is None:
            return None
        name = match[1].lower()
        if (name in _NOT_PLAIN or name.startswith(b"sec-")) and line.lower() not in _HARMLESS:
            return None
        if name in _READ:
            if name in found:
                return None
            found[name] = (match[2] or b"").decode()
    if b"host" not in found:
        return None
    return Wanted(found[b"host"], found.get(b"accept"), takes_gzip(found.get(b"accept-encoding", "")))


def is_light(query: str) -> bool:
    """Tell whether the work of a query is bounded, as far as its text tells.

    >>> is_light("SELECT ?p ?o { <urn:a> ?p ?o }"), is_light("ASK { <urn:a> <urn:b> ?x . ?x a ?type }")
    (True, True)
    >>> is_light("SELECT * { ?x <urn:b> ?x }"), is_light("SELECT * { ?x a ?type . <urn:a> ?p ?o }")
    (False, False)
    """
    match = _QUERY.fullmatch(query)
    if match is None:
        return False
    patterns = _patterns(_PIECE.findall(match[1]))
    if len(patterns) == 1:
        # A variable that stands there twice would have all matches of one that stands there once sifted.
        names = [term[1:] for term in patterns[0] if term[0] in "?$"]
        return len(names) == len(set(names))
    return len(patterns) <= _MOST_PATTERNS and _leads_forward(patterns)


def _patterns(pieces: list[str]) -> list[list[str]]:
    """Put terms and marks together to patterns of three terms."""
    found: list[list[str]] = []
    pattern: list[str] = []
    for piece in pieces:
        if piece == ".":
            pattern = []
        elif piece == ";":
            pattern = [found[-1][0]]
        else:
            pattern.append(piece)
            if len(pattern) == 3:
                found.append(pattern)
    return found


def _leads_forward(patterns: list[list[str]]) -> bool:
    """Whether each pattern's subject is named, or an object of one before."""
    known: set[str] = set()
    for subject, _, value in patterns:
        if subject[0] in "?$" and subject[1:] not in known:
            return False
        known.add(value[1:])
    return True


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
