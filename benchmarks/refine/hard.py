"""The hard notebooks of the tests: each has to come out equal, or in one piece with the reason.

One of them is refused, as Papermill ends a build where a cell raises, whatever its tags.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from benchmarks.refine.original import Original, cell_outputs
from benchmarks.refine.ours import refine
from benchmarks.results import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.refine.ours import Outcome

FOLDER = ROOT / "tests" / "fixtures" / "notebooks" / "hard"
# Cells (by origin) that vary by nature.
VARYING = {"UnseededDraw": {1, 2}, "TextOrderByHash": {1}}
# What no build can run, and where the refusal says so.
REFUSED = {"RaisesException": "RaisesException.ipynb:cell 4"}


@dataclass(frozen=True)
class HardCase:
    """A hard notebook, and what refine made of it."""

    name: str
    outcome: Outcome

    @property
    def word(self) -> str:
        """What it came to: ``equal``, ``uncut``, ``refused``, ``different`` or ``SILENT``."""
        if self.outcome.silent:
            return "SILENT"
        if not self.outcome.converted:
            return "refused"
        if not self.outcome.equal:
            return "different"
        return "equal" if len(self.outcome.steps) > 1 else "uncut"


def names() -> list[str]:
    """Return the names of all hard notebooks."""
    return sorted(file.stem for file in FOLDER.glob("*.ipynb"))


def refine_hard(name: str, python: Path, work: Path) -> HardCase:
    """Refine one, in a folder of its own, and compare with the outputs that are stored in it.

    Parameters
    ----------
    name
        Of the notebook.
    python
        Interpreter that has nbrefine.
    work
        Folder to work in; it is made.

    Returns
    -------
    HardCase
        What it came to.
    """
    here = work / "notebook"
    here.mkdir(parents=True)
    for folder in ("data", "local_modules"):
        shutil.copytree(
            FOLDER / folder, here / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    notebook = here / f"{name}.ipynb"
    shutil.copy2(FOLDER / notebook.name, notebook)
    original = Original(notebook, (cell_outputs(notebook),), seconds=0.0)
    return HardCase(name, refine(original, python, work / "project"))


def refine_all(python: Path, work: Path, workers: int) -> list[HardCase]:
    """Refine them all, so many at a time."""

    def one(name: str) -> HardCase:
        shutil.rmtree(work / name, ignore_errors=True)
        return refine_hard(name, python, work / name)

    cases = []
    with ThreadPoolExecutor(workers) as pool:
        for case in pool.map(one, names()):
            click.echo(f"{case.name:<40} {case.word:<9} {len(case.outcome.steps)} steps")
            cases.append(case)
    return cases
