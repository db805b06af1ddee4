"""``nbrefine doctor``: says whether the installed Jupyter tools work together."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbrefine.environment.diagnosis import Diagnosis, Verdict
from nbrefine.environment.doctor import examine, jupyter_paths
from nbrefine.errors import EnvironmentFaultError
from nbrefine.lab.project import diagnose_project

if TYPE_CHECKING:
    from collections.abc import Sequence

COLOURS = {
    Verdict.OK: "green",
    Verdict.MENDED: "cyan",
    Verdict.WARNING: "yellow",
    Verdict.PROBLEM: "red",
}
WIDTH = 100


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(*, as_json: bool) -> None:
    """Check that the installed Jupyter tools work together.

    Says what it found, what nbrefine did about it, and how to undo that. Ends with exit code 0
    if all is well or mended, with 1 if there is a problem. Changes nothing.
    """
    diagnoses = examine()
    data = (jupyter_paths() or ([], []))[1]
    if project := diagnose_project(Path.cwd(), data):
        diagnoses.append(project)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(diagnosis) for diagnosis in diagnoses], indent=2))
    else:
        _print(diagnoses)
    problems = [d for d in diagnoses if d.verdict is Verdict.PROBLEM]
    if problems:
        raise EnvironmentFaultError(
            f"{len(problems)} of {len(diagnoses)} checks found a problem:"
            f" {', '.join(d.name for d in problems)}.",
            hint=problems[0].remedy,
        )


def _print(diagnoses: Sequence[Diagnosis]) -> None:
    """Print a line for each check, and below it what was done and what is left to do."""
    verdicts = max(len(verdict) for verdict in Verdict)
    names = max(len(diagnosis.name) for diagnosis in diagnoses)
    indent = " " * (verdicts + names + 4)
    for diagnosis in diagnoses:
        label = click.style(f"{diagnosis.verdict:<{verdicts}}", fg=COLOURS[diagnosis.verdict])
        details = [
            diagnosis.found,
            diagnosis.done and f"nbrefine: {diagnosis.done}",
            diagnosis.remedy and f"to do: {diagnosis.remedy}",
            diagnosis.undo and f"to undo: {diagnosis.undo}",
        ]
        # Paths and commands stay whole, so that they can be copied.
        lines = [
            line
            for detail in details
            for paragraph in detail.splitlines()
            for line in textwrap.wrap(
                paragraph,
                WIDTH - len(indent),
                break_long_words=False,
                break_on_hyphens=False,
            )
        ]
        click.echo(f"{label}  {diagnosis.name:<{names}}  {lines[0]}")
        for line in lines[1:]:
            click.echo(f"{indent}{line}")
