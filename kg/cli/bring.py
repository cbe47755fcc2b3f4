"""Commands that bring things into a project: import, init."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.options import patience
from kg.errors import InputError
from kg.project import find_project


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
    """Bring in a sheet of facts (.csv, .tsv, .xlsx, .json): all of its rows, or none."""
    from kg.importing.sheet import import_sheet, write_template

    if template is not None:
        write_template(template)
        click.echo(f"Wrote {template}; fill it in, then: kg import {template}", err=True)
        return
    if file is None:
        raise InputError("Name a file to import, such as facts.csv, or --template facts.csv for a new one.")
    folder = folder or (ctx.obj or {}).get("folder")
    project = find_project(None if folder is None else Path(folder))
    with patience("Importing"):
        done = import_sheet(file, project, output, dry_run=dry_run, allow_new=allow_new)
    for name in done.new if dry_run else ():
        click.echo(f"new: {name}")
    click.echo(f"{'Would import' if dry_run else 'Imported'} {done.summary}.", err=True)
    for written in done.files:
        click.echo(str(written))
