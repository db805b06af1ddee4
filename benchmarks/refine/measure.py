"""One notebook: run by itself, refined by us, refactored by soorgeon."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmarks.refine.original import environment, run_original
from benchmarks.refine.ours import refine
from benchmarks.refine.rows import Failing, Headings, Row
from benchmarks.refine.soorgeon import attempt

if TYPE_CHECKING:
    from benchmarks.refine.original import Original


def measure(
    notebook: Path, name: str, python: Path, work: Path, *, soorgeon: bool
) -> Row | Failing:
    """Run a notebook and have it refined.

    Parameters
    ----------
    notebook
        The file; nothing is written beside it.
    name
        Where it is in the corpus.
    python
        Of an environment with nbrefine and what the notebook imports.
    work
        Folder to work in; what is in it is deleted.
    soorgeon
        Whether soorgeon has its turn, too.

    Returns
    -------
    Row or Failing
        The latter if it does not run by itself.
    """
    shutil.rmtree(work, ignore_errors=True)
    original = run_original(notebook, python, work)
    if isinstance(original, str):
        return Failing(name, original)
    project = work / "project"
    ours = refine(original, python, project)
    row = Row(name, len(original.runs[0]), original.seconds, ours)
    if ours.converted:
        row = replace(row, hidden=_hidden_headings(original, python, project))
    if not soorgeon:
        return row
    cuts = [cells[0] for cells in ours.steps if cells]
    return replace(
        row,
        soorgeon=attempt(original, python, work / "soorgeon"),
        soorgeon_with_headings=attempt(original, python, work / "soorgeon-with-headings", cuts),
    )


def _hidden_headings(original: Original, python: Path, project: Path) -> Headings:
    """Have the notebook cut without its headings, as its recorded run lets it be cut."""
    script = Path(__file__).with_name("hidden_headings.py")
    recording = project / ".nbrefine" / "recording.json"
    done = subprocess.run(
        [str(python), str(script), str(original.path), str(recording)],
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        click.echo(f"{original.path.name} is not cut without its headings: {done.stderr}", err=True)
        return Headings()
    return Headings(**json.loads(done.stdout))
