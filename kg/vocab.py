"""The prefixes and the terms of our own vocabulary, in one place so that they can be moved."""

from __future__ import annotations

from typing import Final

BASE: Final = "https://w3id.org/kg-footnote/"
ONTOLOGY: Final = BASE + "ontology"
"""The graph that holds the ontology."""

PREFIXES: Final[dict[str, str]] = {
    "kg": ONTOLOGY + "#",
    "mt": BASE + "moscow-trials/",
    "dcterms": "http://purl.org/dc/terms/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

PROVENANCE: Final = PREFIXES["kg"] + "provenance"
"""The graph of sources, passages and selectors; never copied into the default graph, never evidence."""

CURATED: Final = PREFIXES["kg"] + "curated"
"""The graph of labels and identities that the editors, not a source, are answerable for."""

DEFAULT: Final = PREFIXES["kg"] + "default"
"""The graph that stands in for the default graph on engines that have none of their own."""
