"""The command ``nbrefine``: finds the subcommand, and prints what went wrong."""

from __future__ import annotations

import importlib
import sys
from typing import NoReturn, cast

import click

import nbrefine
from nbrefine.errors import MissingPackageError, NbrefineError, did_you_mean, format_error

# name: what it does. Each lives in the module of its name and is imported only when it is called.
COMMANDS = {
    "adopt": "Let nbrefine's engine build a pipeline that is there already.",
    "analyze": "Tell what is to know of a notebook, and how refine would cut it.",
    "baseline": "Keep what the cells of a pipeline show, and compare with it.",
    "build": "Build the pipeline: what is outdated, and nothing else.",
    "check": "Prove that features serve as they train, and know no future.",
    "clean": "Remove what builds have left behind and nobody needs.",
    "doctor": "Check that the installed Jupyter tools work together.",
    "lineage": "Tell what made a product, and what depends on it.",
    "plot": "Draw the pipeline: its graph and each step's state.",
    "prove": "Build a refined project and compare it with its notebook.",
    "refine": "Make a pipeline of a notebook, and prove that it says the same.",
    "reproduce": "Make a product again from what was recorded, and compare.",
    "serve": "Answer HTTP requests with a model.",
    "status": "Say what the next build would do, and why.",
    "store": "Fill the online store that a service looks into.",
    "sweep": "Run variants of a step, and tell which is the best.",
    "sync": "Move what step notebooks define anew to src/.",
}
_SERVING = (["check"], ["serve"], ["store"])


class LazyCommands(click.Group):
    """A group that imports a subcommand when it is called, so that ``--help`` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's interface)
        """Return the subcommands' names, in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a subcommand, or return None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"nbrefine.cli.{cmd_name}")
        return cast("click.Command", module.command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand, and answer a misspelt one with the nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            message = f"No such command '{args[0]}'. {did_you_mean(args[0], COMMANDS)}"
            raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(nbrefine.__version__, prog_name="nbrefine")
def cli() -> None:
    """From a messy notebook to a proved, tested and reproducible pipeline."""


def main() -> None:
    """Run the command line; an error of the user's ends in a message, never in a traceback."""
    try:
        cli()
    except NbrefineError as error:
        _stop(error)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("nbrefine"):
            raise
        # The core is small; what a command needs beyond it is in an extra.
        message = f"The package {error.name!r} is not installed, and this command needs it."
        extra = "serving" if sys.argv[1:2] in _SERVING else "refine"
        _stop(MissingPackageError(message, hint=f'Run: pip install "nbrefine[{extra}]"'))


def _stop(error: NbrefineError) -> NoReturn:
    click.echo(format_error(error), err=True)
    sys.exit(error.exit_code)
