"""The mapping: how each relation of a sheet becomes statements, read from a TOML file.

`facts/moscow-trials/mapping.toml` is the one that ships and explains the notation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import InputError

FUNCTIONS = frozenset(
    ("words", "text", "date", "first", "last", "number", "iri", "span", "each", "otherwise", "exactness")
)
_CELL = re.compile(r"\{(\w+)\}")
_CALL = re.compile(r"(\w+)\((.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with cells in braces, and the function that its value goes through, if any."""

    text: str
    function: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The names of its cells."""
        return tuple(_CELL.findall(self.text))


@dataclass(frozen=True, slots=True)
class Node:
    """A node that a rule makes: its possible names, the label for each, and its kind where curated."""

    names: tuple[Template, ...]
    labels: tuple[Template, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement to write: subject, predicate (a CURIE) and object."""

    subject: str
    predicate: str
    target: Template


@dataclass(frozen=True, slots=True)
class Rule:
    """What one or more relations become."""

    relations: tuple[str, ...]
    kinds: Mapping[str, str]
    nodes: Mapping[str, Node]
    facts: tuple[Fact, ...]
    matches: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of a file, with its names for things."""

    rules: Mapping[str, tuple[Rule, ...]]
    names: Mapping[str, str]
    same: Mapping[str, str]
    kinds: Mapping[str, str]
    passages: Mapping[str, str]
    standings: Mapping[str, str]

    def find(self, kind: str, relation: str, value: str) -> Rule | None:
        """Return the first rule for a row of that type, relation and object."""
        for name in (f"{kind}/{relation}", relation):
            for rule in self.rules.get(name, ()):
                if rule.matches is None or rule.matches.search(value):
                    return rule
        return None

    def known(self, names: Mapping[str, str], namespace: str) -> dict[str, str]:
        """Return the IRI behind each folded name; the mapping's own names win."""
        return {**names, **{label.casefold(): namespace + local for label, local in self.names.items()}}

    def relations(self) -> tuple[str, ...]:
        """Every relation that some rule takes, sorted."""
        return tuple(sorted({name.rpartition("/")[2] for name in self.rules}))


def read_mapping(path: Path) -> RuleBook:
    """Read a mapping; raises `InputError` with file and rule for what cannot be understood."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"The mapping {path} cannot be read: {error}") from error
    rules: dict[str, tuple[Rule, ...]] = {}
    for entry in data.get("rule", []):
        try:
            rule = _rule(entry)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise InputError(
                f"{path}, rule {entry.get('relations')!r}: {error!s} cannot be understood."
            ) from error
        for name in rule.relations:
            rules[name] = (*rules.get(name, ()), rule)
    tables = {key: dict(data.get(key, {})) for key in ("names", "same", "kinds", "passages", "standings")}
    return RuleBook(rules, **tables)


def _rule(entry: Mapping[str, Any]) -> Rule:
    nodes = {name: _node(value) for name, value in entry.get("nodes", {}).items()}
    return Rule(
        relations=tuple(entry["relations"]),
        kinds=dict(entry.get("kinds", {})),
        nodes=nodes,
        facts=tuple(_facts(entry["facts"])),
        matches=re.compile(entry["matches"]) if "matches" in entry else None,
    )


def _node(value: list[Any]) -> Node:
    names, labels = (part if isinstance(part, list) else [part] for part in value[:2])
    if len(names) != len(labels):
        raise ValueError(f"{value!r}: as many labels as names")
    return Node(tuple(map(Template, names)), tuple(map(Template, labels)), value[2] if value[2:] else "")


def _facts(lines: list[str]) -> Iterator[Fact]:
    for line in lines:
        subject, predicate, target = line.split(" ", 2)
        if (call := _CALL.fullmatch(target)) is None:
            yield Fact(subject, predicate, Template(target))
        elif call[1] in FUNCTIONS:
            yield Fact(subject, predicate, Template(call[2], call[1]))
        else:
            raise ValueError(f"{line!r}: the function {call[1]!r}")
