"""Give the transforms of the steps' notebooks names, with what the recorded run knows of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbrefine.refine.inline.name_transforms import name_transforms
from nbrefine.refine.write.notebook import to_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nbrefine.recording.facts import Recording
    from nbrefine.refine.inline.named import Naming

__all__ = ["frame_names", "name_in_steps"]


def name_in_steps(
    paths: Sequence[str],
    content: Mapping[str, str],
    recording: Recording | None,
    leave: Collection[int] = (),
) -> tuple[dict[str, str], Naming]:
    """Name the transforms of step notebooks.

    Parameters
    ----------
    paths
        Of the step notebooks, in the order in which they run.
    content
        Files of the project: path relative to the root, and text.
    recording
        The notebook's run, if there was one.
    leave
        Origins of cells that stay as they are.

    Returns
    -------
    content : dict of str to str
        With the notebooks that changed.
    naming : Naming
        The transforms.
    """
    notebooks = {path: json.loads(content[path]) for path in paths}
    frames = frame_names(recording) if recording is not None else frozenset()
    warned = _warned(recording) if recording is not None else frozenset()
    naming = name_transforms(notebooks, dict.fromkeys(paths, frames), {*warned, *leave})
    changed = {path: to_text(notebook) for path, notebook in naming.notebooks.items()}
    return {**content, **changed}, naming


def frame_names(recording: Recording) -> frozenset[str]:
    """Return the names that held nothing but frames, after each cell of a run."""
    types: dict[str, set[str]] = {}
    for values in (*(cell.values for cell in recording.cells), recording.final):
        for name, facts in values.items():
            types.setdefault(name, set()).add(facts.type)
    return frozenset(
        name
        for name, found in types.items()
        if all(each.startswith("pandas.") and each.endswith(".DataFrame") for each in found)
    )


def _warned(recording: Recording) -> frozenset[int]:
    """Return the cells that showed a warning: of some Python tells only the notebook's own code."""
    return frozenset(
        cell.origin
        for cell in recording.cells
        for output in cell.outputs
        if output.get("name") == "stderr" and "Warning" in "".join(output.get("text", ""))
    )
