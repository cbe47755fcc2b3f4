"""The command that serves the graph on one's own machine."""

from __future__ import annotations

import os
import re
import webbrowser
from pathlib import Path

import click

from kg.cli.options import DataCommand
from kg.errors import InputError
from kg.files import read_text
from kg.server.settings import Limits, Place, Rights

TOKEN = "KG_SERVE_TOKEN"  # noqa: S105 - the variable's name, not what is in it
_LEAST = 16
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


@click.command("serve", cls=DataCommand)
@click.option("--project", "folder", metavar="DIR", help="Open the project in this folder.")
@click.option("--data", multiple=True, metavar="FILE...", help="Open these RDF files instead.")
@click.option("--store", metavar="DIR", help="Open this store on disk instead; kg load makes one.")
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL service instead.")
@click.option("--auth-env", metavar="NAME", help="The variable with its user:password, or 'Bearer TOKEN'.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes any.")
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Seconds a query."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=Limits().workers, show_default="one a core",
    help="Fast queries at once, and slow ones besides.",
)  # fmt: skip
@click.option("--max-rows", type=click.IntRange(1), metavar="N", help="Rows an answer of /sparql may have.")
@click.option(
    "--max-bytes", type=click.IntRange(1000), default=Limits().answer_bytes, show_default=True, metavar="N",
    help="Bytes an answer may have.",
)  # fmt: skip
@click.option("--allow-origin", "origins", multiple=True, metavar="URL", help="Let pages of this site ask.")
@click.option("--allow-update", is_flag=True, help="Take updates from who presents the token.")
@click.option("--token-file", metavar="FILE", help=f"Where the token is; otherwise in the variable {TOKEN}.")
@click.option("--browse/--no-browse", default=True, help="Open the page in a browser.")
@click.pass_context
def serve_command(
    ctx: click.Context, /, *, port: int, timeout: float, workers: int, max_rows: int | None, max_bytes: int,
    origins: tuple[str, ...], allow_update: bool, token_file: str | None, browse: bool, **given: object,
) -> None:  # fmt: skip
    """Serve a SPARQL endpoint and a page for asking, reading and browsing, on this machine only.

    It is read-only unless --allow-update is given, and a query that takes too long is stopped.
    """
    given["folder"] = given["folder"] or (ctx.obj or {}).get("folder")
    if sum(bool(given[name]) for name in ("data", "store", "endpoint")) > 1:
        raise InputError("--data, --store and --endpoint each say where the facts are; name one of them.")
    if not hasattr(os, "fork"):
        raise InputError("Serving needs Linux or macOS, because every worker is a fork; on Windows use WSL.")
    try:
        import uvicorn  # noqa: F401 - asked for here, so that what is missing is said in words
    except ImportError as error:
        raise InputError("Serving needs two more packages: pip install 'kg-footnote[serve]'") from error
    from kg.server.running import listen, serve

    place = Place(**given)  # type: ignore[arg-type]  # click's values
    place.project()
    rights = Rights(origins=_origins(origins), token=_token(token_file) if allow_update else "")
    found = listen(port)
    address = f"http://127.0.0.1:{found.getsockname()[1]}/"
    click.echo(f"kg: {address} (SPARQL at {address}sparql); stop with Ctrl-C.", err=True)
    if rights.token and not place.store:
        click.echo(
            "kg: updates are kept in memory, until the server stops; with --store they stay.", err=True
        )
    if browse:
        webbrowser.open(address)
    limits = Limits(seconds=timeout, workers=workers, rows=max_rows or 0, answer_bytes=max_bytes)
    serve(place, limits, rights, found)


def _origins(given: tuple[str, ...]) -> tuple[str, ...]:
    for origin in given:
        if not _ORIGIN.fullmatch(origin):
            raise InputError(
                f"{origin!r} is no origin; write it like https://yasgui.example, without a path."
            )
    return given


def _token(file: str | None) -> str:
    """Return what an update must present; raises `InputError` where there is none or a short one."""
    token = (read_text(Path(file)) if file else os.environ.get(TOKEN, "")).strip()
    if len(token) < _LEAST:
        raise InputError(
            f"--allow-update needs a token of {_LEAST} characters or more: in a file (--token-file), or in "
            f"the variable {TOKEN}. Make one with: python -c 'import secrets; print(secrets.token_urlsafe())'"
        )
    return token
