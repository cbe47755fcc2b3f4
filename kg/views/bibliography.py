"""Citations of a passage as other programs take them: Chicago style, BibTeX and CSL-JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.engine import Engine, select
from kg.passages import Passage
from kg.terms import local_name, printable
from kg.views.citation import place
from kg.vocab import PROVENANCE

_RECORD = f"""
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
SELECT ?field ?value WHERE {{
  VALUES (?property ?field) {{
    (dcterms:title "title") (dcterms:creator "creator") (dcterms:publisher "publisher")
    (dcterms:date "date") (dcterms:issued "date") (schema:url "url")
  }}
  GRAPH <{PROVENANCE}> {{ %s ?property ?found }}
  OPTIONAL {{ ?found rdfs:label ?label }}
  BIND(COALESCE(?label, ?found) AS ?value)
}} ORDER BY ?field ?value"""
_SPECIAL = re.compile(r"[\\{}%&$#_~^]")
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


@dataclass(frozen=True, slots=True)
class Work:
    """What is known of a source as a work that can be cited."""

    id: str
    title: str = ""
    creators: tuple[str, ...] = ()
    publisher: str = ""
    date: str = ""
    url: str = ""

    @property
    def year(self) -> str:
        """The year, nothing where no date is known."""
        found = re.match(r"-?\d{4}", self.date)
        return found[0] if found else ""


def work(engine: Engine, source: str) -> Work:
    """Look up a source."""
    found: dict[str, list[str]] = {}
    for row in select(engine, _RECORD % ox.NamedNode(source)):
        found.setdefault(row["field"].value, []).append(row["value"].value)
    first = {field: values[0] for field, values in found.items() if field != "creator"}
    return Work(source, creators=tuple(found.get("creator", ())), **first)


def chicago(passage: Passage, of: Work) -> str:
    """Return a note in the Chicago style.

    >>> passage = Passage("urn:p", quote="were tried", start=61, end=71)
    >>> print(chicago(passage, Work("urn:w", "Legacy", ("Ada Byron",), "Ada's", "1936")))
    Ada Byron, “Legacy” (Ada's, 1936), characters 61–71: “were tried.”
    """
    made = ", ".join(part for part in (of.publisher, of.year or "n.d.") if part)
    parts = [*of.creators, f"“{of.title or of.id}” ({made})", place(passage), of.url]
    text = ", ".join(part for part in parts if part)
    return printable(f"{text}: “{passage.quote.rstrip('.')}.”" if passage.quote else f"{text}.")


def bibtex(passage: Passage, of: Work) -> str:
    r"""Return an entry for BibTeX; every special character is escaped.

    >>> print(bibtex(Passage("urn:x/p-1"), Work("urn:w", "50% {of} it", date="1936-08-19")))
    @misc{p-1,
      title = {{50\% \{of\} it}},
      year = {1936}
    }
    """
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in of.creators),
        "title": f"{{{_tex(of.title or of.id)}}}",
        "publisher": _tex(of.publisher),
        "year": of.year,
        "url": _tex(of.url),
        "note": _tex("; ".join(_note(passage))),
    }
    key = re.sub(r"[^\w.:-]", "-", local_name(passage.id))
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}\n}}"


def csl(passage: Passage, of: Work) -> dict[str, Any]:
    """Return an item of CSL-JSON.

    >>> csl(Passage("urn:x/p"), Work("urn:w", "Legacy", date="1936"))
    {'id': 'p', 'type': 'document', 'title': 'Legacy', 'issued': {'date-parts': [[1936]]}}
    """
    item: dict[str, Any] = {"id": local_name(passage.id), "type": "webpage" if of.url else "document"}
    item["title"] = of.title or of.id
    if of.creators:
        item["author"] = [{"literal": name} for name in of.creators]
    if of.year:
        item["issued"] = {"date-parts": [[int(of.year)]]}
    more: Mapping[str, str] = {"publisher": of.publisher, "URL": of.url, "note": "; ".join(_note(passage))}
    return item | {name: value for name, value in more.items() if value}


def _note(passage: Passage) -> list[str]:
    quoted = f"“{printable(passage.quote)}”" if passage.quote else ""
    return [part for part in (place(passage), quoted) if part]


def _tex(text: str) -> str:
    return _SPECIAL.sub(lambda found: _TEX.get(found[0], "\\" + found[0]), printable(text))
