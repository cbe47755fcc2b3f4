"""The cap on rows: a LIMIT is written into a query that has none, or a higher one."""

from __future__ import annotations

from kg.engine.syntax import QUERIES
from kg.errors import QuerySyntaxError
from kg.evidence.tokens import Token, resolve_escapes, tokenize

# How an answer itself says that it was limited, in place of its first bytes: formats that can hold a remark.
_REMARKS = {
    "json": (b"{", b'{"limited":{"rows":%d},'),
    "turtle": (b"", b"# LIMIT %d was added to this query.\n"),
    "trig": (b"", b"# LIMIT %d was added to this query.\n"),
    "ntriples": (b"", b"# LIMIT %d was added to this query.\n"),
    "nquads": (b"", b"# LIMIT %d was added to this query.\n"),
}


def cap(query: str, rows: int) -> str:
    r"""Return a query that has no more than so many rows; without rows, the query itself.

    >>> cap("SELECT * { ?s ?p ?o } OFFSET 2 # all", 10)
    'SELECT * { ?s ?p ?o } OFFSET 2\nLIMIT 10 # all'
    >>> cap("SELECT * { { SELECT * { } LIMIT 99 } } LIMIT 50", 10), cap("ASK { }", 10)
    ('SELECT * { { SELECT * { } LIMIT 99 } } LIMIT 10', 'ASK { }')
    """
    if not rows:
        return query
    try:
        text = resolve_escapes(query)
        tokens = _outermost(tokenize(text))
    except QuerySyntaxError:
        # The engine says what is wrong with it.
        return query
    words = [token.text.upper() if token.kind == "word" else "" for token in tokens]
    if next((word for word in words if word in QUERIES), "ASK") == "ASK":
        return query
    if "LIMIT" in words[:-1]:
        number = tokens[words.index("LIMIT") + 1]
        if number.kind != "number" or not number.text.isdigit() or int(number.text) <= rows:
            return query
        return f"{text[: number.start]}{rows}{text[number.end :]}"
    last = words.index("VALUES") if "VALUES" in words else len(tokens) - 1
    end = tokens[last - 1].end
    return f"{text[:end]}\nLIMIT {rows} {text[end:].lstrip(' ')}"


def remark(name: str, rows: int) -> tuple[bytes, bytes]:
    """Return what bytes of an answer are replaced by which; none in a format that cannot hold a remark."""
    before, after = _REMARKS.get(name, (b"", b""))
    return before, after % rows if after else b""


def added(rows: int) -> str:
    """Return what the header `Kg-Added` says.

    >>> added(10)
    'LIMIT 10'
    """
    return f"LIMIT {rows}"


def _outermost(tokens: list[Token]) -> list[Token]:
    """Leave out what stands within braces."""
    found, depth = [], 0
    for token in tokens:
        if token.text == "}" and token.kind == "mark":
            depth -= 1
        if depth == 0:
            found.append(token)
        if token.text == "{" and token.kind == "mark":
            depth += 1
    return found
