"""``nbrefine analyze``: what is to know of a notebook, and what refine would make of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbrefine.cli.output import write_output
from nbrefine.cli.stages import Progress
from nbrefine.errors import InputError, format_error
from nbrefine.files.paths import shown
from nbrefine.refine.analyze.analyze import analyze, observed_run
from nbrefine.refine.analyze.as_json import analysis_json
from nbrefine.refine.analyze.page import analysis_page
from nbrefine.refine.analyze.settings import ignored_codes
from nbrefine.refine.analyze.stages import Stage, stage_json
from nbrefine.refine.analyze.text import analysis_lines
from nbrefine.refine.findings.check import Selection
from nbrefine.refine.findings.finding import Severity
from nbrefine.refine.findings.show import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.analyze.analyze import Analysis
    from nbrefine.refine.findings.finding import Finding

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue", "place": None, "hint": "cyan"}


@click.command("analyze")
@click.argument("notebooks", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--static", is_flag=True, help="Do not run the notebook: go by its code alone.")
@click.option("--json", "as_json", is_flag=True, help="Print the analysis as JSON.")
@click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a page: the flow between the steps, and the notebook in their colours.",
)
@click.option("--select", metavar="CODES", default="", help="Only these findings: NBR2,NBR301.")
@click.option("--ignore", metavar="CODES", default="", help="Not these findings.")
@click.option("--quiet", is_flag=True, help="Print the findings of severity error alone.")
@click.option(
    "--stop-after",
    type=click.Choice([each.value for each in Stage]),
    help="Print what this stage of refine gives, as JSON, and no more.",
)
@click.option("--timeout", type=click.FloatRange(min=0), help="Seconds that a cell may take.")
@click.option("--kernel", metavar="NAME", help="Installed kernel to run in.")
@click.option("--python", metavar="FILE", help="Interpreter to run in; it needs ipykernel.")
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  (one argument an option)
    context: click.Context,
    notebooks: tuple[Path, ...],
    html_file: Path | None,
    select: str,
    ignore: str,
    stop_after: str | None,
    timeout: float | None,
    kernel: str | None,
    python: str | None,
    *,
    static: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Tell what is to know of NOTEBOOKS, and how refine would cut them.

    Each notebook is run under observation, on a copy of its folder, unless --static is given.
    Nothing is written but the page that is asked for. Ends with exit code 1 if there is a finding
    of severity error, or if a notebook fails on its own.
    """
    if html_file is not None and len(notebooks) > 1:
        raise InputError("--html draws one notebook, and several are given.")
    if kernel and python:
        raise InputError("--kernel and --python say both which interpreter to run in: give one.")
    progress = None if quiet else Progress()
    run = observed_run(python=python, kernel=kernel, timeout=timeout, progress=progress)
    if stop_after is not None:
        stage = Stage(stop_after)
        _print_json([stage_json(each, stage, None if static else run) for each in notebooks])
        return
    found = [
        analyze(each, _selection(each, select, ignore), run=None if static else run)
        for each in notebooks
    ]
    if progress is not None:
        progress.end()
    if html_file is not None:
        write_output(html_file, analysis_page(found[0]))
    if as_json:
        _print_json([analysis_json(each) for each in found])
    else:
        for line in (line for each in found for line in _lines(each, quiet=quiet)):
            click.echo(line)
        if html_file is not None and not quiet:
            click.echo(f"\nThe page: {shown(html_file)}")
    if any(each.failed or _errors(each) for each in found):
        context.exit(1)


def _print_json(data: list[dict[str, Any]]) -> None:
    """Print one object for one notebook, and a list for several."""
    click.echo(json.dumps(data[0] if len(data) == 1 else data, indent=2, ensure_ascii=False))


def _selection(notebook: Path, select: str, ignore: str) -> Selection:
    return Selection(_codes(select), (*_codes(ignore), *ignored_codes(notebook)))


def _lines(analysis: Analysis, *, quiet: bool) -> Iterator[str]:
    if quiet:
        yield from (show(each, analysis.notebook, _paint) for each in _errors(analysis))
    else:
        yield from analysis_lines(analysis, _paint)
    if analysis.failed is not None:
        yield ""
        yield format_error(analysis.failed)


def _errors(analysis: Analysis) -> list[Finding]:
    return [each for each in analysis.findings if each.severity is Severity.ERROR]


def _codes(text: str) -> tuple[str, ...]:
    return tuple(part.strip().upper() for part in text.split(",") if part.strip())


def _paint(text: str, kind: str) -> str:
    return click.style(text, fg=_COLOURS.get(kind), bold=kind in {"place", "error"})
