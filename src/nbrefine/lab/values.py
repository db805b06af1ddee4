"""What a step finds in its session: the values that a build would inject, on scratch products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.errors import InputError, did_you_mean
from nbrefine.files.paths import shown
from nbrefine.lab.scratch import scratch_paths
from nbrefine.notebook.document import read_notebook
from nbrefine.pipeline.arguments import arguments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline, Step


@dataclass(frozen=True)
class StepValues:
    """A step, ready to be tried out.

    Parameters
    ----------
    step
        The step.
    root
        The folder that the build runs it in.
    names
        What a build injects: parameters, ``upstream`` and ``product``, as plain values.
    stand_ins
        Where the scratch products go, by the build's own paths.
    tagged
        The text of the cell tagged ``parameters``, if the source is a notebook that has one.
    """

    step: Step
    root: Path
    names: Mapping[str, object]
    stand_ins: Mapping[Path, Path]
    tagged: str | None


def step_values(pipeline: Pipeline, name: str) -> StepValues:
    """Work out what a build would inject into a step.

    Parameters
    ----------
    pipeline
        The pipeline.
    name
        The step's name.

    Returns
    -------
    StepValues
        The same names, types and shapes as in the build; only the paths in ``product`` differ.

    Raises
    ------
    UnknownStepError
        If there is no such step.
    InputError
        If a product that it reads is missing, or one of its own is not a file.
    """
    step = pipeline.step(name)
    if len(step.files) < len(step.products):
        raise InputError(
            f"Step {name!r} writes to a database: a product there has no scratch stand-in.",
            where=step.place,
            hint="Try it out on a database of your own: name that one in env.yaml.",
        )
    _require_upstream(pipeline, step)
    stand_ins = scratch_paths(pipeline.root, name, step.files.values())
    names = arguments(pipeline, step, stand_ins)
    cell = read_notebook(step.source).parameters_cell if step.source.suffix == ".ipynb" else None
    return StepValues(step, pipeline.root, names, stand_ins, cell.source if cell else None)


def step_of_notebook(pipeline: Pipeline, notebook: Path) -> str:
    """Return the name of the step whose source a notebook is.

    Raises
    ------
    InputError
        If no step or more than one has that source.
    """
    found = [
        step.name for step in pipeline.steps.values() if step.source.resolve() == notebook.resolve()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"{shown(notebook)} is the source of several steps: {', '.join(found)}.",
            hint=f"Name one of them: %step {found[0]}",
        )
    raise InputError(
        f"{shown(notebook)} is not the source of a step of {shown(pipeline.spec_file)}.",
        hint=f"Name the step: %step NAME. {did_you_mean(notebook.stem, pipeline.steps)}",
    )


def _require_upstream(pipeline: Pipeline, step: Step) -> None:
    for name in step.upstream:
        missing = [path for path in pipeline.step(name).files.values() if not path.exists()]
        if missing:
            raise InputError(
                f"Step {step.name!r} reads {shown(missing[0], pipeline.root)}"
                f" of step {name!r}, which is not built.",
                hint=f"Run ploomber build --partially {name} first.",
            )
