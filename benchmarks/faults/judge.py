"""Sees whether a project is right after a fault and one more build."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.faults.tool import Tool
    from benchmarks.small_pipeline import Project

_PRODUCTS = ("first", "second", "third")


class Judgement(StrEnum):
    """What came of a fault."""

    RIGHT = "right"
    """The next build ends well, and its products are right."""
    STUCK = "stuck"
    """The next build fails, and says so."""
    WRONG = "wrong"
    """The next build ends well, and a product is wrong: nobody would notice."""
    HALF = "half"
    """A product was neither as before nor as it should be while no build was running."""
    RESTLESS = "restless"
    """The result is right, but a further build runs steps again that are up to date."""


def products(project: Project, factor: int | None = None) -> dict[str, Any]:
    """Return what the products should hold, worked out from the sources.

    Parameters
    ----------
    project
        The project.
    factor
        What its function multiplies with; as it is now if None.
    """
    if factor is None:
        factor = 3 if "3 * n" in (project.root / "src/tools.py").read_text() else 2
    first = [int(row) for row in (project.root / "raw.txt").read_text().split()][:3]
    second = [factor * number for number in first]
    return {"first": first, "second": second, "third": {"total": sum(second)}}


def judge(tool: Tool, project: Project) -> tuple[Judgement, str]:
    """Build once more and look.

    Returns
    -------
    tuple of Judgement and str
        With what there is to say.
    """
    done = project.run(*tool.command)
    if done.returncode != 0:
        return Judgement.STUCK, (done.stdout + done.stderr)[-2000:]
    expected = products(project)
    for name in _PRODUCTS:
        found = _held(project.root / f"out/{name}.json")
        if found != expected[name]:
            said = f"out/{name}.json holds {found!r}, not {expected[name]!r}"
            return Judgement.WRONG, f"{said}\n{done.stdout}{done.stderr}"
        notebook = _held(project.root / f"out/{name}.ipynb")
        if not _ran_whole(notebook):
            return Judgement.WRONG, f"out/{name}.ipynb is not an executed notebook"
    again = project.run(*tool.command)
    if tool.ran(again.stdout + again.stderr):
        return Judgement.RESTLESS, again.stdout + again.stderr
    return Judgement.RIGHT, ""


def whole(project: Project) -> tuple[Judgement, str]:
    """See, before anything is built again, that no product is half written.

    Returns
    -------
    tuple of Judgement and str
        Right if each holds what its code made before, or makes now.
    """
    variants = [products(project, factor) for factor in (2, 3)]
    for name in _PRODUCTS:
        file = project.root / f"out/{name}.json"
        if file.exists() and _held(file) not in [each[name] for each in variants]:
            return Judgement.HALF, f"{file.name} holds {file.read_bytes()!r}"
    return Judgement.RIGHT, ""


def _held(file: Path) -> Any:  # noqa: ANN401  (whatever JSON holds)
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None


def _ran_whole(notebook: Any) -> bool:  # noqa: ANN401
    if not isinstance(notebook, dict):
        return False
    cells = [cell for cell in notebook.get("cells", []) if cell.get("cell_type") == "code"]
    return bool(cells) and all(cell.get("execution_count") for cell in cells)
