"""The engine in this process: an Oxigraph store, behind the one protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import ClassVar

import pyoxigraph as ox

from kg.engine import Answer, Term
from kg.engine.folders import is_damage
from kg.engine.merging import MERGED, merge, named_in
from kg.engine.syntax import calls_elsewhere, check_joins, check_size, is_update, syntax_error
from kg.errors import EngineError, InputError, NotAllowedError, ParameterError

_DIGESTED = 250_000
"""A larger store has its quads counted, not read."""


class Embedded:
    """SPARQL 1.1 over a pyoxigraph store, without the network unless `allow_service` says so.

    `is_copy` tells that the store is this process's own, loaded from files that stay as they are.

    >>> engine = Embedded(ox.Store())
    >>> bool(engine.query("ASK {}"))
    True
    """

    has_order: ClassVar[bool] = False
    """Whether the order of its statements depends on them alone: what it writes is the same each time."""

    def __init__(
        self,
        store: ox.Store,
        prefixes: Mapping[str, str] | None = None,
        *,
        allow_service: bool = False,
        is_copy: bool = False,
    ) -> None:
        self.store = store
        self.prefixes: Mapping[str, str] = dict(prefixes or {})
        self.allow_service = allow_service
        self.is_copy = is_copy
        self._merged: tuple[object, ox.Store] | None = None
        self._digest: tuple[int, str] | None = None

    def query(
        self,
        text: str,
        *,
        default_graph: Sequence[ox.NamedNode | ox.DefaultGraph] | None = None,
        named_graphs: Sequence[ox.NamedNode] | None = None,
        bindings: Mapping[str, Term] | None = None,
    ) -> Answer:
        """Answer a query of any form; see `Engine.query`."""
        check_size(text)
        check_joins(text)
        if not self.allow_service:
            refuse_calls(text)
        substitutions = {ox.Variable(name): term for name, term in (bindings or {}).items()}
        store, default_graph, named_graphs = self._dataset(text, default_graph, named_graphs)
        try:
            return store.query(
                text,
                prefixes=dict(self.prefixes),
                default_graph=None if default_graph is None else list(default_graph),
                named_graphs=None if named_graphs is None else list(named_graphs),
                substitutions=substitutions or None,
            )
        except SyntaxError as error:
            if is_update(text):
                raise update_refused() from error
            raise syntax_error(str(error), text) from error
        except RuntimeError as error:
            if is_damage(error):
                raise
            if substitutions:
                raise ParameterError(f"A parameter cannot be applied: {error}.") from error
            raise EngineError(f"The engine does not take this query: {error}.") from error
        except (OSError, ValueError) as error:
            raise EngineError(f"The engine could not answer: {error}") from error

    def _dataset(
        self,
        text: str,
        default: Sequence[ox.NamedNode | ox.DefaultGraph] | None,
        named: Sequence[ox.NamedNode] | None,
    ) -> tuple[ox.Store, Sequence[ox.NamedNode | ox.DefaultGraph] | None, Sequence[ox.NamedNode] | None]:
        """Merge default graphs where several are named; those of the protocol go before those of the text."""
        if default is None and named is None:
            found = named_in(text, self.prefixes)
            if found is None:
                return self.store, None, None
            default, named = found
        graphs = [graph for graph in dict.fromkeys(default or ()) if isinstance(graph, ox.NamedNode)]
        if len(graphs) < 2:
            return self.store, default, named
        key = (tuple(graphs), tuple(named or ()), len(self.store))
        if self._merged is None or self._merged[0] != key:
            self._merged = key, merge(self.store, graphs, named or ())
        return self._merged[1], [MERGED], named or ()

    def update(self, text: str) -> None:
        """Run an update on the store; see `Engine.update`."""
        check_size(text)
        if not self.allow_service:
            refuse_calls(text)
        try:
            self._digest = self._merged = None
            self.store.update(text, prefixes=dict(self.prefixes))
        except SyntaxError as error:
            raise syntax_error(str(error), text) from error
        except (OSError, ValueError, RuntimeError) as error:
            # The last for a graph that is there already, or is not.
            raise EngineError(f"The engine could not update: {error}.") from error

    def scratch(self) -> Embedded | None:
        """Return a copy to be changed at will if one costs next to nothing; in memory none does."""
        return None

    def snapshot(self) -> str:
        """Return a digest of the quads, the same in any order; of a large store, only their number.

        >>> Embedded(ox.Store()).snapshot()
        'quads:0:00000000000000000000000000000000'
        """
        size = len(self.store)
        if size > _DIGESTED:
            return f"quads:{size}"
        if self._digest is None or self._digest[0] != size:
            lines = (self.store.dump(format=ox.RdfFormat.N_QUADS) or b"").splitlines()
            total = sum(int.from_bytes(blake2b(line, digest_size=16).digest()) for line in lines)
            self._digest = size, f"{total % (1 << 128):032x}"
        return f"quads:{size}:{self._digest[1]}"

    def graph_names(self) -> list[str]:
        """Return the IRIs of the named graphs, sorted."""
        return sorted(graph.value for graph in self.store.named_graphs())


def refuse_calls(text: str) -> None:
    """Raise `NotAllowedError` for a text that calls another machine."""
    if calls_elsewhere(text):
        raise NotAllowedError(
            "This text calls another machine (SERVICE or LOAD), which is off.",
            "Add --allow-service (in Python: allow_service=True) if you trust it.",
        )


def update_refused() -> InputError:
    """Return the words for an update where a query was wanted."""
    return NotAllowedError(
        "This is an update, not a query.",
        "Updates are off; add --allow-update to run it and -o FILE to keep what it makes.",
    )
