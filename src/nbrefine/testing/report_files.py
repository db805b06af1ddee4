"""What is left of a check for readers: the page, and the executed notebooks that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.testing.checking import Check
from nbrefine.testing.executed import KEPT
from nbrefine.testing.page import check_page

if TYPE_CHECKING:
    from pathlib import Path

    from nbrefine.testing.checking import StepCheck


def write_page(check: Check, name: str = "index") -> Path:
    """Write the page of a check, and keep the executed notebooks that are not as they were.

    Parameters
    ----------
    check
        What was found.
    name
        Of the page.

    Returns
    -------
    Path
        The page.
    """
    for step in check.steps:
        _keep(check.root, step)
    file = check.root / KEPT / f"{name}.html"
    write_atomic(file, check_page(check))
    return file


def write_step(root: Path, step: StepCheck) -> Path:
    """Write the page of one step, named after it."""
    return write_page(Check(root, (step,)), step.step)


def _keep(root: Path, step: StepCheck) -> None:
    kept = root / KEPT / f"{step.step}.ipynb"
    if step.passes or step.executed.path is None:
        kept.unlink(missing_ok=True)
        return
    if step.executed.path != kept:
        write_atomic(kept, step.executed.path.read_bytes())
