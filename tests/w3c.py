"""The W3C SPARQL 1.1 test suite, read from where `KG_W3C_TESTS` says; it is not part of this project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

import pyoxigraph as ox

ROOT = Path(os.environ.get("KG_W3C_TESTS", Path(__file__).parents[2] / "shared" / "w3c" / "sparql11"))
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"


@dataclass(frozen=True, slots=True)
class QueryTest:
    """One query evaluation test: a query, the files of its default graph and of its named graphs."""

    category: str
    name: str
    query: Path
    data: tuple[Path, ...]
    named: tuple[Path, ...]

    @property
    def id(self) -> str:
        """The category and the test's name in it."""
        return f"{self.category}/{self.name}"

    def store(self) -> ox.Store:
        """Load the test's dataset as it is."""
        store = ox.Store()
        for path in self.data:
            store.load(path=str(path), base_iri=path.as_uri())
        for path in self.named:
            store.load(path=str(path), base_iri=path.as_uri(), to_graph=ox.NamedNode(path.as_uri()))
        return store


def query_tests() -> list[QueryTest]:
    """Return every query evaluation test, none where the suite is absent."""
    return [test for manifest in sorted(ROOT.glob("*/manifest.ttl")) for test in _read(manifest)]


def _read(manifest: Path) -> Iterator[QueryTest]:
    graph = ox.Store()
    graph.load(path=str(manifest), base_iri=manifest.as_uri())
    rows = graph.query(
        f"""
        PREFIX mf: <{MF}> PREFIX qt: <{QT}>
        SELECT ?test ?query
          (GROUP_CONCAT(DISTINCT STR(?d)) AS ?data) (GROUP_CONCAT(DISTINCT STR(?g)) AS ?named) {{
          ?test a ?kind ; mf:action ?action . ?action qt:query ?query .
          FILTER(?kind IN (mf:QueryEvaluationTest, mf:CSVResultFormatTest))
          OPTIONAL {{ ?action qt:data ?d }}
          OPTIONAL {{ ?action qt:graphData/qt:graph? ?g FILTER(isIRI(?g)) }}
        }} GROUP BY ?test ?query ORDER BY ?test
        """
    )
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        yield QueryTest(
            manifest.parent.name,
            row["test"].value.rsplit("#", 1)[-1],
            _path(row["query"].value),
            _paths(row["data"]),
            _paths(row["named"]),
        )


def _path(iri: str) -> Path:
    return Path(unquote(urlparse(iri).path))


def _paths(listed: ox.Literal | None) -> tuple[Path, ...]:
    return tuple(map(_path, listed.value.split())) if listed else ()
