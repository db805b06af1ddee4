"""Whether the project in the working directory can be read and its notebooks find a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.environment.diagnosis import Diagnosis, Verdict
from nbrefine.environment.kernelspecs import KERNEL, find_kernelspec
from nbrefine.errors import NbrefineError, format_error
from nbrefine.files.paths import shown
from nbrefine.notebook.document import read_notebook
from nbrefine.pipeline.spec import find_root, read_pipeline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline

NAME = "project"


def diagnose_project(start: Path, data: Sequence[Path]) -> Diagnosis | None:
    """Check the pipeline that a folder belongs to.

    Parameters
    ----------
    start
        The folder.
    data
        Jupyter's data path, the most important folder first.

    Returns
    -------
    Diagnosis or None
        None outside of a project.
    """
    if not any((folder / "pipeline.yaml").is_file() for folder in (start, *start.parents)):
        return None
    try:
        pipeline = read_pipeline(find_root(start))
        strangers = [f"{shown(file)} ({name})" for file, name in _without_kernel(pipeline, data)]
    except NbrefineError as error:
        return Diagnosis(NAME, Verdict.PROBLEM, format_error(error), remedy=error.hint)
    if strangers:
        found = f"the kernel of {', '.join(strangers)} is not installed: a build stops there"
        remedy = f"In JupyterLab choose Kernel, Change Kernel, {KERNEL}, and save"
        return Diagnosis(NAME, Verdict.PROBLEM, found, remedy=remedy)
    count = len(pipeline.steps)
    found = f"{shown(pipeline.spec_file)} has {count} step{'' if count == 1 else 's'}"
    return Diagnosis(NAME, Verdict.OK, found)


def _without_kernel(pipeline: Pipeline, data: Sequence[Path]) -> list[tuple[Path, str]]:
    """Return the notebooks that ask for a kernel which is not there, and its name."""
    found = []
    for step in pipeline.steps.values():
        if step.kind == "notebook" and step.source.suffix == ".ipynb":
            spec = read_notebook(step.source).metadata.get("kernelspec")
            name = spec.get("name") if isinstance(spec, dict) else None
            # ipykernel itself answers to this name where no file does
            if isinstance(name, str) and name != KERNEL and not find_kernelspec(name, data):
                found.append((step.source, name))
    return found
