"""What can be told of a SPARQL text from its tokens alone: its form, and whether it calls elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.errors import LimitError, QuerySyntaxError

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
_SKIPPED = r"""
    (?P<skip> \#[^\r\n]*
      | <[^<>"{}|^`\\\x00-\x20]*>
      | \"{3} (?: [^"\\] | \\. | "{1,2}(?!") )* \"{3} | '{3} (?: [^'\\] | \\. | '{1,2}(?!') )* '{3}
      | "(?: [^"\\\r\n] | \\. )*" | '(?: [^'\\\r\n] | \\. )*'
      | [?$] \w+ | @ [\w-]+ | \^\^ | (?<= [\s({,] ) [+-]? [\d.]+
      | [\w.-]* : (?: \\. | %[0-9A-Fa-f]{2} | [\w.:-] )* )
"""
_NESTING = re.compile(
    _SKIPPED
    + r"""
  | (?P<open> [{(\[] ) | (?P<close> [})\]] ) | (?P<operator> && | \|\| | [!|^/*+-] )
  | (?P<clause> \b (?: OPTIONAL | UNION | MINUS | BIND | FILTER | GRAPH | EXISTS | SELECT | VALUES ) \b )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_JOINING = re.compile(
    _SKIPPED + r" | (?P<brace> [{}] ) | (?P<joined> [.;/] ) | (?P<word> \b [a-z]+ \b )",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_MOST_NESTED, _MOST_CLAUSES, _MOST_OPERATORS = 200, 1_000, 3_000
_MOST_JOINED = 250
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
    upper = text.upper()
    if "SERVICE" not in upper and "LOAD" not in upper and "\\U" not in upper:
        return False
    return any(word in {"SERVICE", "LOAD"} for word in keywords(text))


def check_size(text: str) -> None:
    """Raise `LimitError` for a text beyond what a recursive parser and planner survive.

    The engine ends the whole process on a stack that overflows, so this is asked before it sees the text.

    >>> check_size("SELECT * " + "{" * 5000 + "}" * 5000)
    Traceback (most recent call last):
    kg.errors.LimitError: This query nests more than 200 levels deep; flatten groups and brackets that hold...
    """
    # Most texts are too short to have so many of anything, which is quickly seen.
    if len(text) <= _MOST_OPERATORS and sum(map(text.count, "{([")) <= _MOST_NESTED:
        return
    depth = clauses = operators = 0
    for match in _NESTING.finditer(text):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
        elif match["clause"]:
            clauses += 1
        elif match["operator"]:
            operators += 1
        if depth > _MOST_NESTED:
            raise LimitError(
                f"This query nests more than {_MOST_NESTED} levels deep; "
                "flatten groups and brackets that hold only one thing."
            )
    if clauses > _MOST_CLAUSES or operators > _MOST_OPERATORS:
        raise LimitError(
            f"This query has more than {_MOST_CLAUSES:,} clauses such as OPTIONAL or UNION, or more than "
            f"{_MOST_OPERATORS:,} operators; put what it lists into VALUES, or ask it in parts."
        )


def check_joins(text: str) -> None:
    """Raise `LimitError` for a query whose patterns the planner would take many minutes to put in order.

    Its time grows with the fifth power of their number: 150 triples in one group take it ten seconds, and
    very many end the process.

    >>> check_joins("ASK { " + "?s ?p ?o . " * 1000 + "}")
    Traceback (most recent call last):
    kg.errors.LimitError: This query joins more than 250 patterns in one group; ask it in parts.
    """
    if text.count(".") + text.count(";") + text.count("/") <= _MOST_JOINED:
        return
    joined, in_template, word = 0, False, ""
    for match in _JOINING.finditer(text):
        if match["brace"]:
            joined, in_template = 0, match["brace"] == "{" and word == "CONSTRUCT"
            word = ""
        elif match["word"]:
            word = match["word"].upper()
        elif (match["joined"] or match[0].endswith(".")) and not in_template:
            joined += 1
            if joined > _MOST_JOINED:
                raise LimitError(
                    f"This query joins more than {_MOST_JOINED} patterns in one group; ask it in parts."
                )


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
