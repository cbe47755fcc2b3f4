"""Passages: what is known of the named graphs that statements stand in.

A passage is a stretch of a source: quoted words with offsets, or a citation with a locator. Its record
lives in the provenance graph (Web Annotation selectors, Dublin Core terms). A graph without such a record
is a passage too, known by its IRI and by whatever the dataset says of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import pyoxigraph as ox

from kg.engine import Engine, batches, select
from kg.terms import local_name, plain
from kg.vocab import CURATED, ONTOLOGY, PREFIXES, PROVENANCE


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a source; fields that the dataset does not give are empty, offsets are -1.

    `start` and `end` are 0-based, half-open and counted in Unicode code points of the source's text.
    """

    id: str
    source: str = ""
    title: str = ""
    quote: str = ""
    before: str = ""
    after: str = ""
    start: int = -1
    end: int = -1
    locator: str = ""
    standing: str = ""
    voice: str = ""
    family: str = ""
    url: str = ""
    note: str = ""
    curated: bool = False
    """Whether editors, not a source, answer for what stands here."""

    @property
    def is_asserted(self) -> bool:
        """Whether the source itself states what stands here, in its own voice."""
        return self.standing in {"", PREFIXES["kg"] + "Asserted"}


# Paths instead of a nested OPTIONAL: that one is worked out for every selector there is, at each asking.
_RECORDS = f"""
PREFIX kg: <{PREFIXES["kg"]}>
PREFIX oa: <{PREFIXES["oa"]}>
PREFIX dcterms: <{PREFIXES["dcterms"]}>
PREFIX schema: <{PREFIXES["schema"]}>
SELECT ?id ?source ?title ?quote ?before ?after ?start ?end ?locator ?standing ?voice ?family ?url WHERE {{
  GRAPH <{PROVENANCE}> {{
    VALUES ?id {{ %s }}
    ?id dcterms:isPartOf ?source .
    OPTIONAL {{ ?source dcterms:title ?title }}
    OPTIONAL {{ ?source kg:family ?family }}
    OPTIONAL {{ ?source schema:url ?url }}
    OPTIONAL {{ ?id kg:locator ?locator }}
    OPTIONAL {{ ?id kg:standing ?standing }}
    OPTIONAL {{ ?id kg:voice ?voice }}
    OPTIONAL {{ ?id oa:hasSelector/oa:exact ?quote }}
    OPTIONAL {{ ?id oa:hasSelector/oa:prefix ?before }}
    OPTIONAL {{ ?id oa:hasSelector/oa:suffix ?after }}
    OPTIONAL {{ ?id oa:hasSelector/oa:start ?start }}
    OPTIONAL {{ ?id oa:hasSelector/oa:end ?end }}
  }}
}}
"""

_ANYTHING = """
SELECT ?id ?p ?o WHERE { VALUES ?id { %s } { ?id ?p ?o } UNION { GRAPH ?g { ?id ?p ?o } } }
"""

_TITLES = ("title", "label", "prefLabel", "name")
_MOST_VALUES = 10
_NUMBERS = frozenset(f.name for f in fields(Passage) if f.type == "int")


def lookup(engine: Engine, graphs: Iterable[ox.NamedNode]) -> dict[ox.NamedNode, Passage]:
    """Return the passage of each named graph, in the order given, asking in batches."""
    wanted = list(dict.fromkeys(graphs))
    found: dict[ox.NamedNode, Passage] = {
        ox.NamedNode(iri): Passage(iri, title=title, curated=True)
        for iri, title in ((CURATED, "curated by the editors"), (ONTOLOGY, "the ontology"))
    }
    open_ends = [graph for graph in wanted if graph not in found]
    for part in batches(open_ends):
        found |= _records(engine, part)
    for part in batches([graph for graph in open_ends if graph not in found]):
        found |= _anything(engine, part)
    return {graph: found.get(graph, Passage(graph.value, source=graph.value)) for graph in wanted}


def _records(engine: Engine, graphs: str) -> dict[ox.NamedNode, Passage]:
    """Passages that have a record of ours; where a field has several values the first in order stands."""
    values: dict[ox.NamedNode, dict[str, str | int]] = {}
    answer = select(engine, _RECORDS % graphs)
    names = [variable.value for variable in answer.variables]
    for row in answer:
        record = values.setdefault(row["id"], {})
        for name in names:
            if (term := row[name]) is not None:
                record.setdefault(name, int(term.value) if name in _NUMBERS else term.value)
    return {
        graph: Passage(**record)  # type: ignore[arg-type]  # the query's variables are the fields
        for graph, record in values.items()
    }


def _anything(engine: Engine, graphs: str) -> dict[ox.NamedNode, Passage]:
    """Passages of a foreign dataset: a title where there is one, and all else that it says, as a note."""
    said: dict[ox.NamedNode, dict[str, set[str]]] = {}
    for row in select(engine, _ANYTHING % graphs):
        facts = said.setdefault(row["id"], {})
        facts.setdefault(local_name(row["p"].value), set()).add(plain(row["o"]))
    return {graph: _foreign(graph.value, facts) for graph, facts in said.items()}


def _foreign(iri: str, facts: Mapping[str, set[str]]) -> Passage:
    title = next((min(facts[name]) for name in _TITLES if name in facts), "")
    others = {name: sorted(values - {title}) for name, values in sorted(facts.items())}
    note = "; ".join(f"{name}: {_some(values)}" for name, values in others.items() if values)
    return Passage(iri, source=iri, title=title, note=note)


def _some(values: Sequence[str]) -> str:
    """Name the first values: a graph's IRI may name a thing about which thousands of facts are known."""
    more = len(values) - _MOST_VALUES
    return ", ".join(values[:_MOST_VALUES]) + (f" and {more:,} more" if more > 0 else "")
