"""An engine elsewhere: SPARQL 1.1 over HTTP, behind the one protocol.

Some engines have no default graph of their own: a query without a dataset sees the union of all graphs,
each statement as often as it stands in a graph. `kg push` gives such an engine a graph `kg:default` with
every statement once, and the profile makes queries use it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

import pyoxigraph as ox

from kg.engine import Answer, Term
from kg.engine.embedded import Embedded, refuse_calls, update_refused
from kg.engine.http import Client, RefusedError, Reply, check_url
from kg.engine.substitution import declare, over, substitute
from kg.engine.syntax import QUERIES, calls_elsewhere, is_update, keywords
from kg.errors import EngineError, InputError
from kg.vocab import DEFAULT, PROVENANCE

T = TypeVar("T")

# XML first: Virtuoso 7 writes true as 1 in its JSON.
_ROWS = "application/sparql-results+xml, application/sparql-results+json;q=0.9"
_TRIPLES = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
_RESULT_FORMATS: Mapping[str, tuple[ox.QueryResultsFormat, tuple[bytes, ...]]] = {
    "application/sparql-results+xml": (ox.QueryResultsFormat.XML, (b"</sparql>",)),
    "application/xml": (ox.QueryResultsFormat.XML, (b"</sparql>",)),
    "application/sparql-results+json": (ox.QueryResultsFormat.JSON, (b"]}}", b"true}", b"false}")),
    "application/json": (ox.QueryResultsFormat.JSON, (b"]}}", b"true}", b"false}")),
}
_GRAPH_FORMATS: Mapping[str, tuple[ox.RdfFormat, tuple[bytes, ...]]] = {
    "application/n-triples": (ox.RdfFormat.N_TRIPLES, (b".",)),
    "text/plain": (ox.RdfFormat.N_TRIPLES, (b".",)),
    "text/turtle": (ox.RdfFormat.TURTLE, (b".",)),
    "application/rdf+xml": (ox.RdfFormat.RDF_XML, (b">",)),
}
_MOST_NAMED = 1000
"""How many graphs a request can name; beyond that an engine's own bookkeeping graphs are seen too."""
_SYSTEM = re.compile(r"^http://www\.openlinksw\.com/|^http://www\.w3\.org/ns/ldp#|/DAV/$|/sparql$")


@dataclass(frozen=True, slots=True)
class Profile:
    """What an engine does where engines differ, as a probe found it."""

    union: bool = False
    """Whether its default graph is the union of all graphs."""
    has_default: bool = False
    """Whether it holds the graph `kg:default`, which stands in for a default graph."""
    zero_length: bool = True
    """Whether a path of length zero holds for a term that stands nowhere in the data."""


class Remote:
    """SPARQL 1.1 over HTTP at an endpoint; updates go to `update_url`, or to the same address."""

    def __init__(
        self,
        url: str,
        prefixes: Mapping[str, str] | None = None,
        *,
        update_url: str | None = None,
        client: Client | None = None,
        allow_service: bool = False,
    ) -> None:
        self.url = check_url(url)
        self.update_url = check_url(update_url or url)
        self.prefixes: Mapping[str, str] = dict(prefixes or {})
        self.client = client or Client()
        self.allow_service = allow_service

    def query(
        self,
        text: str,
        *,
        default_graph: Sequence[ox.NamedNode | ox.DefaultGraph] | None = None,
        named_graphs: Sequence[ox.NamedNode] | None = None,
        bindings: Mapping[str, Term] | None = None,
    ) -> Answer:
        """Answer a query of any form; see `Engine.query`."""
        if not self.allow_service:
            refuse_calls(text)
        if is_update(text):
            raise update_refused()
        fields = [("default-graph-uri", _graph_name(graph)) for graph in default_graph or ()]
        fields += [("named-graph-uri", graph.value) for graph in named_graphs or ()]
        if default_graph is None and named_graphs is None and not _has_dataset(text):
            text = over(text, *self._dataset)
        return self._ask(text, fields, bindings or {})

    def update(self, text: str) -> None:
        """Run an update; see `Engine.update`."""
        if not self.allow_service:
            refuse_calls(text)
        body = declare(text, self.prefixes).encode()
        try:
            self.client.send(self.update_url, body, "application/sparql-update")
        except RefusedError as error:
            raise self._explained(error, text, update=True) from error

    @cached_property
    def profile(self) -> Profile:
        """What this engine does where engines differ: asked once, with questions that change nothing."""
        union = self._truth(f"ASK {{ GRAPH <{PROVENANCE}> {{ ?s ?p ?o }} ?s ?p ?o }}")
        absent = "urn:kg:stands-nowhere"
        return Profile(
            union=union,
            has_default=self._truth(f"ASK {{ GRAPH <{DEFAULT}> {{ ?s ?p ?o }} }}"),
            zero_length=self._truth(f"ASK {{ <{absent}> <{absent}>* ?o }}"),
        )

    def snapshot(self) -> str:
        """Return the address and the time: what others change has no other name."""
        return f"{self.url} at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def graph_names(self) -> list[str]:
        """Return the IRIs of the named graphs, sorted, without what the engine keeps for itself."""
        return list(self._graphs)

    def forget(self) -> None:
        """Forget what the probe found, because the data have changed."""
        for name in ("profile", "_graphs", "_dataset"):
            self.__dict__.pop(name, None)

    @cached_property
    def _graphs(self) -> list[str]:
        # Virtuoso 7 takes a thousand times longer for SELECT DISTINCT.
        answer = self._ask("SELECT ?g WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g", [], {})
        assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - the text is a SELECT
        # Some engines answer one empty row where there is no graph.
        found = {row["g"].value for row in answer if row["g"] is not None}
        return sorted(name for name in found if name != DEFAULT and not _SYSTEM.search(name))

    @cached_property
    def _dataset(self) -> tuple[list[str], list[str]]:
        """The default and the named graphs to ask where a query names none; empty for the engine's own."""
        if not (self.profile.union and self.profile.has_default):
            return [], []
        return [DEFAULT], self._graphs if len(self._graphs) <= _MOST_NAMED else []

    def _ask(self, text: str, fields: list[tuple[str, str]], bindings: Mapping[str, Term]) -> Answer:
        sent = declare(substitute(text, bindings), self.prefixes)
        form = next((word for word in keywords(text) if word in QUERIES), "")
        is_graph = form in {"CONSTRUCT", "DESCRIBE"}
        try:
            reply = self.client.ask(self.url, [("query", sent), *fields], _TRIPLES if is_graph else _ROWS)
        except RefusedError as error:
            raise self._explained(error, text) from error
        self._refuse_part(reply)
        return self._graph(reply) if is_graph else self._rows(reply)

    def _rows(self, reply: Reply) -> ox.QuerySolutions | ox.QueryBoolean:
        kind, ends = self._format(reply, _RESULT_FORMATS)
        try:
            return ox.parse_query_results(reply.body.file(ends, plain_nodes=True), kind)
        except (SyntaxError, ValueError) as error:
            raise EngineError(f"The answer of {self.url} does not parse: {error}") from error

    def _graph(self, reply: Reply) -> ox.QueryTriples:
        kind, ends = self._format(reply, _GRAPH_FORMATS)
        is_empty = reply.body.first.lstrip()[:1] in {b"", b"#"}
        store = ox.Store()
        try:
            store.bulk_load(reply.body.file((b"",) if is_empty else ends), kind, base_iri=self.url)
        except (SyntaxError, ValueError) as error:
            raise EngineError(f"The answer of {self.url} does not parse: {error}") from error
        answer = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        assert isinstance(answer, ox.QueryTriples)  # noqa: S101 - the text is a CONSTRUCT
        return answer

    def _format(self, reply: Reply, known: Mapping[str, T]) -> T:
        if reply.media_type not in known:
            raise EngineError(
                f"{self.url} answered {reply.media_type}, not SPARQL results; is this the endpoint itself? "
                "Its address often ends in /sparql or /query."
            )
        return known[reply.media_type]

    def _refuse_part(self, reply: Reply) -> None:
        """Refuse an answer that the engine says it has cut, as Virtuoso does beyond its ResultSetMaxRows."""
        if most := reply.headers.get("X-SPARQL-MaxRows"):
            raise EngineError(
                f"{self.url} gives no more than {most} rows and left out the rest; ask for parts with "
                "ORDER BY, LIMIT and OFFSET, or have its limit raised (Virtuoso: ResultSetMaxRows)."
            )

    def _truth(self, ask: str) -> bool:
        return bool(self._ask(ask, [], {}))

    def _explained(self, error: RefusedError, text: str, *, update: bool = False) -> EngineError | InputError:
        """Return our own words for a query that does not parse, which name line and column, else theirs."""
        if error.status in {400, 500} and not calls_elsewhere(text):
            local = Embedded(ox.Store(), self.prefixes)
            try:
                local.update(text) if update else local.query(text)
            except InputError as found:
                return found
            except EngineError:
                pass
        return error


def _graph_name(graph: ox.NamedNode | ox.DefaultGraph) -> str:
    return DEFAULT if isinstance(graph, ox.DefaultGraph) else graph.value


def _has_dataset(text: str) -> bool:
    return "FROM" in keywords(text)
