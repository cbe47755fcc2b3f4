"""Importing a text: a copy of it, a passage for every sentence, and graphs ready to be filled.

Imported again, an unchanged text gives the same files; in a changed one passages keep their names where their
words are found again, and what is lost is reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import InputError
from kg.files import replacing
from kg.importing.anchors import Anchor, find_again, sentences
from kg.importing.documents import PLAIN, read_document
from kg.importing.moving import quoting
from kg.importing.quotes import marked, passage_lines
from kg.importing.values import literal, slug
from kg.project import Project
from kg.sorting import sort_lines
from kg.turtle import Writer
from kg.vocab import PREFIXES, PROVENANCE

KG, DCT = PREFIXES["kg"], PREFIXES["dcterms"]
_TYPE = f"<{PREFIXES['rdf']}type>"


@dataclass(frozen=True, slots=True)
class Marked:
    """What importing a text did: its passages, and what became of those that were there before."""

    passages: int
    new: int
    moved: tuple[str, ...]
    lost: tuple[str, ...]
    """Passages whose words are not in the text any more; their records stay until somebody decides."""
    by_hand: tuple[Path, ...]
    """Files that a person wrote, whose passages moved: nobody else may change them."""
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
    target = _target(path, project)
    base = project.namespace + name
    old = _old(target, base)
    kept, moved, lost = _anchor_again(text, old)
    fresh = list(_fresh(text, kept, language or project.language))
    numbers = iter(range(1, len(old) + len(fresh) + 2))
    taken = {iri.rpartition("-")[2].lstrip("0") for iri in old}
    for anchor in fresh:
        number = next(n for n in numbers if str(n) not in taken)
        kept[f"{base}-{number:03}"] = anchor
    records = {**{iri: old[iri] for iri in lost}, **kept}
    contents, by_hand = {}, []
    for file in quoting(project, base, target) if target.is_file() else ():
        found, shifted, gone = _anchor_again(text, file.passages)
        moved, lost = [*moved, *shifted], [*lost, *gone]
        if found.items() <= file.passages.items():
            continue
        if file.is_ours:
            contents[file.path] = file.moved(found, project)
        else:
            by_hand.append(file.path)
    files = () if dry_run else _write(path, text, records, project, contents)
    return Marked(len(records), len(fresh), tuple(moved), tuple(lost), tuple(by_hand), files)


def _target(path: Path, project: Project) -> Path:
    """Where the passages of a text are recorded."""
    return project.root / "facts" / f"{slug(path.stem)}-passages.trig"


def _old(target: Path, base: str) -> dict[str, Anchor]:
    """Read the passages of an earlier import."""
    store = ox.Store()
    if target.is_file():
        store.load(path=str(target), format=ox.RdfFormat.TRIG)
    return marked(store, base)


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
    path: Path,
    text: str,
    records: dict[str, Anchor],
    project: Project,
    contents: Mapping[Path, bytes],
) -> tuple[Path, ...]:
    """Write the text, its passages, and once a file for the facts; all of them or none."""
    facts, target = project.root / "facts", _target(path, project)
    copy = facts / "sources" / f"{slug(path.stem)}.txt"
    copy.parent.mkdir(exist_ok=True)
    data = text.encode()
    base = project.namespace + slug(path.stem)
    lines = _records(path, base, f"sources/{copy.name}", data, records)
    writer = Writer(project.prefixes)
    files = [copy, target, *contents]
    with ExitStack() as stack:
        stack.enter_context(replacing(copy)).write(data)
        for other, content in contents.items():
            stack.enter_context(replacing(other)).write(content)
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
