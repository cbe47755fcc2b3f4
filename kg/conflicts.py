"""Conflicts: where sources give different values and the ontology says that one is possible.

What makes a conflict is declared, not listed: functional and inverse functional properties, disjoint classes,
disjoint properties, and the order of events in `ORDER`. A coarser date that contains a finer one agrees with
it. Nothing is deleted: a preferred value is a rank with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import pyoxigraph as ox

from kg import dates
from kg.engine import Engine, Term, select
from kg.passages import Passage, lookup
from kg.vocab import CURATED, ONTOLOGY, PREFIXES, PROVENANCE

KG, XSD = PREFIXES["kg"], PREFIXES["xsd"]

_IN_PASSAGES = f"FILTER(?g NOT IN (<{PROVENANCE}>, <{CURATED}>, <{ONTOLOGY}>))"


def _several_values(triple: str) -> str:
    """Write the query for subjects with more than one value; the properties are to be filled in."""
    return f"""
SELECT ?subject ?property ?value ?g WHERE {{
  {{ SELECT ?subject ?property WHERE {{
      VALUES ?property {{ %s }} {triple}
  }} GROUP BY ?subject ?property HAVING(COUNT(DISTINCT ?value) > 1) }}
  GRAPH ?g {{ {triple} }} {_IN_PASSAGES}
}}"""


_FUNCTIONAL = _several_values("?subject ?property ?value")
_INVERSE = _several_values("?value ?property ?subject")
_CLASSES = """
SELECT DISTINCT ?subject ?property ?value ?g WHERE {
  VALUES (?c ?d) { %s }
  ?a rdfs:subClassOf* ?c . ?b rdfs:subClassOf* ?d .
  ?subject a ?a , ?b .
  VALUES ?property { rdf:type }
  VALUES ?side { 0 1 }
  BIND(IF(?side = 0, ?a, ?b) AS ?value)
  GRAPH ?g { ?subject a ?value }
}"""
_OPPOSED = f"""
SELECT DISTINCT ?subject ?property ?value ?g WHERE {{
  VALUES (?p ?q) {{ %s }}
  ?event ?p ?subject ; ?q ?subject .
  VALUES ?side {{ 0 1 }}
  BIND(IF(?side = 0, ?p, ?q) AS ?value)
  BIND(?event AS ?property)
  GRAPH ?g {{ ?event ?value ?subject }} {_IN_PASSAGES}
}}"""
_DECLARED: tuple[tuple[str, str, str], ...] = (
    ("functional", "SELECT ?one { ?one a owl:FunctionalProperty }", _FUNCTIONAL),
    ("inverse", "SELECT ?one { ?one a owl:InverseFunctionalProperty }", _INVERSE),
    ("classes", "SELECT ?one ?other { ?one owl:disjointWith ?other }", _CLASSES),
    ("opposed", "SELECT ?one ?other { ?one owl:propertyDisjointWith ?other }", _OPPOSED),
)
"""Each kind of conflict, what the ontology declares for it, and the query for those declarations."""
ORDER: tuple[tuple[str, str, str, str], ...] = (
    ("kg:born", "kg:date", "kg:deceased", "kg:date"),
    ("kg:born", "kg:date", "kg:arrested", "kg:date"),
    ("kg:arrested", "kg:date", "kg:deceased", "kg:date"),
    ("kg:sentenced", "kg:date", "kg:deceased", "kg:date"),
    ("kg:sentenced", "kg:date", "kg:rehabilitated", "kg:date"),
)
"""Which event of one person cannot come after which other: role and date of both."""
_ORDERED = """
SELECT ?subject ?first ?early ?g ?second ?late ?h WHERE {
  GRAPH ?g { ?first %s ?early } GRAPH ?h { ?second %s ?late }
  ?first %s ?subject . ?second %s ?subject .
}"""
_BEGUN = """
SELECT ?subject ?early ?g ?late ?h WHERE {
  GRAPH ?g { ?subject kg:start ?early } GRAPH ?h { ?subject kg:end ?late }
}"""
_PREFERRED = """
SELECT ?subject ?property ?value ?reason WHERE {
  ?rank a kg:Preference ; rdf:subject ?subject ; rdf:predicate ?property ; rdf:object ?value .
  OPTIONAL { ?rank kg:reason ?reason }
}"""
_INVOLVED = """
SELECT DISTINCT ?event WHERE {
  { ?event ?role %(thing)s }
  UNION { ?event kg:about ?act . ?act ?role %(thing)s }
  UNION { %(thing)s kg:memberOf ?group . ?event kg:deceased|kg:rehabilitated|kg:sentenced ?group }
}"""


@dataclass(frozen=True, slots=True)
class Value:
    """One of the values that contradict each other, who gives it, and how the editors rank it."""

    term: Term
    passages: tuple[Passage, ...]
    preferred: bool = False
    reason: str = ""

    @property
    def families(self) -> int:
        """How many independent families of sources give it."""
        return len({passage.family or passage.source for passage in self.passages})


@dataclass(frozen=True, slots=True)
class Conflict:
    """A question on which sources differ: of what, which property, and the values given."""

    kind: str
    """`functional`, `inverse`, `classes`, `opposed` or `order`."""
    subject: ox.NamedNode
    property: ox.NamedNode
    values: tuple[Value, ...]


Key = tuple[str, ox.NamedNode, ox.NamedNode]
Found = dict[Key, dict[Term, list[ox.NamedNode]]]


def conflicts(engine: Engine, about: ox.NamedNode | None = None) -> list[Conflict]:
    """Return every conflict, or those on one thing and the events it has a part in; sorted by subject."""
    found: Found = {}
    for kind, declared, query in _DECLARED:
        # Declarations first: an engine may otherwise go through every statement to find that there are none.
        rows = [" ".join(map(str, row)) for row in select(engine, declared)]
        values = " ".join(f"({row})" if " " in row else row for row in sorted(rows))
        for row in select(engine, query % values) if rows else ():
            by_value = found.setdefault((kind, row["subject"], row["property"]), {})
            by_value.setdefault(row["value"], []).append(row["g"])
    for key, term, graph in _out_of_order(engine):
        found.setdefault(key, {}).setdefault(term, []).append(graph)
    kept = {key: values for key, values in found.items() if _differ(key[0], list(values), engine)}
    if about is not None:
        wanted = {about} | {row["event"] for row in select(engine, _INVOLVED % {"thing": about})}
        kept = {key: values for key, values in kept.items() if key[1] in wanted}
    return _with_passages(engine, kept)


def _differ(kind: str, values: list[Term], engine: Engine) -> bool:
    """Whether some two of the values cannot both be true."""
    if kind != "functional":
        return len(values) > 1
    return any(not _agree(a, b, engine) for a, b in combinations(values, 2))


def _agree(a: Term, b: Term, engine: Engine) -> bool:
    """Whether two values of a single-valued property can both be true."""
    if isinstance(a, ox.Literal) and isinstance(b, ox.Literal):
        first, second = _span(a), _span(b)
        if first and second:
            return first.overlaps(second)
        return a.value.casefold().strip() == b.value.casefold().strip()
    if isinstance(a, ox.NamedNode) and isinstance(b, ox.NamedNode):
        return bool(
            engine.query(f"ASK {{ {a} (dcterms:isPartOf|^dcterms:isPartOf|owl:sameAs|^owl:sameAs)+ {b} }}")
        )
    return False


def _span(literal: ox.Literal) -> dates.Span | None:
    dated = {XSD + "date", XSD + "gYearMonth", XSD + "gYear", KG + "edtf"}
    return dates.parse(literal.value) if literal.datatype.value in dated else None


def _out_of_order(engine: Engine) -> Iterator[tuple[Key, Term, ox.NamedNode]]:
    """Yield both dates of every two events that stand in an impossible order, whoever gives them."""
    for one, when, other, then in ORDER:
        for row in select(engine, _ORDERED % (when, then, one, other)):
            if _after(row["early"], row["late"]) and row["first"] != row["second"]:
                key = ("order", row["subject"], row["second"])
                yield key, row["early"], row["g"]
                yield key, row["late"], row["h"]
    for row in select(engine, _BEGUN):
        if _after(row["early"], row["late"]):
            key = ("order", row["subject"], ox.NamedNode(KG + "end"))
            yield key, row["early"], row["g"]
            yield key, row["late"], row["h"]


def _after(early: Term, late: Term) -> bool:
    if not isinstance(early, ox.Literal) or not isinstance(late, ox.Literal):
        return False
    first, second = _span(early), _span(late)
    return bool(first and second and first.earliest > second.latest)


def _with_passages(engine: Engine, found: Found) -> list[Conflict]:
    """Look up who gives each value, and rank the values."""
    graphs = {graph for values in found.values() for passages in values.values() for graph in passages}
    known = lookup(engine, sorted(graphs, key=str))
    reasons = {
        (row["subject"], row["property"], row["value"]): row["reason"].value if row["reason"] else ""
        for row in select(engine, _PREFERRED)
    }
    made = [
        Conflict(kind, subject, of, _ranked(subject, of, values, known, reasons))
        for (kind, subject, of), values in found.items()
    ]
    return sorted(made, key=lambda c: (c.subject.value, c.property.value, c.kind))


def _ranked(
    subject: ox.NamedNode,
    of: ox.NamedNode,
    values: Mapping[Term, Iterable[ox.NamedNode]],
    known: Mapping[ox.NamedNode, Passage],
    reasons: Mapping[tuple[Term, Term, Term], str],
) -> tuple[Value, ...]:
    """Put the editors' choice first; else the value that clearly more independent families give."""
    ranked = []
    for term, graphs in values.items():
        passages = tuple(known[graph] for graph in sorted(set(graphs), key=str))
        reason = reasons.get((subject, of, term))
        ranked.append(Value(term, passages, reason is not None, reason or ""))
    ranked.sort(key=lambda value: (not value.preferred, -value.families, str(value.term)))
    if not ranked[0].preferred and len(ranked) > 1 and ranked[0].families > ranked[1].families:
        most = f"given by {ranked[0].families} families of sources, the next by {ranked[1].families}"
        ranked[0] = replace(ranked[0], preferred=True, reason=most)
    return tuple(ranked)
