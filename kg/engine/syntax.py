"""What can be told of a SPARQL text from its tokens alone: its form, and whether it calls elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.errors import QuerySyntaxError

UPDATES = frozenset(["INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"])
QUERIES = frozenset(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"])

_TOKEN = re.compile(
    r"""
    (?P<skip> \#[^\r\n]*
      | <[^<>"{}|^`\\\x00-\x20]*>
      | \"{3} (?: [^"\\] | \\. | "{1,2}(?!") )* \"{3} | '{3} (?: [^'\\] | \\. | '{1,2}(?!') )* '{3}
      | "(?: [^"\\\r\n] | \\. )*" | '(?: [^'\\\r\n] | \\. )*'
      | [?$] \w+ | @ [\w-]+ | [\w.-]* : (?: \\. | %[0-9A-Fa-f]{2} | [\w.:-] )* )
  | (?P<word> [^\W\d] \w* )
    """,
    re.VERBOSE | re.DOTALL,
)
_CALL = re.compile(r"service|load|\\u", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def keywords(text: str) -> Iterator[str]:
    """Yield the bare words of a SPARQL text in upper case: no comments, strings, IRIs, names or variables.

    >>> list(keywords('ASK { ?select :ask "SERVICE" } # LOAD'))
    ['ASK']
    """
    for match in _TOKEN.finditer(_unescape(text)):
        if match["word"]:
            yield match["word"].upper()


def is_update(text: str) -> bool:
    """Tell whether a text is a SPARQL update rather than a query, by its first verb.

    >>> is_update("PREFIX load: <http://example.org/> SELECT * { ?s load:insert ?o }")
    False
    >>> is_update("PREFIX a: <http://example.org/> INSERT DATA { a:b a:c a:d }")
    True
    """
    for word in keywords(text):
        if word in QUERIES:
            return False
        if word in UPDATES:
            return True
    return False


def calls_elsewhere(text: str) -> bool:
    """Tell whether a text has a SERVICE clause or a LOAD.

    >>> calls_elsewhere("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }")
    True
    >>> calls_elsewhere("SELECT ?service { ?service a <http://example.org/service> }")
    False
    """
    # Most texts have neither word anywhere, which is quickly seen; an escape may hide one.
    if not _CALL.search(text):
        return False
    return any(word in {"SERVICE", "LOAD"} for word in keywords(text))


def _unescape(text: str) -> str:
    """Resolve codepoint escapes, which SPARQL allows anywhere, even inside a keyword (section 19.2)."""
    if "\\u" not in text and "\\U" not in text:
        return text
    return _ESCAPE.sub(lambda m: _character(int(m[1] or m[2], 16)), text)


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF else "\ufffd"


_WHERE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)


def syntax_error(message: str, text: str) -> QuerySyntaxError:
    """Turn the engine's message into an error with a line, a column and a readable expectation.

    >>> print(syntax_error('error at 1:7: expected one of FILTER, [_]', "ASK { FILTR }"))
    The query does not parse at line 1, column 7: expected FILTER
      ASK { FILTR }
            ^
    """
    match = _WHERE.match(message)
    if match is None:
        return QuerySyntaxError(message, text)
    line, column, expected = int(match[1]), int(match[2]), match[3]
    lines = text.splitlines()
    if line >= len(lines) and column > len(lines[-1] if lines else ""):
        return QuerySyntaxError("it ends before it is complete, or has a mistake before", text, line, column)
    return QuerySyntaxError(_expectation(expected), text, line, column)


def _expectation(expected: str) -> str:
    """Say what the parser wanted: its sentences if it has any, else kinds of things, else keywords."""
    parts = [part.strip() for part in re.split(r",\s+(?=\"|[A-Za-z'\[])", expected) if part.strip()]
    sentences = [part for part in parts if " " in part and not part.startswith(("[", '"', "'"))]
    if sentences:
        return "; ".join(sentences)
    words = {part.strip("\"'\\") for part in parts if not part.startswith("[")}
    if words & {"ABS", "STR", "isLITERAL"}:
        return "expected an expression"
    wanted = ["a variable", "a term"] if words & {"?", "$"} else []
    wanted += sorted(word for word in words if len(word) > 1 and word.isalpha())
    return f"expected {' or '.join(wanted)}" if wanted else "this cannot stand here"
