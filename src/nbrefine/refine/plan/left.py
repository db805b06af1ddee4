"""Variables that no step holds at the end, since nothing needs them: known, and said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.refine.flow.crossing import Crossing
    from nbrefine.refine.flow.flow import Flow

LEFT = ".nbrefine/left.json"


def left_behind(flow: Flow, crossing: Crossing) -> dict[str, str]:
    """Find variables whose last change happens in a step that does not have them.

    Parameters
    ----------
    flow
        The notebook's flow.
    crossing
        What crosses between its steps.

    Returns
    -------
    dict of str to str
        Such a variable shares an object with one that the step changes, and no code reads it
        from there on; each with this reason.
    """
    found: dict[str, str] = {}
    for step in crossing.steps:
        cells = [flow.cells[origin] for origin in step.cells]
        bound = {name for cell in cells for name in cell.rebound}
        for name in {name for cell in cells for name in cell.writes if not name.startswith("<")}:
            found.pop(name, None)
            known = flow.writer(name, step.cells[0]) is not None
            if known and name not in bound and name not in step.inputs:
                found[name] = "nothing reads it after its object was changed under another name"
    return found


def write_left(project: Path, left: Mapping[str, str]) -> None:
    """Keep with a project which variables are left behind."""
    write_atomic(project / LEFT, json.dumps(left, indent=1, sort_keys=True) + "\n")


def read_left(project: Path) -> dict[str, str]:
    """Read which variables are left behind; none if nothing says so."""
    file = project / LEFT
    return dict(json.loads(read_text(file))) if file.is_file() else {}
