"""What a service answered, as pyoxigraph's results: solutions as they come, triples as a set."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

import pyoxigraph as ox

from kg.engine import Answer
from kg.engine.dialect import plain_nodes, plain_terms, plain_xml
from kg.engine.http import Reply
from kg.engine.streaming import Rewrite, unfinished
from kg.errors import EngineError

T = TypeVar("T")

# XML first: Virtuoso 7 writes true as 1 in its JSON, and the end of TSV cannot be told from a cut.
ROWS = "application/sparql-results+xml, application/sparql-results+json;q=0.9"
TRIPLES = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
_ROW_FORMATS: Mapping[str, tuple[ox.QueryResultsFormat, tuple[bytes, ...]]] = {
    "application/sparql-results+xml": (ox.QueryResultsFormat.XML, (b"</sparql>",)),
    "application/xml": (ox.QueryResultsFormat.XML, (b"</sparql>",)),
    "text/xml": (ox.QueryResultsFormat.XML, (b"</sparql>",)),
    "application/sparql-results+json": (ox.QueryResultsFormat.JSON, (b"}",)),
    "application/json": (ox.QueryResultsFormat.JSON, (b"}",)),
}
_TRIPLE_FORMATS: Mapping[str, tuple[ox.RdfFormat, tuple[bytes, ...]]] = {
    "application/n-triples": (ox.RdfFormat.N_TRIPLES, (b".",)),
    "text/plain": (ox.RdfFormat.N_TRIPLES, (b".",)),
    "text/turtle": (ox.RdfFormat.TURTLE, (b".",)),
    "application/rdf+xml": (ox.RdfFormat.RDF_XML, (b">",)),
    "application/xml": (ox.RdfFormat.RDF_XML, (b">",)),
    "text/xml": (ox.RdfFormat.RDF_XML, (b">",)),
}
_IN_XML, _IN_JSON = Rewrite(plain_xml, b"<binding"), Rewrite(plain_nodes, b'"')
_PAGE = re.compile(rb"\s*<(!doctype\s+)?html", re.IGNORECASE)
"""How a page for people begins, whatever it is called."""
_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
_HEAD = re.compile(r"\bSELECT\b([^{]*)\{", re.IGNORECASE)
_NAMED = re.compile(r"\bAS\s+[?$](\w+)\s*\)", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^()]*\)")
_ENCODING = re.compile(rb"""\s*<\?xml[^>]*encoding=["'](?!utf-?8|us-ascii)([\w.-]+)""", re.IGNORECASE)
"""How XML says that it is not in UTF-8, which its parser takes it for all the same."""
_IN_TRIPLES = Rewrite(plain_terms, b"<")


def read_rows(url: str, reply: Reply) -> ox.QuerySolutions | ox.QueryBoolean:
    """Return solutions or a truth; raises `EngineError` for what is none, now or while it is read."""
    kind, ends = _format(url, reply, _ROW_FORMATS)
    try:
        rewrite = _IN_XML if kind == ox.QueryResultsFormat.XML else _IN_JSON
        file = reply.body.file(ends, rewrite)
        if kind == ox.QueryResultsFormat.JSON and isinstance(file, io.BytesIO):
            file = io.BytesIO(_alone(url, file.getvalue()))
        return ox.parse_query_results(file, kind)
    except (SyntaxError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"The answer of {url} does not parse: {error}") from error


def _alone(url: str, text: bytes) -> bytes:
    """Leave out what some services write behind the rows, such as times: the parser refuses it."""
    if text.rstrip().endswith((b"]}}", b"true}", b"false}")):
        return text
    try:
        found = json.loads(text)
    except ValueError as error:
        raise unfinished(url) from error
    if "results" in found:
        found = {"head": found["head"], "results": {"bindings": found["results"]["bindings"]}}
    return json.dumps(found).encode()


def read_triples(url: str, reply: Reply) -> ox.Store:
    """Return a store with triples, each once; raises `EngineError` for what is none."""
    kind, ends = _format(url, reply, _TRIPLE_FORMATS)
    is_empty = reply.body.first.lstrip()[:1] in {b"", b"#"}
    store = ox.Store()
    try:
        store.bulk_load(reply.body.file((b"",) if is_empty else ends, _IN_TRIPLES), kind, base_iri=url)
    except (SyntaxError, ValueError) as error:
        raise EngineError(f"The answer of {url} does not parse: {error}") from error
    return store


def _format(url: str, reply: Reply, known: Mapping[str, T]) -> T:
    kind = "text/html" if _PAGE.match(reply.body.first) else reply.media_type
    if kind not in known:
        raise EngineError(
            f"{url} answered {kind}, not SPARQL results; is this the endpoint itself? "
            "Its address often ends in /sparql or /query."
        )
    if found := _ENCODING.match(reply.body.first):
        raise EngineError(f"{url} writes its answers in {found[1].decode()}; kg reads UTF-8 alone.")
    return known[kind]


def check(url: str, answer: Answer, form: str, text: str) -> None:
    """Raise `EngineError` for what is no answer to the question, as a wrong page of a cache is."""
    if isinstance(answer, ox.QuerySolutions):
        columns = {variable.value for variable in answer.variables}
        fits = form != "ASK" and (not columns or _asked(text) <= columns)
    else:
        fits = isinstance(answer, ox.QueryTriples) or form != "SELECT"
    if not fits:
        raise EngineError(f"{url} answered something else than it was asked; is this the endpoint itself?")


def _asked(text: str) -> set[str]:
    r"""Return the columns that a query names; none where that cannot be told at a glance.

    >>> sorted(_asked("SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a ?p ?b }")), _asked("SELECT * { ?s ?p ?o }")
    (['a', 'n'], set())
    >>> _asked("# SELECT ?before { ?s ?p ?o }\nSELECT ?now { ?s ?p ?o }")
    {'now'}
    """
    found = _HEAD.search(_COMMENT.sub("", text))
    head = found[1] if found else ""
    named = _NAMED.findall(head)
    while (outside := _BRACKETS.sub(" ", head)) != head:
        head = outside
    # What is left may be a comment, or a bracket in a text.
    return set() if re.search(r"[()#<]", head) else {*named, *re.findall(r"[?$](\w+)", head)}


class CutError(EngineError):
    """A service left out rows; `size` is how many it gives at most, `columns` are those of its answer."""

    def __init__(self, url: str, size: str, columns: Sequence[str]) -> None:
        self.size, self.columns = int(size) if size.isdigit() else 0, columns if size.isdigit() else ()
        super().__init__(
            f"{url} gives no more than {size} rows and left out the rest; ask for parts with "
            "ORDER BY, LIMIT and OFFSET, or have its limit raised (Virtuoso: ResultSetMaxRows)."
        )


def cut(url: str, reply: Reply, answer: Answer | None = None) -> CutError | None:
    """Return an error if the engine says that it has cut the answer, as Virtuoso does beyond 10,000 rows."""
    most = reply.headers.get("X-SPARQL-MaxRows")
    columns = [v.value for v in answer.variables] if isinstance(answer, ox.QuerySolutions) else []
    return CutError(url, most, columns) if most else None
