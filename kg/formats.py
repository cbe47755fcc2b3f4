"""The formats kg reads and writes, as tables: name, file endings, media type."""

from __future__ import annotations

from dataclasses import dataclass

from kg.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Format:
    """A serialisation: what users call it, what files of it end in, its media type and what it can hold."""

    name: str
    extensions: tuple[str, ...]
    media_type: str
    label: str
    graphs: bool = False
    """Whether it can hold named graphs, so that passages survive."""


RDF_FORMATS: tuple[Format, ...] = (
    Format("turtle", ("ttl", "turtle"), "text/turtle", "Turtle"),
    Format("trig", ("trig",), "application/trig", "TriG", graphs=True),
    Format("ntriples", ("nt",), "application/n-triples", "N-Triples"),
    Format("nquads", ("nq",), "application/n-quads", "N-Quads", graphs=True),
    Format("jsonld", ("jsonld",), "application/ld+json", "JSON-LD", graphs=True),
    Format("rdfxml", ("rdf", "xml", "owl"), "application/rdf+xml", "RDF/XML"),
)

RESULT_FORMATS: tuple[Format, ...] = (
    Format("json", ("json", "srj"), "application/sparql-results+json", "SPARQL JSON"),
    Format("xml", ("srx", "xml"), "application/sparql-results+xml", "SPARQL XML"),
    Format("csv", ("csv",), "text/csv", "CSV"),
    Format("tsv", ("tsv",), "text/tab-separated-values", "TSV"),
)

NETWORK_FORMATS: tuple[Format, ...] = (
    Format("gexf", ("gexf",), "application/gexf+xml", "GEXF"),
    Format("graphml", ("graphml",), "application/graphml+xml", "GraphML"),
    Format("cytoscape", ("json", "cyjs"), "application/json", "Cytoscape JSON"),
    Format("csv", ("csv",), "text/csv", "CSV"),
    Format("parquet", ("parquet",), "application/vnd.apache.parquet", "Parquet"),
)
"""How a projection is handed to other programs."""


def find(name: str, formats: tuple[Format, ...], kind: str = "format") -> Format:
    """Return the format that a name, a file ending or a media type means.

    >>> find("ttl", RDF_FORMATS).label
    'Turtle'
    >>> find("application/n-quads", RDF_FORMATS).name
    'nquads'
    """
    wanted = name.lower().lstrip(".")
    for entry in formats:
        if wanted in (entry.name, *entry.extensions, entry.media_type):
            return entry
    is_ending = name[:1] in {"", "."}
    known = ", ".join(f".{entry.extensions[0]}" if is_ending else entry.name for entry in formats)
    raise UnknownNameError(kind, name, hint=f"Known: {known}.")
