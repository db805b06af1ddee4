"""Keep with a project which paths read otherwise in it, so that a proof can tell them the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import read_text
from nbrefine.notebook.json_texts import map_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nbrefine.refine.prove.build import BuildRun

PATHS = ".nbrefine/paths.json"
Paths = tuple[tuple[str, str], ...]
"""Beginnings of paths in the project, and in the notebook; the longest new one first."""


def remember_paths(project: Path, paths: Sequence[tuple[str, str]]) -> None:
    """Note the paths that have changed."""
    write_atomic(project / PATHS, json.dumps(list(paths), indent=1) + "\n")


def read_paths(project: Path) -> Paths:
    """Return the paths that have changed; none if nothing says so."""
    file = project / PATHS
    pairs = json.loads(read_text(file)) if file.is_file() else []
    return tuple((new, old) for new, old in pairs)


def as_before(run: BuildRun, paths: Paths) -> BuildRun:
    """Return a build whose cells show paths as the notebook has them.

    Parameters
    ----------
    run
        The build.
    paths
        What has changed.
    """
    if not paths:
        return run
    pattern = "|".join(re.escape(new) for new, _ in paths)
    whole = re.compile(rf"(?<![\w./~-])(?:{pattern})(?![\w.-])")
    old = dict(paths)

    def back(text: str) -> str:
        return whole.sub(lambda match: old[match[0]], text)

    steps = {
        path: replace(
            step,
            cells=tuple(
                {**cell, "outputs": map_texts(cell["outputs"], back)} if "outputs" in cell else cell
                for cell in step.cells
            ),
        )
        for path, step in run.steps.items()
    }
    return replace(run, steps=steps)
