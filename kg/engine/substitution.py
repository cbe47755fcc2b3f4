"""Giving terms to variables in a SPARQL text, for engines that take text alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyoxigraph as ox

from kg.engine import Term
from kg.errors import ParameterError

_TOKEN = re.compile(
    r"""
    (?P<skip> \#[^\r\n]* | <[^<>"{}|^`\\\x00-\x20]*>
      | \"{3} (?: [^"\\] | \\. | "{1,2}(?!") )* \"{3} | '{3} (?: [^'\\] | \\. | '{1,2}(?!') )* '{3}
      | "(?: [^"\\\r\n] | \\. )*" | '(?: [^'\\\r\n] | \\. )*'
      | @ [\w-]+ | [\w.-]* : (?: \\. | %[0-9A-Fa-f]{2} | [\w.:-] )* )
  | [?$] (?P<variable> \w+ ) | (?P<word> [^\W\d] \w* ) | (?P<brace> [{}] )
    """,
    re.VERBOSE | re.DOTALL,
)
_AFTER_HEAD = frozenset(["WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"])
_PREFIX = re.compile(r"(?:^|\s)PREFIX\s+([\w.-]*):", re.IGNORECASE)
_USED = re.compile(r"(?<![\w?$:])([A-Za-z][\w.-]*|):")


def declare(text: str, prefixes: Mapping[str, str]) -> str:
    """Put the prefixes that a text uses and does not declare before it, on its first line.

    >>> declare("ASK { ex:a ?p ?o }", {"ex": "http://example.org/", "foaf": "http://xmlns.com/foaf/0.1/"})
    'PREFIX ex: <http://example.org/> ASK { ex:a ?p ?o }'
    """
    wanted = set(_USED.findall(text)) - set(_PREFIX.findall(text))
    lines = [f"PREFIX {name}: <{prefixes[name]}> " for name in sorted(wanted) if name in prefixes]
    return "".join(lines) + text


def substitute(text: str, bindings: Mapping[str, Term]) -> str:
    """Write terms in the place of variables; a variable that a SELECT projects keeps its column.

    Raises `ParameterError` for a blank node, which no text can name.

    >>> substitute("SELECT ?a ?b { ?a ?p ?b }", {"a": ox.NamedNode("http://example.org/a")})
    'SELECT ?a ?b { VALUES (?a) { (<http://example.org/a>) } <http://example.org/a> ?p ?b }'
    """
    for name, term in bindings.items():
        if isinstance(term, ox.BlankNode):
            raise ParameterError(f"The blank node {term} cannot be given to ?{name}; name it with an IRI.")
    return _Substitution(bindings).apply(text) if bindings else text


def over(text: str, default: Sequence[str], named: Sequence[str]) -> str:
    """Write FROM clauses into a query that has none.

    Fields of the protocol would say the same, but Virtuoso echoes each of them as a header, and clients
    take a hundred headers at most.

    >>> over("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", ["http://example.org/d"], [])
    'CONSTRUCT { ?s ?p ?o } FROM <http://example.org/d> { ?s ?p ?o }'
    """
    clauses = [f"FROM <{graph}> " for graph in default] + [f"FROM NAMED <{graph}> " for graph in named]
    at = _where(text)
    gap = "" if text[:at][-1:].isspace() else " "
    return text[:at] + gap + "".join(clauses) + text[at:]


def where_clause(text: str) -> tuple[int, int] | None:
    """Return where the outermost braces of the WHERE clause stand; None for a query that has none.

    >>> where_clause("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1")
    (29, 40)
    """
    start, depth = None, 0
    first = _where(text)
    for match in _TOKEN.finditer(text, first):
        if match["brace"] == "{":
            start = match.start() if start is None else start
            depth += 1
        elif match["brace"]:
            depth -= 1
            if start is not None and not depth:
                return start, match.start()
    return None


class Outline(NamedTuple):
    """Where a SELECT begins, where its solution modifiers end, and the keywords outside of its braces."""

    select: int
    end: int
    words: list[str]


def after_where(text: str) -> Outline | None:
    """Return the outline of a SELECT query, None for one of another form.

    >>> after_where("SELECT ?s { ?s ?p ?o } LIMIT 1")
    Outline(select=0, end=30, words=['SELECT', 'LIMIT'])
    """
    select, end, depth, words = -1, len(text), 0, list[str]()
    for match in _TOKEN.finditer(text):
        word = (match["word"] or "").upper()
        if match["brace"]:
            depth += 1 if match["brace"] == "{" else -1
        elif word and not depth:
            words.append(word)
            select = match.start() if word == "SELECT" and select < 0 else select
            end = match.start() if word == "VALUES" else end
    return Outline(select, end, words) if select >= 0 else None


def _where(text: str) -> int:
    """Where the WHERE clause begins, or what follows it where a DESCRIBE has none."""
    form, depth, groups = "", 0, 0
    for match in _TOKEN.finditer(text):
        word, brace = (match["word"] or "").upper(), match["brace"]
        if not form:
            form = word if word in {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"} else ""
        elif depth == 0 and (word in _AFTER_HEAD or (brace == "{" and (form != "CONSTRUCT" or groups))):
            return match.start()
        if brace:
            depth += 1 if brace == "{" else -1
            groups += brace == "{"
    return len(text)


class _Substitution:
    """One pass over the tokens that knows where a variable must stay a variable."""

    def __init__(self, bindings: Mapping[str, Term]) -> None:
        self._bindings = bindings
        self._form = ""
        self._head = False
        """Whether we are between SELECT (or VALUES, GROUP BY) and the brace that ends its variables."""
        self._after_as = False
        self._joined = False

    def apply(self, text: str) -> str:
        return _TOKEN.sub(self._replace, text)

    def _replace(self, match: re.Match[str]) -> str:
        if word := match["word"]:
            return self._word(word)
        if brace := match["brace"]:
            return self._brace(brace)
        if name := match["variable"]:
            keeps = self._head or self._after_as
            self._after_as = False
            return match[0] if keeps or name not in self._bindings else str(self._bindings[name])
        return match[0]

    def _word(self, word: str) -> str:
        upper = word.upper()
        self._after_as = upper == "AS"
        if not self._form and upper in {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}:
            self._form = upper
        if upper in {"SELECT", "VALUES", "GROUP", "ORDER", "HAVING"}:
            self._head = True
        elif upper in {"WHERE", "LIMIT", "OFFSET"}:
            self._head = False
        return word

    def _brace(self, brace: str) -> str:
        self._head = False
        if brace == "{" and self._form == "SELECT" and not self._joined:
            self._joined = True
            names = " ".join(f"?{name}" for name in self._bindings)
            return f"{{ VALUES ({names}) {{ ({' '.join(map(str, self._bindings.values()))}) }}"
        return brace
