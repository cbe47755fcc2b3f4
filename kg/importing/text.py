"""Importing a text: a copy of it, a passage for every sentence, and graphs ready to be filled.

Imported again, an unchanged text gives the same files; in a changed one passages keep their names where their
words are found again, and what is lost is reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import InputError
from kg.files import replacing
from kg.importing.anchors import Anchor, find_again, sentences
from kg.importing.documents import PLAIN, read_document
from kg.importing.quotes import passage_lines
from kg.importing.values import literal, slug
from kg.project import Project
from kg.sorting import sort_lines
from kg.turtle import Writer
from kg.vocab import PREFIXES, PROVENANCE

KG, OA, DCT = PREFIXES["kg"], PREFIXES["oa"], PREFIXES["dcterms"]
_TYPE = f"<{PREFIXES['rdf']}type>"
_MARKED = f"""
SELECT ?passage ?start ?end ?exact ?prefix ?suffix WHERE {{
  GRAPH <{PROVENANCE}> {{
    ?passage <{OA}hasSelector> ?s . ?s <{OA}start> ?start ; <{OA}end> ?end ; <{OA}exact> ?exact .
    OPTIONAL {{ ?s <{OA}prefix> ?prefix }} OPTIONAL {{ ?s <{OA}suffix> ?suffix }}
  }}
}} ORDER BY ?start ?passage"""


@dataclass(frozen=True, slots=True)
class Marked:
    """What importing a text did: its passages, and what became of those that were there before."""

    passages: int
    new: int
    moved: tuple[str, ...]
    lost: tuple[str, ...]
    """Passages whose words are not in the text any more; their records stay until somebody decides."""
    files: tuple[Path, ...]


def import_text(
    path: Path, project: Project, *, language: str | None = None, dry_run: bool = False
) -> Marked:
    """Import a text into a project; raises `InputError` or `LimitError` for what cannot be read."""
    text = read_document(path)
    name = slug(path.stem)
    facts = project.root / "facts"
    if not facts.is_dir():
        raise InputError(f"{project.root} has no folder facts/; make a project with kg init.")
    target = facts / f"{name}-passages.trig"
    old = _marked(target)
    kept, moved, lost = _anchor_again(text, old)
    fresh = list(_fresh(text, kept, language or project.language))
    numbers = iter(range(1, len(old) + len(fresh) + 2))
    taken = {iri.rpartition("-")[2].lstrip("0") for iri in old}
    base = project.namespace + name
    for anchor in fresh:
        number = next(n for n in numbers if str(n) not in taken)
        kept[f"{base}-{number:03}"] = anchor
    records = {**{iri: old[iri] for iri in lost}, **kept}
    files = () if dry_run else _write(path, text, records, project, target)
    return Marked(len(records), len(fresh), tuple(moved), tuple(lost), files)


def _marked(target: Path) -> dict[str, Anchor]:
    """Read the passages of an earlier import."""
    store = ox.Store()
    if target.is_file():
        store.load(path=str(target), format=ox.RdfFormat.TRIG)
    rows = store.query(_MARKED)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 - a SELECT gives solutions
    return {
        row["passage"].value: Anchor(
            int(row["start"].value),
            int(row["end"].value),
            row["exact"].value,
            row["prefix"].value if row["prefix"] else "",
            row["suffix"].value if row["suffix"] else "",
        )
        for row in rows
    }


def _anchor_again(text: str, old: dict[str, Anchor]) -> tuple[dict[str, Anchor], list[str], list[str]]:
    """Find old passages in a text: those found, and the names of those that moved or are lost."""
    kept: dict[str, Anchor] = {}
    moved, lost = [], []
    for iri, anchor in old.items():
        found = find_again(text, anchor)
        if found is None:
            lost.append(iri)
            continue
        kept[iri] = found
        if found.start != anchor.start:
            moved.append(iri)
    return kept, moved, lost


def _fresh(text: str, kept: dict[str, Anchor], language: str) -> Iterator[Anchor]:
    """Yield the sentences that no passage covers yet."""
    covered = {(anchor.start, anchor.end) for anchor in kept.values()}
    for anchor in sentences(text, language):
        if (anchor.start, anchor.end) not in covered:
            yield anchor


def _write(
    path: Path, text: str, records: dict[str, Anchor], project: Project, target: Path
) -> tuple[Path, ...]:
    """Write the text, its passages, and once a file for the facts; all of them or none."""
    facts = target.parent
    copy = facts / "sources" / f"{slug(path.stem)}.txt"
    copy.parent.mkdir(exist_ok=True)
    data = text.encode()
    base = project.namespace + slug(path.stem)
    lines = _records(path, base, f"sources/{copy.name}", data, records)
    writer = Writer(project.prefixes)
    files = [copy, target]
    with ExitStack() as stack:
        stack.enter_context(replacing(copy)).write(data)
        file = stack.enter_context(replacing(target))
        file.write(writer.header().encode())
        text_lines = (f"{' '.join(triple)} .\n".encode() for triple in lines)
        file.writelines(part.encode() for part in writer.graph(PROVENANCE, sort_lines(text_lines)))
        own = facts / f"{slug(path.stem)}.trig"
        if not own.exists():
            stack.enter_context(replacing(own)).write(_to_fill(writer, records).encode())
            files.append(own)
    return tuple(files)


def _records(
    path: Path, base: str, file: str, data: bytes, records: dict[str, Anchor]
) -> Iterator[tuple[str, str, str]]:
    """Yield the source's record and those of its passages."""
    for predicate, value in (
        (_TYPE, f"<{KG}Source>"),
        (f"<{DCT}title>", literal(path.stem if path.suffix in PLAIN else path.name)),
        (f"<{KG}textFile>", literal(file)),
        (f"<{KG}sha256>", literal(hashlib.sha256(data).hexdigest())),
    ):
        yield f"<{base}>", predicate, value
    for iri, anchor in records.items():
        yield from passage_lines(iri, base, "Asserted", anchor)


def _to_fill(writer: Writer, records: dict[str, Anchor]) -> str:
    """Write an empty graph for every passage, its words above it as a comment."""
    graphs = (
        f"# {' '.join(anchor.exact.split())}\n{writer.name(iri)} {{\n}}\n"
        for iri, anchor in sorted(records.items(), key=lambda item: item[1].start)
    )
    return writer.header() + "\n".join(graphs)
