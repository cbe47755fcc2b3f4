"""Saying the same in words that an engine with departures of its own understands as others do.

Everything is standard SPARQL 1.1 and means the same anywhere. Virtuoso 7 compares a stored date by `<=` with
a constant wrongly, but not with `STRDT` of the same; it divides integers as integers; and it keeps a year as
the year's first day, so `kg push` writes years in a datatype that Virtuoso leaves alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.engine.substitution import where_clause
from kg.vocab import BASE, DEFAULT

XSD = "http://www.w3.org/2001/XMLSchema#"
ALIAS = f"{BASE}as/"
MARK = f"{BASE}years-apart"
"""The graph by which an engine is known to keep years under other names."""
ALIASED = ("gYear", "gYearMonth")
"""The datatypes that are kept under other names by an engine that would merge them with dates."""
_DATES = {
    "date",
    "dateTime",
    "time",
    "gYear",
    "gYearMonth",
    "dayTimeDuration",
    "yearMonthDuration",
    "duration",
}

_TOKEN = re.compile(
    r"""
    (?P<comment> \#[^\r\n]* )
  | (?P<text> \"{3} (?: [^"\\] | \\. | "{1,2}(?!") )* \"{3} | '{3} (?: [^'\\] | \\. | '{1,2}(?!') )* '{3}
      | "(?: [^"\\\r\n] | \\. )*" | '(?: [^'\\\r\n] | \\. )*' )
    (?: \^\^ (?P<type> <[^<>"{}|^`\\\x00-\x20]*> | [\w.-]*:[\w.-]* ) )?
  | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> | [\w.-]* : (?: \\. | %[0-9A-Fa-f]{2} | [\w.:-] )* )
  | [?$] \w+ | @ [\w-]+ | (?P<word> [^\W\d] \w* ) | (?P<mark> [{}()/] )
    """,
    re.VERBOSE | re.DOTALL,
)
_GRAPHS = re.compile(r"\bGRAPH\s*(?:([?$]\w)|<([^<>\s]*)>|([\w.-]*):([\w.:-]*))", re.IGNORECASE)
_NODE_ID = re.compile(rb"nodeID://(\w+)")
_OPENED = re.compile(rb"(<literal[^<>]*>)(\s+)")
_CLOSED = re.compile(rb"\s+(?=</literal>)")
_PREFIX = re.compile(r"\bPREFIX\s+([\w.-]*):\s*<([^<>\s]*)>", re.IGNORECASE)
_HEADS = frozenset(["SELECT", "GROUP", "HAVING", "ORDER"])
_NOT_BEFORE_EXPRESSIONS = frozenset(["VALUES", "A", "WHERE", "UNION", "OPTIONAL", "MINUS", "EXISTS"])


class Speller:
    """One pass over the tokens of a query that knows what is an expression and what a pattern."""

    def __init__(self, text: str, *, plain_dates: bool, exact_division: bool, aliased: bool) -> None:
        self._text = text
        self._plain_dates, self._exact_division, self._aliased = plain_dates, exact_division, aliased
        self._prefixes = dict(_PREFIX.findall(text))
        self._open: list[str] = []
        """What the brackets around hold: `{` patterns, `(` expressions, `[` lists, paths and data."""
        self._head = self._values = False
        self._before = self._before_that = ""

    def apply(self) -> str:
        """Return the text in the other words."""
        return _TOKEN.sub(self._replace, self._text)

    def _replace(self, match: re.Match[str]) -> str:
        found = match[0]
        if match["comment"]:
            return found
        if match["text"]:
            found = self._literal(match)
        elif match["iri"]:
            # A name before a bracket calls a function, such as a cast, which has no other name.
            found = found if self._text[match.end() :].lstrip()[:1] == "(" else self._name(found)
        elif match["word"]:
            self._word(found.upper())
        elif match["mark"]:
            found = self._mark(found)
        self._before_that, self._before = self._before, (match["word"] and match[0].upper()) or match[0]
        return found

    def _literal(self, match: re.Match[str]) -> str:
        if not match["type"]:
            return match[0]
        kind = self._name(match["type"])
        if self._plain_dates and self._in_expression() and self._local(match["type"]) in _DATES:
            return f"STRDT({match['text']}, {kind})"
        return f"{match['text']}^^{kind}"

    def _name(self, name: str) -> str:
        """Return the name under which a datatype is kept."""
        local = self._local(name) if self._aliased else ""
        return f"<{ALIAS}{local}>" if local in ALIASED else name

    def _local(self, name: str) -> str:
        """Return the local name of one of XML Schema's terms, nothing for others."""
        if name.startswith("<"):
            return name[len(XSD) + 1 : -1] if name[1:].startswith(XSD) else ""
        prefix, _, local = name.partition(":")
        return local if self._prefixes.get(prefix) == XSD else ""

    def _word(self, word: str) -> None:
        if word in _HEADS:
            self._head = True
        elif word in {"WHERE", "LIMIT", "OFFSET", "VALUES"}:
            self._head = False
        self._values = self._values or word == "VALUES"

    def _mark(self, mark: str) -> str:
        if mark == "{":
            self._open.append("[" if self._values else "{")
            self._head = self._values = False
        elif mark == "(":
            self._open.append("(" if self._begins_expression() else "[")
        elif mark in "})":
            self._head = self._head and mark == ")"
            if self._open:
                self._open.pop()
        elif self._exact_division and self._in_expression():
            return " * 1.0 /"
        return mark

    def _begins_expression(self) -> bool:
        if self._in_expression() or self._head:
            return True
        if self._values or (self._open and self._open[-1] == "["):
            return False
        is_word = self._before.isidentifier() and self._before not in _NOT_BEFORE_EXPRESSIONS
        return is_word or self._before_that == "FILTER"

    def _in_expression(self) -> bool:
        return bool(self._open) and self._open[-1] == "("


def graphs_in(text: str) -> list[str] | None:
    """Return the graphs that a query names, None where it asks for them by a variable.

    >>> graphs_in("PREFIX a: <urn:a:> ASK { GRAPH a:b { ?s ?p ?o } GRAPH <urn:c> { ?s ?p ?o } }")
    ['urn:a:b', 'urn:c']
    """
    prefixes = dict(_PREFIX.findall(text))
    found: list[str] = []
    for variable, iri, prefix, local in _GRAPHS.findall(text):
        if variable:
            return None
        found.append(iri or prefixes.get(prefix, "") + local)
    return found


def within(text: str, graphs: Iterable[str]) -> str | None:
    """Write a query so that its default graph is `kg:default`, without naming a dataset; None for a DESCRIBE.

    Virtuoso 7 loses rows where a dataset is named and a variable names a graph and stands in a triple, and
    without the SELECT it follows no `p+` in a named graph. Of what else it holds, `graphs` are left out.

    >>> within("ASK { ?s ?p ?o GRAPH ?g { ?s ?p ?o } }", ["urn:x"]).replace(DEFAULT, "d")
    'ASK { GRAPH <d> { { SELECT * { ?s ?p ?o GRAPH ?g { ?s ?p ?o } FILTER(?g NOT IN (<urn:x>)) } } } }'
    """
    found = where_clause(text)
    if found is None:
        return None
    start, end = found
    inside = _without(text[start + 1 : end], f"({', '.join(f'<{graph}>' for graph in graphs)})")
    return f"{text[: start + 1]} GRAPH <{DEFAULT}> {{ {{ SELECT * {{{inside}}} }} }} }}{text[end + 1 :]}"


def _without(text: str, graphs: str) -> str:
    """Put a filter behind each `GRAPH ?g { }`."""
    parts: list[str] = []
    waiting: list[str] = []
    done, name, before = 0, "", ""
    for match in _TOKEN.finditer(text):
        found = match[0]
        if match["mark"] == "{":
            waiting.append(name)
        elif match["mark"] == "}" and waiting and (graph := waiting.pop()):
            parts += text[done : match.end()], f" FILTER({graph} NOT IN {graphs})"
            done = match.end()
        name = found if found[0] in "?$" and before == "GRAPH" else ""
        before = found.upper()
    return "".join(parts) + text[done:]


def without_graphs(text: str) -> str:
    """Write what nothing matches for each `GRAPH ?g { }`, for an engine that knows no graphs.

    >>> without_graphs("ASK { ?s ?p ?o OPTIONAL { GRAPH ?g { ?s a ?c } } }")
    'ASK { ?s ?p ?o OPTIONAL {   { { ?s a ?c } FILTER(false) } } }'
    """
    waiting: list[bool] = []
    last = before = ""

    def write(match: re.Match[str]) -> str:
        nonlocal last, before
        found, is_graph = match[0], before == "GRAPH"
        before, last = last, found.upper()
        if match["mark"] == "{":
            waiting.append(is_graph)
            return "{ {" if is_graph else found
        if match["mark"] == "}" and waiting and waiting.pop():
            return "} FILTER(false) }"
        return "" if last == "GRAPH" or before == "GRAPH" else found

    return _TOKEN.sub(write, text)


def kept(text: str) -> str:
    """Write N-Triples with the datatypes under which an engine keeps years."""
    for name in ALIASED:
        text = text.replace(f'"^^<{XSD}{name}>', f'"^^<{ALIAS}{name}>')
    return text


def plain_terms(text: bytes) -> bytes:
    """Undo `kept` in an answer."""
    return text.replace(ALIAS.encode(), XSD.encode()) if ALIAS.encode() in text else text


def plain_nodes(text: bytes) -> bytes:
    """Undo `kept`, and write Virtuoso's blank nodes, `nodeID://b1`, as others do."""
    text = plain_terms(text)
    return _NODE_ID.sub(rb"\1", text) if b"nodeID://" in text else text


def plain_xml(text: bytes) -> bytes:
    """Do the same in XML, and keep spaces around texts: pyoxigraph 0.5.13 drops those not written as codes.

    >>> plain_xml(b"<literal xml:lang='en'> a </literal>")
    b"<literal xml:lang='en'>&#32;a&#32;</literal>"
    """
    text = _OPENED.sub(lambda found: found[1] + _coded(found[2]), plain_nodes(text))
    return _CLOSED.sub(lambda found: _coded(found[0]), text)


def _coded(spaces: bytes) -> bytes:
    return b"".join(b"&#%d;" % code for code in spaces)
