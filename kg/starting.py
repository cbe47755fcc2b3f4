"""A new project: a folder with an example that runs, checks and can be replaced."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kg.errors import InputError
from kg.files import replacing
from kg.importing.values import slug
from kg.project import bundled_root

_TEXT = "Anna Example was born in Riga in 1890. Her brother Karl says that it was in 1891.\n"
_SETTINGS = """# What this project is called and where its names live.
title = {title}
namespace = "https://example.org/{name}/"
language = "en"
projection = "main"
"""
_FACTS = """@prefix kg: <https://w3id.org/kg-footnote/ontology#> .
@prefix my: <https://example.org/{name}/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

# A graph is a passage. This one says where it stands; replace it all by your own.
GRAPH kg:provenance {{
    my:example a kg:Source ; dcterms:title "An example" ; kg:textFile "sources/example.txt" ;
        kg:sha256 "{sha256}" .
    my:example-1 a kg:Passage ; dcterms:isPartOf my:example ; kg:standing kg:Asserted ;
        oa:hasSelector my:example-1-selector .
    my:example-1-selector oa:start 0 ; oa:end {middle} ; oa:exact "{first}" ;
        oa:prefix "" ; oa:suffix " Her" .
    my:example-2 a kg:Passage ; dcterms:isPartOf my:example ; kg:standing kg:Reported ;
        kg:voice my:karl-example ; oa:hasSelector my:example-2-selector .
    my:example-2-selector oa:start {second_start} ; oa:end {end} ; oa:exact "{second}" ; oa:prefix "1890. " ;
        oa:suffix "\\n" .
}}

GRAPH kg:curated {{
    my:anna-example a kg:Person ; rdfs:label "Anna Example"@en .
    my:birth-of-anna-example rdfs:label "Birth of Anna Example"@en .
    my:karl-example a kg:Person ; rdfs:label "Karl Example"@en .
    my:riga a kg:Place ; rdfs:label "Riga"@en .
}}

GRAPH my:example-1 {{
    my:birth-of-anna-example a kg:Birth ; kg:born my:anna-example ; kg:place my:riga ;
        kg:date "1890"^^xsd:gYear ; kg:earliest "1890-01-01"^^xsd:date ; kg:latest "1890-12-31"^^xsd:date .
}}

GRAPH my:example-2 {{
    my:anna-example schema:sibling my:karl-example .
    my:birth-of-anna-example a kg:Birth ; kg:born my:anna-example ;
        kg:date "1891"^^xsd:gYear ; kg:earliest "1891-01-01"^^xsd:date ; kg:latest "1891-12-31"^^xsd:date .
}}
"""
_QUESTION = """#+ title: Who was born when?
#+ description: Every birth, with its date and place.
PREFIX kg: <https://w3id.org/kg-footnote/ontology#>

SELECT DISTINCT ?who ?date ?place WHERE {
  ?birth kg:born ?who .
  OPTIONAL { ?birth kg:date ?date }
  OPTIONAL { ?birth kg:place ?place }
} ORDER BY ?who ?date
"""


def start(folder: Path) -> tuple[Path, ...]:
    """Make a new project; raises `InputError` where the folder already holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists and is not empty; name a new folder.")
    name = slug(folder.resolve().name)
    first, second = _TEXT.strip().split(". ", 1)
    first += "."
    facts = _FACTS.format(
        name=name,
        sha256=hashlib.sha256(_TEXT.encode()).hexdigest(),
        first=first,
        middle=len(first),
        second=second,
        second_start=len(first) + 1,
        end=len(_TEXT) - 1,
    )
    shipped = bundled_root() / "queries" / "projections" / "main.rq"
    files = {
        "facts/kg.toml": _SETTINGS.format(title=f'"{folder.name.replace(chr(34), "")}"', name=name),
        "facts/example.trig": facts,
        "facts/sources/example.txt": _TEXT,
        "queries/born-when.rq": _QUESTION,
        "queries/projections/main.rq": shipped.read_text(encoding="utf-8"),
        "ontology/kg.ttl": (bundled_root() / "ontology" / "kg.ttl").read_text(encoding="utf-8"),
        "ontology/shapes.ttl": (bundled_root() / "ontology" / "shapes.ttl").read_text(encoding="utf-8"),
    }
    for file, text in files.items():
        path = folder / file
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{path.parent} cannot be made: {error.strerror}.") from error
        with replacing(path) as opened:
            opened.write(text.encode())
    return tuple(folder / file for file in files)
