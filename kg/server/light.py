"""Which queries are light: those whose work is bounded whatever the facts, as far as its text tells.

That is one pattern, whose matches are found one after the other, or patterns that lead forward from a thing
that is named: the objects of its statements, and theirs.
"""

from __future__ import annotations

import re

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


def is_light(query: str) -> bool:
    """Tell whether the work of a query is bounded, as far as its text tells.

    >>> is_light("SELECT ?p ?o { <urn:a> ?p ?o }"), is_light("ASK { <urn:a> <urn:b> ?x . ?x a ?type }")
    (True, True)
    >>> is_light("SELECT * { ?x <urn:b> ?x }"), is_light("SELECT * { ?x a ?type . <urn:a> ?p ?o }")
    (False, False)
    """
    match = _QUERY.fullmatch(query) if len(query) <= _LONGEST_QUERY else None
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
