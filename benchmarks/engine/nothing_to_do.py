"""Pipelines in which nothing is to do: what a look at them takes, by their number of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from benchmarks.engine.small_steps import write_small_steps
from benchmarks.engine.ways import NBREFINE, run_command
from benchmarks.small_pipeline import Project

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.engine.measured import Measured
    from benchmarks.engine.table import Times

SIZES = (500,)
STATUS = "nbrefine status"
_LOOKS = 9


def looks(folder: Path, steps: int, measured: Measured) -> Times:
    """Build a chain of small notebooks, unless that was done, and look at it again and again.

    Parameters
    ----------
    folder
        The project's folder.
    steps
        How many notebooks it has.
    measured
        What was measured before.
    """
    project = Project(folder)
    name = f"nothing{steps}"
    if not (folder / "pipeline.yaml").is_file():
        write_small_steps(project, steps, chained=True)
    if len(measured.times(name, NBREFINE)) < _LOOKS:
        for _ in range(2):  # it goes on where it was ended
            run_command(project, *project.command("nbrefine", "build"))
    for turn in range(_LOOKS):
        for way in (NBREFINE, STATUS):
            if len(measured.times(name, way)) <= turn:
                measured.add(name, way, run_command(project, *project.command(*way.split())))
    click.echo(f"{name}: looked at", err=True)
    return {way: measured.times(name, way) for way in (NBREFINE, STATUS)}
