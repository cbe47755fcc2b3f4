"""An engine elsewhere: SPARQL 1.1 over HTTP, behind the one protocol.

Some engines have no default graph of their own: a query without a dataset sees the union of all graphs,
each statement as often as it stands in a graph. `kg push` gives such an engine a graph `kg:default` with
every statement once, and the profile makes queries use it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property

import pyoxigraph as ox

from kg.engine import Answer, Term
from kg.engine.answers import ROWS, TRIPLES, CutError, check, cut, read_rows, read_triples
from kg.engine.dialect import MARK, Speller, graphs_in, within, without_graphs
from kg.engine.embedded import Embedded, refuse_calls, update_refused
from kg.engine.http import Client, Reply, check_url
from kg.engine.paging import joined, page
from kg.engine.probe import Profile, probe
from kg.engine.profiles import forget, remember, remembered
from kg.engine.refusals import RefusedError
from kg.engine.substitution import declare, over, substitute
from kg.engine.syntax import QUERIES, calls_elsewhere, is_update, keywords
from kg.errors import EngineError, InputError
from kg.vocab import DEFAULT, PROVENANCE

_MOST_NAMED = 1000
"""How many graphs a request can name; beyond that an engine's own bookkeeping graphs are seen too."""
_EVERYTHING = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_NO_UPDATES = frozenset([404, 405, 406, 415, 501])
"""By these an address says that it is not one for updates."""
_SYSTEM = re.compile(
    rf"^{DEFAULT}$|^{MARK}$|^http://www\.openlinksw\.com/|^http://www\.w3\.org/ns/ldp#|/DAV/$|/sparql$"
)


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
        fields = [("default-graph-uri", name) for graph in default_graph or () for name in self._names(graph)]
        fields += [("named-graph-uri", graph.value) for graph in named_graphs or ()]
        sent = declare(substitute(text, bindings or {}), self.prefixes)
        if self.profile.graphs is False:
            sent = without_graphs(sent)
        names_graphs = "FROM" in keywords(text)
        if names_graphs and self.profile.narrows is False:
            raise EngineError(
                f"{self.url} answers from all graphs, whatever FROM says; ask of one with GRAPH, or have it "
                "started otherwise (Oxigraph: without --union-default-graph)."
            )
        is_free = default_graph is None and named_graphs is None and not names_graphs
        try:
            return self._whole(sent) if is_free else self._send(self._spelled(sent), fields)
        except RefusedError as error:
            raise self._explained(error, text) from error

    def update(self, text: str) -> None:
        """Run an update; see `Engine.update`."""
        if not self.allow_service:
            refuse_calls(text)
        sent = self._spelled(declare(text, self.prefixes))
        try:
            self.client.send(self.update_url, sent.encode(), "application/sparql-update")
        except RefusedError as error:
            if error.status in _NO_UPDATES and self.update_url == self.url:
                raise EngineError(
                    f"{str(error).removesuffix('.')}. If it takes updates elsewhere, name that address with "
                    "--update."
                ) from error
            raise self._explained(error, text, update=True) from error

    @property
    def batch(self) -> int:
        """How many rows of VALUES a question should have at most."""
        return self.profile.batch

    @cached_property
    def profile(self) -> Profile:
        """What this engine does where engines differ, found out or remembered."""
        # Not of graphs: an engine that knows none refuses the word.
        reply = self.client.ask(self.url, [("query", "ASK { ?s ?p ?o }")], ROWS)
        server = reply.headers.get("Server", "").strip()
        kept = remembered(self.url, server)
        hasty = Remote(self.url, client=self.client.hasty())
        profile = probe(lambda text: hasty._send(text, []), server, kept)
        if profile != kept:
            remember(self.url, profile)
        return profile

    @cached_property
    def has_default(self) -> bool:
        """Whether the graph `kg:default` stands in for a default graph that is the union of all graphs."""
        return bool(self.profile.union) and self._truth(f"ASK {{ GRAPH <{DEFAULT}> {{ ?s ?p ?o }} }}")

    @cached_property
    def keeps_aliases(self) -> bool:
        """Whether years are kept in datatypes of our own, because the engine would merge them with dates."""
        return bool(self.profile.years_are_dates) and self._truth(f"ASK {{ GRAPH <{MARK}> {{ ?s ?p ?o }} }}")

    def snapshot(self) -> str:
        """Return the address and the time: what others change has no other name."""
        return f"{self.url} at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def graph_names(self) -> list[str]:
        """Return the IRIs of the named graphs, sorted, without what the engine keeps for itself."""
        return list(self._graphs[0])

    def forget(self, *, profile: bool = False) -> None:
        """Forget what holds of the data, because they have changed; with `profile`, of the engine too."""
        if profile:
            self.__dict__.pop("profile", None)
            forget(self.url)
        for name in ("has_default", "keeps_aliases", "_graphs"):
            self.__dict__.pop(name, None)

    @cached_property
    def _graphs(self) -> tuple[list[str], list[str]]:
        """The named graphs, and those that the engine keeps for itself."""
        if self.profile.graphs is False:
            return [], []
        # Virtuoso 7 takes a thousand times longer for SELECT DISTINCT.
        answer = self._send("SELECT ?g WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g", [])
        assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - the text is a SELECT
        # Some engines answer one empty row where there is no graph.
        found = sorted(row["g"].value for row in answer if row["g"] is not None)
        return [g for g in found if not _SYSTEM.search(g)], [g for g in found if _SYSTEM.search(g)]

    def _names(self, graph: ox.NamedNode | ox.DefaultGraph) -> list[str]:
        """Name a graph; for a default graph, which the protocol cannot name, all that is copied into it."""
        if isinstance(graph, ox.NamedNode):
            return [graph.value]
        return [DEFAULT] if self.has_default else [name for name in self._graphs[0] if name != PROVENANCE]

    def _whole(self, text: str) -> Answer:
        """Ask over the engine's own dataset, in pages where it gives no more than so many rows at once."""
        try:
            return self._send(self._spelled(self._placed(text)), [])
        except CutError as error:
            size, columns = error.size, error.columns
            if page(text, columns, size, 0) is None:
                raise

        def ask(offset: int) -> ox.QuerySolutions:
            one = page(text, columns, size, offset) or ""
            # A full page is said to be cut, too.
            answer = self._send(self._spelled(self._placed(one)), [], is_page=True)
            assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 - the text is a SELECT
            return answer

        return joined(ask, size)

    def _placed(self, text: str) -> str:
        """Say where the default graph is, if the engine has none of its own."""
        if not self.has_default:
            return text
        graphs, (named, hidden) = graphs_in(text), self._graphs
        if (graphs is None or self.profile.narrows is False) and (placed := within(text, hidden)) is not None:
            return placed
        return over(text, [DEFAULT], named[:_MOST_NAMED] if graphs is None else graphs)

    def _spelled(self, text: str) -> str:
        """Write what this engine understands differently in words that it understands as others do."""
        profile = self.profile
        if profile.exact_division is not False and not profile.years_are_dates:
            return text
        return Speller(
            text,
            plain_dates=bool(profile.years_are_dates),
            exact_division=profile.exact_division is False,
            aliased=self.keeps_aliases,
        ).apply()

    def _send(self, text: str, fields: list[tuple[str, str]], *, is_page: bool = False) -> Answer:
        form = next((word for word in keywords(text) if word in QUERIES), "")
        is_graph = form in {"CONSTRUCT", "DESCRIBE"}
        reply = self.client.ask(self.url, [("query", text), *fields], TRIPLES if is_graph else ROWS)
        try:
            answer = self._triples(reply) if is_graph else read_rows(self.url, reply)
            check(self.url, answer, form, text)
            if not is_page and (error := cut(self.url, reply, answer)):
                # An answer belongs to its thread, but the traceback of a failure could carry it into another.
                del answer
                raise error
        except EngineError:
            # The failure would hold the connection, for as long as anybody holds it.
            reply.body.close()
            raise
        return answer

    def _triples(self, reply: Reply) -> Answer:
        store = read_triples(self.url, reply)
        if len(store) > 1 and len(store) % 100 == 1:
            # Virtuoso 7 tells when it leaves out rows, not when triples: it stops one after its most.
            text = f"SELECT ?s {{ ?s ?p ?o }} LIMIT {len(store)}"
            rows = self.client.ask(self.url, [("query", text)], ROWS)
            rows.body.close()
            if error := cut(self.url, rows):
                raise error
        return store.query(_EVERYTHING)

    def _truth(self, ask: str) -> bool:
        return bool(self._send(ask, []))

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
