"""Names: what a project calls its things, and the mapping that gives some of them short names."""

from __future__ import annotations

from kg.engine import Engine, select
from kg.importing.mapping import RuleBook, read_mapping
from kg.project import Project, bundled_root

_NAMES = """
SELECT ?thing ?name ?rank WHERE {
  { ?thing rdfs:label ?name BIND(0 AS ?rank) } UNION { ?thing skos:altLabel ?name BIND(1 AS ?rank) }
} ORDER BY DESC(?rank) DESC(STR(?thing))
"""


def known_names(engine: Engine) -> tuple[dict[str, str], frozenset[str]]:
    """Return the IRI behind each folded name, and the IRIs that have a label.

    Labels win over other spellings.
    """
    found = list(select(engine, _NAMES))
    labelled = frozenset(row["thing"].value for row in found if row["rank"].value == "0")
    return {row["name"].value.casefold(): row["thing"].value for row in found}, labelled


def read_book(project: Project) -> RuleBook:
    """Read the project's mapping, or the one that ships."""
    found = sorted((project.root / "facts").rglob("mapping.toml"))
    return read_mapping(found[0] if found else bundled_root() / "facts" / "moscow-trials" / "mapping.toml")
