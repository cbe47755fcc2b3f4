"""Importing a sheet: all of its rows become TriG files of the project, or none does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.collecting import no_collection
from kg.engine.embedded import Embedded
from kg.engine.loading import load_files
from kg.errors import InputError
from kg.files import replacing
from kg.importing.encode import Encoder
from kg.importing.names import known_names, read_book
from kg.importing.places import Triple
from kg.importing.rows import COLUMNS, Sheet, read_sheet
from kg.project import Project
from kg.turtle import Writer
from kg.vocab import CURATED, PROVENANCE
from kg.words import counted

_NEAR = 90
"""How alike a new name and a known one must be (0 to 100) to be taken for a slip."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made, or would make."""

    rows: int
    statements: int
    passages: int
    files: tuple[Path, ...]
    new: tuple[str, ...]
    """Names of things that the project did not know before."""

    @property
    def summary(self) -> str:
        """The counts in one line."""
        return (
            f"{counted(self.rows, 'row')}, {counted(self.statements, 'statement')} "
            f"in {counted(self.passages, 'passage')}, {counted(len(self.new), 'new thing')}"
        )


def import_sheet(
    path: Path,
    project: Project,
    output: Path | None = None,
    *,
    dry_run: bool = False,
    allow_new: bool = False,
) -> Imported:
    """Import a sheet into a project's facts; the same sheet gives the same files, however often.

    `output` names the TriG file, whose stem begins the names of all files written. Unless `allow_new`, a new
    name that is nearly a known one is refused. Raises `InputError` with row and column; then nothing is
    written.
    """
    with no_collection():
        return _import(path, project, output, dry_run=dry_run, allow_new=allow_new)


def _import(path: Path, project: Project, output: Path | None, *, dry_run: bool, allow_new: bool) -> Imported:
    sheet = read_sheet(path)
    target = output or project.root / "facts" / f"{path.stem}.trig"
    others = _others(project, _files(target))
    names = known_names(others)
    encoder = Encoder(read_book(project), project, others, names)
    for row in sheet.rows:
        encoder.add(row, sheet.sources)
    if not allow_new:
        _refuse_slips(encoder, sheet, names[0])
    graphs = {iri: dict.fromkeys(triples) for iri, triples in encoder.graphs.items()}
    files = () if dry_run else _write(graphs, target, project)
    return Imported(
        rows=len(sheet.rows),
        statements=sum(map(len, graphs.values())),
        passages=sum(graph not in {CURATED, PROVENANCE} for graph in graphs),
        files=files,
        new=tuple(sorted(encoder.new.values())),
    )


def write_template(path: Path) -> None:
    """Write an empty sheet with one example row and a line on what each column means."""
    example = {
        "subject": "Karl Radek",
        "relation": "born_in",
        "object": "Lemberg",
        "source": "My notes",
        "locator": "page 1",
    }
    with replacing(path) as file:
        file.write((",".join(COLUMNS) + "\n").encode())
        file.write((",".join(example.get(name, "") for name in COLUMNS) + "\n").encode())


def _others(project: Project, outputs: Iterable[Path]) -> Embedded:
    """Load the project's facts without what this import writes, so that importing again changes nothing."""
    store, left_out = ox.Store(), {file.resolve() for file in outputs}
    with suppress(InputError):  # a new project has no facts yet
        load_files(store, [file for file in project.fact_files() if file.resolve() not in left_out])
    return Embedded(store, project.prefixes)


def _refuse_slips(encoder: Encoder, sheet: Sheet, known: Mapping[str, str]) -> None:
    """Refuse new names that look like slips for known ones, all at once, each with its row."""
    if not known or not encoder.new:
        return
    from rapidfuzz import fuzz, process

    fresh = {label: iri for iri, label in encoder.new.items()}
    faults = []
    for row in sheet.rows:
        for column, label in (("subject", row.subject), ("object", row.object)):
            if fresh.pop(label, None) is None:
                continue
            near = process.extractOne(label.casefold(), known.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR)
            if near:
                faults.append(f"{row.where}, column {column!r}: {label!r} is nearly {near[0]!r}")
    if faults:
        listed = "\n  ".join(faults[:10]) + ("\n  ..." if faults[10:] else "")
        raise InputError(
            f"{len(faults)} names are new but nearly known:\n  {listed}\n"
            "Correct them, or pass --allow-new if they are others."
        )


def _files(target: Path) -> tuple[Path, ...]:
    """The files of an import: names, sources and facts."""
    return tuple(
        target.with_name(f"{target.stem}-{part}{target.suffix}") for part in ("names", "sources", "facts")
    )


def _write(graphs: Mapping[str, Iterable[Triple]], target: Path, project: Project) -> tuple[Path, ...]:
    """Write all files, or none of them where one fails."""
    files = _files(target)
    parts = ({CURATED}, {PROVENANCE}, graphs.keys() - {CURATED, PROVENANCE})
    with ExitStack() as stack:
        writer = Writer(project.prefixes)
        for file, part in zip(files, parts, strict=True):
            opened = stack.enter_context(replacing(file))
            opened.write(writer.header().encode())
            for iri in sorted(part):
                opened.writelines(text.encode() for text in writer.terms(iri, graphs.get(iri, ())))
    return files
