"""SHACL shapes compiled to SPARQL: each constraint becomes one query that finds what breaks it.

Covers the part of SHACL Core (W3C, 2017) that shapes of small ontologies use; a shape that uses more is
refused by name, never passed over. Asking an engine is many times faster than walking an rdflib graph, and
works on data that does not fit into one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pyoxigraph as ox

from kg.engine.loading import read_file
from kg.errors import InputError
from kg.vocab import PREFIXES

Node: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Narrower: TypeAlias = Callable[[str], Iterable[str]]
"""What names the classes below a class, and that class."""

SH, RDF, XSD = PREFIXES["sh"], PREFIXES["rdf"], PREFIXES["xsd"]
RDFS = PREFIXES["rdfs"]
_INSTANCE = f"<{RDF}type>/<{RDFS}subClassOf>*"
_DESCRIPTIVE = {
    "path",
    "name",
    "description",
    "message",
    "severity",
    "order",
    "group",
    "flags",
    "defaultValue",
}
_TARGETS = {"targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"}
_KINDS = {
    "IRI": "isIRI(?value)",
    "Literal": "isLiteral(?value)",
    "BlankNode": "isBlank(?value)",
    "BlankNodeOrIRI": "(isBlank(?value) || isIRI(?value))",
    "BlankNodeOrLiteral": "(isBlank(?value) || isLiteral(?value))",
    "IRIOrLiteral": "(isIRI(?value) || isLiteral(?value))",
}
_LEXICAL = {
    "gYear": "^-?[0-9]{4,}(Z|[+-][0-9:]{5})?$",
    "gYearMonth": "^-?[0-9]{4,}-(0[1-9]|1[0-2])(Z|[+-][0-9:]{5})?$",
}
_CAST = {"integer", "decimal", "double", "float", "boolean", "date", "dateTime"}


@dataclass(frozen=True, slots=True)
class Constraint:
    """One SHACL constraint, and the query whose rows break it: ?this, and ?value where there is one."""

    shape: str
    path: str
    component: str
    severity: str
    message: str
    query: str


def compile_shapes(path: Path, narrower: Narrower | None = None) -> list[Constraint]:
    """Compile the shapes of a file; raises `InputError` for what is not covered.

    With `narrower` the queries name the classes below a class: inside of NOT EXISTS Virtuoso 7 follows a path
    for one row alone.
    """
    return list(_Shapes(path, narrower).constraints())


class _Shapes:
    """The shapes graph of one file."""

    def __init__(self, path: Path, narrower: Narrower | None) -> None:
        self.file, self._narrower = path, narrower
        self.store = ox.Store()
        self.store.extend(read_file(path))

    def constraints(self) -> Iterator[Constraint]:
        """Compile every node shape that has a target."""
        shapes = {
            quad.subject
            for name in _TARGETS
            for quad in self.store.quads_for_pattern(None, _sh(name), None)
            if isinstance(quad.subject, ox.NamedNode)
        }
        for shape in sorted(shapes, key=str):
            target = self._target(shape)
            yield from self._of_node(shape, target)
            for node in self._values(shape, "property"):
                yield from self._of_property(shape, node, target)

    def _target(self, shape: ox.NamedNode) -> str:
        """Return the pattern that binds ?this to the shape's focus nodes, each once."""
        reach = {
            "targetClass": f"?this {_INSTANCE} %s",
            "targetSubjectsOf": "?this %s ?any",
            "targetObjectsOf": "?any %s ?this",
            "targetNode": "VALUES ?this { %s }",
        }
        arms = [pattern % target for name, pattern in reach.items() for target in self._values(shape, name)]
        union = " UNION ".join(f"{{ {arm} }}" for arm in arms)
        return f"{{ SELECT DISTINCT ?this WHERE {{ {union} }} }}"

    def _of_node(self, shape: ox.NamedNode, target: str) -> Iterator[Constraint]:
        """Compile constraints on the focus node itself."""
        bind = f"{target} BIND(?this AS ?value)"
        for name, broken in self._value_tests(shape, {"property", "closed", "ignoredProperties", *_TARGETS}):
            yield self._constraint(shape, shape, "", name, f"{bind} FILTER({broken})")

    def _of_property(self, shape: ox.NamedNode, node: Node, target: str) -> Iterator[Constraint]:
        """Compile a property shape: counts, comparisons and tests of each value."""
        path = self._path(self._one(node, "path"))
        reach = f"?this {path} ?value"
        counted: dict[str, Callable[[str], str]] = {
            "minCount": lambda n: (
                f"{target} FILTER NOT EXISTS {{ {reach} }}" if n == "1" else _counted(target, reach, f"< {n}")
            ),
            "maxCount": lambda n: _crowded(target, path, n),
            "hasValue": lambda v: f"{target} FILTER NOT EXISTS {{ ?this {path} {v} }}",
            "lessThan": lambda p: _compared(target, reach, p, "<"),
            "lessThanOrEquals": lambda p: _compared(target, reach, p, "<="),
            "uniqueLang": lambda _: (
                f"{target} {reach} . ?this {path} ?other "
                f'FILTER(?other != ?value && LANG(?value) != "" && LANG(?value) = LANG(?other))'
            ),
        }
        for name, make in counted.items():
            for value in self._values(node, name):
                text = value.value if isinstance(value, ox.Literal) and name.endswith("Count") else str(value)
                if (name, text) != ("minCount", "0"):
                    yield self._constraint(shape, node, path, name, make(text))
        for name, broken in self._value_tests(node, set(counted)):
            yield self._constraint(shape, node, path, name, _valued(target, path, broken))

    def _value_tests(self, node: Node, handled: set[str]) -> Iterator[tuple[str, str]]:
        """Yield each constraint on single values: its name, and an expression that is true when broken."""
        tests: dict[str, Callable[[Node], str]] = {
            "datatype": lambda v: f"!({_datatype(v)})",
            "nodeKind": lambda v: f"!{_KINDS[_local(v)]}",
            "class": lambda v: f"NOT EXISTS {{ {self._instance(v)} }}",
            "in": lambda v: f"?value NOT IN ({', '.join(map(str, self._list(v)))})",
            "pattern": lambda v: f"isBlank(?value) || !REGEX(STR(?value), {v}{self._flags(node)})",
            "minLength": lambda v: f"isBlank(?value) || STRLEN(STR(?value)) < {_text(v)}",
            "maxLength": lambda v: f"isBlank(?value) || STRLEN(STR(?value)) > {_text(v)}",
            "minInclusive": lambda v: f"!COALESCE(?value >= {v}, false)",
            "maxInclusive": lambda v: f"!COALESCE(?value <= {v}, false)",
            "minExclusive": lambda v: f"!COALESCE(?value > {v}, false)",
            "maxExclusive": lambda v: f"!COALESCE(?value < {v}, false)",
            "languageIn": lambda v: "!(" + self._languages(v) + ")",
            "or": lambda v: " && ".join(f"({self._broken(item)})" for item in self._list(v)),
            "and": lambda v: " || ".join(f"({self._broken(item)})" for item in self._list(v)),
            "not": lambda v: f"!({self._broken(v)})",
        }
        for quad in sorted(self._about(node), key=str):
            name = quad.predicate.value.removeprefix(SH)
            if not quad.predicate.value.startswith(SH) or name in handled | _DESCRIPTIVE:
                continue
            if name not in tests:
                raise InputError(
                    f"{self.file}: sh:{name} at {node} is not among the constraints that kg check "
                    f"understands; use one of {', '.join(sorted(tests))}."
                )
            yield name, tests[name](quad.object)

    def _instance(self, kind: Node) -> str:
        """Return the pattern of a value that is of a class or of one below it."""
        if self._narrower is None:
            return f"?value {_INSTANCE} {kind}"
        return f"VALUES ?kind {{ {' '.join(self._narrower(str(kind)))} }} ?value <{RDF}type> ?kind"

    def _broken(self, node: Node) -> str:
        """Return an expression that is true when any constraint of a nested shape is broken."""
        path = self._one_or_none(node, "path")
        if path is None:
            return " || ".join(f"({broken})" for _, broken in self._value_tests(node, set())) or "false"
        reach = f"?value {self._path(path)} ?value1"
        parts = [
            f"EXISTS {{ {reach} FILTER({broken.replace('?value', '?value1')}) }}"
            for _, broken in self._value_tests(node, {"minCount", "maxCount"})
        ]
        if _text(self._one_or_none(node, "minCount") or ox.Literal("0")) != "0":
            parts.append(f"NOT EXISTS {{ {reach} }}")
        if self._one_or_none(node, "maxCount") is not None:
            other = reach.replace("?value1", "?value2")
            parts.append(f"EXISTS {{ {reach} . {other} FILTER(?value1 != ?value2) }}")
        return " || ".join(parts) or "false"

    def _path(self, node: Node) -> str:
        """Write a SHACL path as a SPARQL path."""
        if (inverse := self._one_or_none(node, "inversePath")) is not None:
            return f"^({self._path(inverse)})"
        if (either := self._one_or_none(node, "alternativePath")) is not None:
            return "(" + "|".join(map(self._path, self._list(either))) + ")"
        if items := list(self._list(node)):
            return "(" + "/".join(map(self._path, items)) + ")"
        return str(node)

    def _constraint(self, shape: ox.NamedNode, node: Node, path: str, name: str, body: str) -> Constraint:
        message = self._one_or_none(node, "message") or self._one_or_none(shape, "message")
        severity = self._one_or_none(node, "severity") or self._one_or_none(shape, "severity")
        return Constraint(
            shape=shape.value,
            path=path,
            component=name,
            severity=_local(severity) if severity else "Violation",
            message=_text(message) if message else f"sh:{name} does not hold",
            query=f"SELECT DISTINCT ?this ?value WHERE {{ {body} }}",
        )

    def _flags(self, node: Node) -> str:
        flags = self._one_or_none(node, "flags")
        return f", {flags}" if flags else ""

    def _languages(self, head: Node) -> str:
        return " || ".join(f"LANGMATCHES(LANG(?value), {item})" for item in self._list(head))

    def _about(self, node: Node, predicate: ox.NamedNode | None = None) -> list[ox.Quad]:
        """Return the statements about a node of the shapes graph; a literal has none."""
        if isinstance(node, ox.Literal):
            return []
        return list(self.store.quads_for_pattern(node, predicate, None))

    def _values(self, node: Node, name: str) -> list[Node]:
        return sorted((q.object for q in self._about(node, _sh(name))), key=str)

    def _one(self, node: Node, name: str) -> Node:
        found = self._one_or_none(node, name)
        if found is None:
            raise InputError(
                f"{self.file}: the shape {node} has no sh:{name}; every property shape needs one."
            )
        return found

    def _one_or_none(self, node: Node, name: str) -> Node | None:
        return next(iter(self._values(node, name)), None)

    def _list(self, head: Node) -> Iterator[Node]:
        """Walk an RDF list."""
        first, rest = ox.NamedNode(RDF + "first"), ox.NamedNode(RDF + "rest")
        while (item := next(iter(self._about(head, first)), None)) is not None:
            yield item.object
            head = next(iter(self._about(head, rest))).object


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)


def _local(node: Node) -> str:
    return _text(node).removeprefix(SH)


def _text(node: Node) -> str:
    return str(node) if isinstance(node, ox.Triple) else node.value


def _valued(target: str, path: str, broken: str) -> str:
    """Test each value that the path leads to once, and ask of the few broken ones alone who has them."""
    return (
        f"{{ SELECT ?value WHERE {{ {{ SELECT DISTINCT ?value WHERE {{ ?any {path} ?value }} }} "
        f"FILTER({broken}) }} }} ?this {path} ?value FILTER EXISTS {{ {target} }}"
    )


def _crowded(target: str, path: str, most: str) -> str:
    """Count values wherever there are some, and ask of the nodes with too many whether they are meant."""
    return (
        f"{{ SELECT ?this (COUNT(DISTINCT ?each) AS ?value) WHERE {{ ?this {path} ?each }} GROUP BY ?this "
        f"HAVING(COUNT(DISTINCT ?each) > {most}) }} FILTER EXISTS {{ {target} }}"
    )


def _counted(target: str, reach: str, condition: str) -> str:
    """Count distinct values per focus node; the row's ?value is the count."""
    return (
        f"{{ SELECT ?this (COUNT(DISTINCT ?each) AS ?value) WHERE {{ {target} "
        f"OPTIONAL {{ {reach.replace('?value', '?each')} }} }} GROUP BY ?this "
        f"HAVING(COUNT(DISTINCT ?each) {condition}) }}"
    )


def _compared(target: str, reach: str, other: str, operator: str) -> str:
    return f"{target} {reach} . ?this {other} ?other FILTER(!COALESCE(?value {operator} ?other, false))"


def _datatype(kind: Node) -> str:
    """An expression that is true for a well-formed literal of a datatype (SHACL 4.1.2)."""
    own = f"isLiteral(?value) && DATATYPE(?value) = {kind}"
    name = _text(kind).removeprefix(XSD)
    if name in _LEXICAL:
        return f'{own} && REGEX(STR(?value), "{_LEXICAL[name]}")'
    if name in _CAST:
        return f"{own} && COALESCE(isLiteral({kind}(STR(?value))), false)"
    return own
