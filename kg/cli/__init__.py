"""The command `kg`: every command is one library call and one way to show what it returns.

Data goes to standard output, everything else to standard error. Exit codes: 0 fine, 1 a check failed or
things differ, 2 bad input.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from kg.errors import KgError

COMMANDS: dict[str, tuple[str, str]] = {
    "questions": ("kg.cli.ask:questions", "List the saved questions, with their titles and parameters."),
    "query": ("kg.cli.ask:query", "Ask a saved question, or any SPARQL 1.1."),
    "why": ("kg.cli.evidence:why", "Show why one row of an answer is there."),
    "describe": ("kg.cli.ask:describe", "Show every statement about one thing, with the words behind it."),
    "view": ("kg.cli.view:view", "Show the relationship graph as one HTML page."),
    "projections": ("kg.cli.view:projections", "List the saved projections: what can be drawn."),
    "path": ("kg.cli.network:path", "Show the shortest chains of relations between two things."),
    "rank": ("kg.cli.network:rank", "Show who is most central, by one of NetworkX's measures."),
    "analyze": ("kg.cli.network:analyze", "Show what is central, communities, or unconnected components."),
    "serve": ("kg.cli.serve:serve_command", "Serve a SPARQL endpoint and a workbench page on this machine."),
    "export": (
        "kg.cli.take:export",
        "Write all facts as RDF, or a projection as GEXF, GraphML, JSON or CSV.",
    ),
    "load": ("kg.cli.load:load", "Load RDF files, also compressed ones, into a store on disk."),
    "store": ("kg.cli.store:store", "Look after a store: info, optimize, backup, verify."),
    "push": ("kg.cli.store:push", "Put all graphs on a SPARQL service, and count what arrived."),
    "check": ("kg.cli.take:check", "Check ontology, shapes and quotations."),
    "find": ("kg.cli.weigh:find", "Find things by name, in any script or spelling."),
    "conflicts": (
        "kg.cli.weigh:conflicts",
        "Show where sources give different values, and which is preferred.",
    ),
    "corroborate": ("kg.cli.weigh:corroborate", "Show what independent families of sources agree on."),
    "timeline": ("kg.cli.weigh:timeline", "Show dated statements in order, with what contradicts them."),
    "init": ("kg.cli.bring:init", "Make a new project folder, with an example that runs."),
    "diff": ("kg.cli.bring:diff", "Show which facts came, went, or changed their passages."),
    "import": ("kg.cli.bring:import_", "Bring in a sheet of facts, or a text as passages."),
}
"""Every command: where it lives and what it is for, so that `kg --help` loads none of them."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - idem
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - idem
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("--project", "folder", metavar="DIR", help="Open the project in this folder.")
@click.version_option(package_name="kg-footnote", prog_name="kg")
@click.pass_context
def cli(ctx: click.Context, folder: str | None) -> None:
    """Ask a knowledge graph that shows its sources.

    Without a command: what is in the graph, and what to try next. In a folder that has facts/, that folder
    is opened; elsewhere the legacy of the Moscow Trials, which ships with kg.
    """
    ctx.obj = {"folder": folder}
    if ctx.invoked_subcommand is None:
        from kg.cli.overview import overview

        overview(folder)


def main() -> None:
    """Run the command line; the one place where our errors become words and an exit code."""
    try:
        sys.exit(_run())
    except BrokenPipeError:
        # The reader has gone, as `kg ... | head` does; nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _run() -> int:
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except (KgError, SyntaxError, RuntimeError, OSError) as error:
        words = _words(error)
        if os.environ.get("KG_DEBUG") or not words:
            raise
        click.echo(f"kg: {words}", err=True)
        if isinstance(error, OSError):
            # What is still in the buffer cannot be written either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    return code if isinstance(code, int) else 0


def _words(error: Exception) -> str:
    """Return what a user is told; nothing of what is a fault of ours, or of no reader who is left."""
    if isinstance(error, KgError):
        return str(error)
    if isinstance(error, SyntaxError):
        # A long answer from elsewhere is parsed while it is read, by whoever reads it.
        return f"The answer of the engine does not parse: {error}"
    if isinstance(error, RuntimeError):
        from kg.engine.folders import damaged, is_damage

        # So is a damaged file of a store on disk.
        return str(damaged("The store", str(error))) if is_damage(error) else ""
    if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
        return f"The answer cannot be written: {error.strerror or error}."
    return ""
