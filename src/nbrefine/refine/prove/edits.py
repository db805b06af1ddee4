"""Know which steps were edited after they had been written: their cells are proved no more."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import read_notebook, read_text
from nbrefine.pipeline.spec import read_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline, Step

WRITTEN = ".nbrefine/written.json"


def remember_steps(project: Path) -> None:
    """Note the steps of a project as they are, right after they were written.

    Parameters
    ----------
    project
        The folder of ``pipeline.yaml``.
    """
    digests = _digests(read_pipeline(project))
    write_atomic(project / WRITTEN, json.dumps(digests, indent=1, sort_keys=True) + "\n")


def edited_steps(pipeline: Pipeline) -> frozenset[str]:
    """Return the steps that are not as they were written, and all steps that build on these.

    A step's code and parameters count, and the modules in ``src/``, whichever step uses them.
    If nobody noted the steps, none counts as edited.
    """
    file = pipeline.root / WRITTEN
    if not file.is_file():
        return frozenset()
    noted = json.loads(read_text(file))
    edited = {name for name, digest in _digests(pipeline).items() if noted.get(name) != digest}
    grown = True
    while grown:
        reached = {name for name, step in pipeline.steps.items() if edited & set(step.upstream)}
        grown = not reached <= edited
        edited |= reached
    return frozenset(edited)


def _digests(pipeline: Pipeline) -> dict[str, str]:
    """Digest each step by what decides what it computes."""
    modules = sorted((pipeline.root / "src").rglob("*.py"))
    shared = [(str(path.relative_to(pipeline.root)), path.read_text("utf-8")) for path in modules]
    return {
        name: hashlib.sha256(
            json.dumps([shared, *_source(step), _params(step)], default=str).encode()
        ).hexdigest()
        for name, step in pipeline.steps.items()
    }


def _source(step: Step) -> Iterator[str]:
    """Give the code of a step; markdown and outputs may change."""
    if step.source.suffix == ".ipynb":
        yield from (cell.source for cell in read_notebook(step.source).code_cells)
    elif step.source.is_file():
        yield read_text(step.source)


def _params(step: Step) -> list[tuple[str, object]]:
    """Give the parameters of a step; the files in ``resources_`` are named by absolute paths."""
    return sorted((key, value) for key, value in step.params.items() if key != "resources_")
