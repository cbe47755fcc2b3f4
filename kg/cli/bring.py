"""Commands that make and change projects: init, import, diff."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from kg.cli.options import patience
from kg.errors import InputError
from kg.project import Project, find_project


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The TriG file to write.")
@click.option("--dry-run", is_flag=True, help="Show what would be added; write nothing.")
@click.option("--allow-new", is_flag=True, help="Take new names even if they are nearly known ones.")
@click.option(
    "--template", type=click.Path(path_type=Path), help="Write an empty sheet to this file and stop."
)
@click.option("--project", "folder", metavar="DIR", help="Import into the project in this folder.")
@click.pass_context
def import_(
    ctx: click.Context,
    file: Path | None,
    output: Path | None,
    template: Path | None,
    folder: str | None,
    *,
    dry_run: bool,
    allow_new: bool,
) -> None:
    """Bring in a sheet of facts, or a text.

    A sheet (.csv, .tsv, .xlsx, .json) becomes facts: all of its rows, or none. A text (.txt, .md, .html,
    .docx, .pdf) becomes a source whose sentences are passages, with graphs ready to be filled.
    """
    from kg.importing.documents import DOCUMENTS
    from kg.importing.sheet import import_sheet, write_template

    if template is not None:
        write_template(template)
        click.echo(f"Wrote {template}; fill it in, then: kg import {template}", err=True)
        return
    if file is None:
        raise InputError("Name a file to import, such as facts.csv, or --template facts.csv for a new one.")
    folder = folder or (ctx.obj or {}).get("folder")
    project = find_project(None if folder is None else Path(folder))
    if folder is None and project.is_bundled and project.root != Path.cwd():
        raise InputError(
            "There is no project here; make one with kg init my-archive, or name one with --project."
        )
    if file.suffix.lower() in DOCUMENTS:
        _import_text(file, project, dry_run=dry_run)
        return
    with patience("Importing"):
        done = import_sheet(file, project, output, dry_run=dry_run, allow_new=allow_new)
    for name in done.new if dry_run else ():
        click.echo(f"new: {name}")
    click.echo(f"{'Would import' if dry_run else 'Imported'} {done.summary}.", err=True)
    for written in done.files:
        click.echo(str(written))


def _import_text(file: Path, project: Project, *, dry_run: bool) -> None:
    """Import a text and say what became of its passages."""
    from kg.importing.text import import_text

    with patience("Importing"):
        done = import_text(file, project, dry_run=dry_run)
    for passage in done.lost:
        click.echo(f"lost: {passage} (its words are not in the text any more; see kg check)", err=True)
    for written in done.by_hand:
        click.echo(f"by hand: {written} (passages of it moved, correct them; see kg check)", err=True)
    moved = f", {len(done.moved)} moved" if done.moved else ""
    lost = f", {len(done.lost)} lost" if done.lost else ""
    click.echo(
        f"{'Would mark' if dry_run else 'Marked'} {done.passages} passages: {done.new} new{moved}{lost}.",
        err=True,
    )
    for written in done.files:
        click.echo(str(written))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a new project folder, with an example that runs."""
    from kg.starting import start

    for file in start(folder):
        click.echo(str(file))
    click.echo(f"Now: kg --project {folder} query born-when", err=True)


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(old: Path, new: Path, *, as_json: bool) -> int:
    """Show which facts came, went, or changed their passages; exit code 1 if any did.

    OLD and NEW are RDF files, or project folders.
    """
    from kg.difference import difference
    from kg.views.difference import as_data, lines

    with patience("Comparing"):
        found = difference(_facts_of(old), _facts_of(new))
    if as_json:
        click.echo(json.dumps(as_data(found), ensure_ascii=False, indent=1))
    else:
        for line in lines(found):
            click.echo(line)
    counts = Counter(change.kind for change in found.changes)
    said = ", ".join(f"{counts[kind]} {kind}" for kind in ("came", "went", "moved") if counts[kind])
    click.echo(said or "The same facts in the same passages.", err=True)
    return 1 if found.changes else 0


def _facts_of(path: Path) -> list[Path]:
    return find_project(path).fact_files() if path.is_dir() else [path]
