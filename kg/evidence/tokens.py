"""The tokens of a SPARQL 1.1 query, each with its place in the text."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from kg.errors import QuerySyntaxError

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = _BASE + "_0-9"
_MORE = "\u00b7\u0300-\u036f\u203f-\u2040"
_CHARS = _NAME + _MORE + "\\-"
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_PREFIX = rf"(?:[{_BASE}](?:[{_CHARS}.]*[{_CHARS}])?)?"
_LOCAL = rf"(?:[{_NAME}:]|{_PLX})(?:(?:[{_CHARS}.:]|{_PLX})*(?:[{_CHARS}:]|{_PLX}))?"
_ESCAPED = r"\\[tbnrf\\\"']"

_TOKEN: Final = re.compile(
    rf"""
    (?P<space> (?: [ \t\r\n]+ | \#[^\r\n]* )+ )
  | (?P<iri> <[^<>"{{}}|^`\\\x00-\x20]*> )
  | (?P<var> [?$][{_NAME}][{_NAME}{_MORE}]* )
  | (?P<blank> _:[{_NAME}](?:[{_CHARS}.]*[{_CHARS}])? )
  | (?P<pname> {_PREFIX}:(?:{_LOCAL})? )
  | (?P<number> (?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+ | [0-9]*\.[0-9]+ | [0-9]+ )
  | (?P<word> [A-Za-z_][A-Za-z0-9_]* )
  | (?P<lang> @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
  | (?P<string> "{{3}}(?:"{{0,2}}(?:[^"\\]|{_ESCAPED}))*"{{3}}
      | '{{3}}(?:'{{0,2}}(?:[^'\\]|{_ESCAPED}))*'{{3}}
      | "(?:[^"\\\r\n]|{_ESCAPED})*" | '(?:[^'\\\r\n]|{_ESCAPED})*' )
  | (?P<mark> \^\^|&&|\|\||!=|<=|>=|[{{}}()\[\].,;|/^*+?!=<>\-] )
    """,
    re.VERBOSE,
)


_CODEPOINT: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
MAX_CODEPOINT: Final = 0x10FFFF
SURROGATES: Final = (0xD800, 0xDFFF)


class Token(NamedTuple):
    """One token: its kind (a group of the pattern, or `end`), its text and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str, start: int = 0) -> list[Token]:
    """Cut a query, its codepoint escapes already resolved, into tokens.

    Raises `QuerySyntaxError` at the first character that starts no token.

    >>> [token.text for token in tokenize("ASK { ?s a <x> } # done")]
    ['ASK', '{', '?s', 'a', '<x>', '}', '']
    """
    tokens: list[Token] = []
    append, match, make = tokens.append, _TOKEN.match, tuple.__new__
    position, length = start, len(text)
    while position < length:
        found = match(text, position)
        if found is None:
            raise error_at(text, position, f"no token starts with {text[position]!r}")
        end = found.end()
        kind = found.lastgroup
        if kind != "space":
            append(make(Token, (kind, found[0], position, end)))
        position = end
    append(Token("end", "", length, length))
    return tokens


def resolve_escapes(text: str) -> str:
    r"""Resolve `\uXXXX` escapes, which SPARQL allows anywhere (section 19.2), before any token is cut.

    Raises `QuerySyntaxError` for a code point that is no character.

    >>> resolve_escapes(r"ASK { ?\u0073 ?p ?o }")
    'ASK { ?s ?p ?o }'
    """
    if "\\u" not in text and "\\U" not in text:
        return text

    def character(found: re.Match[str]) -> str:
        code = int(found[1] or found[2], 16)
        if code > MAX_CODEPOINT or SURROGATES[0] <= code <= SURROGATES[1]:
            raise error_at(text, found.start(), f"{found[0]} is no character")
        return chr(code)

    return _CODEPOINT.sub(character, text)


def error_at(text: str, offset: int, reason: str) -> QuerySyntaxError:
    """Make the error for a place in a text, with its line and column."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return QuerySyntaxError(reason, text, line, column)


def on_one_line(text: str) -> str:
    r"""Write a part of a query on one line, without comments.

    >>> on_one_line("?s ?p 'a b' . # why\n ?s a ?t")
    "?s ?p 'a b' . ?s a ?t"
    """
    parts, position = [], 0
    for token in tokenize(text):
        gap = text[position : token.start]
        parts += [" " if gap.strip() or "\n" in gap else gap, token.text]
        position = token.end
    return "".join(parts).strip()
