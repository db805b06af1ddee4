"""The steps of a pipeline as they are executed now: the build runs what a change has affected."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.engine.build import Orders, build
from nbrefine.engine.kept import executed_notebook
from nbrefine.engine.outcome import Ending
from nbrefine.engine.progress import progress_for
from nbrefine.engine.stop import Stop
from nbrefine.engine.support import check_supported, workers_of
from nbrefine.errors import BaselineError, InputError
from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import INJECTED_TAG
from nbrefine.pipeline.environment import FILENAME_VARIABLE
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.testing.baseline import executed_output
from nbrefine.testing.portable import portable, roots_of
from nbrefine.testing.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nbrefine.engine.outcome import Build, Outcome
    from nbrefine.engine.progress import Progress
    from nbrefine.engine.results import StepFailure
    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.pipeline.plan import Plan
    from nbrefine.testing.baseline import Output

KEPT = Path("build", "notebook_tests")
"""Where executed notebooks that are not as they should be are kept; a workflow keeps it, too."""
_KINDS = frozenset({"notebook", "script"})
SAMPLE = "env.ci.yaml"
"""The env file of the small sample, where a project has one."""


@dataclass(frozen=True)
class ExecutedCell:
    """A cell as it was executed.

    Parameters
    ----------
    kind
        ``code``, ``markdown`` or ``raw``.
    source
        Its text.
    number
        From 1 over all cells of the step's notebook.
    id
        Its identifier; empty if it has none.
    tags
        The user's.
    outputs
        What it showed; paths are relative to the project.
    ran
        Whether it was run; the build leaves out what follows a failure.
    attachments
        Pictures that its text shows.
    """

    kind: str
    source: str
    number: int
    id: str = ""
    tags: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = field(default=(), repr=False)
    ran: bool = True
    attachments: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Executed:
    """A step as it was executed.

    Parameters
    ----------
    step
        Its name.
    cells
        But for the one that sets the parameters.
    setting
        The text of that one.
    position
        How many cells stand before it.
    failure
        Why it did not come to its end; then `cells` may be few or none.
    failed_at
        Number of the cell at which it ended; 0 if it was none.
    error
        The failure as the build reports it.
    path
        The executed notebook; None if there is none.
    ending
        How it came out of the build.
    """

    step: str
    cells: tuple[ExecutedCell, ...] = ()
    setting: str = ""
    position: int = 0
    failure: str = ""
    failed_at: int = 0
    error: StepFailure | None = None
    path: Path | None = None
    ending: Ending = Ending.RAN


def sample_pipeline(root: Path, env_file: Path | None = None) -> Pipeline:
    """Read a pipeline with the env file of its small sample.

    Parameters
    ----------
    root
        The project's folder.
    env_file
        Another env file; also the variable ``PLOOMBER_ENV_FILENAME`` names one.
    """
    sample = root / SAMPLE
    if env_file is None and not os.environ.get(FILENAME_VARIABLE) and sample.is_file():
        env_file = sample
    return read_pipeline(root, env_file=env_file)


def tested_steps(pipeline: Pipeline) -> tuple[Step, ...]:
    """Return the steps that are notebooks: those that show something."""
    return tuple(step for step in pipeline.steps.values() if step.kind in _KINDS)


def execute(
    pipeline: Pipeline,
    steps: Sequence[str],
    *,
    force: bool = False,
    stop: Stop | None = None,
    show: Callable[[Plan], Progress] = progress_for,
) -> Mapping[str, Executed]:
    """Build steps on the small sample, and return them as they were executed.

    Parameters
    ----------
    pipeline
        From `sample_pipeline`.
    steps
        Their names. What they build on is built, too, where it is outdated.
    force
        Whether they are run also where nothing that they depend on has changed.
    stop
        Ends it before its time.
    show
        Makes what shows how the build goes on.

    Returns
    -------
    Mapping of str to Executed
        Also of the steps that failed.

    Raises
    ------
    InputError
        If the pipeline has a step that the engine does not run, or the build was stopped.
    """
    check_supported(pipeline)
    stop = stop or Stop()
    orders = Orders(tuple(steps), force=force, workers=workers_of(pipeline))
    result = build(pipeline, orders, show=show, stop=stop)
    lost = [
        name
        for name in steps
        if result.outcomes[name].ending.is_good
        and not executed_notebook(pipeline.root, name).is_file()
    ]
    if lost and not stop.asked:
        again = build(
            pipeline, replace(orders, targets=tuple(lost), force=True), show=show, stop=stop
        )
        result = replace(result, outcomes={**result.outcomes, **again.outcomes})
    if stop.asked:
        raise InputError("The build was stopped.")
    return {name: _executed(pipeline, result.outcomes[name], result) for name in steps}


def _executed(pipeline: Pipeline, outcome: Outcome, result: Build) -> Executed:
    """Read the notebook that a build has left of a step."""
    root = pipeline.root
    failure = outcome.failure
    if outcome.ending is Ending.SKIPPED:
        return Executed(
            outcome.step, failure=f"was not run: {_why(outcome, result)}", ending=outcome.ending
        )
    path = executed_notebook(root, outcome.step)
    if failure is not None:
        if failure.kept is None:
            return Executed(
                outcome.step, failure=failure.reason, error=failure, ending=outcome.ending
            )
        path = root / KEPT / f"{outcome.step}.ipynb"
        write_atomic(path, failure.kept.read_bytes())
        outcome = replace(outcome, failure=replace(failure, kept=path))
    try:
        document = json.loads(path.read_bytes())
        cells = [*document["cells"]]
    except (OSError, ValueError, KeyError):
        raise BaselineError(
            f"The executed notebook of {outcome.step!r} is damaged.",
            hint=f"Run it anew: nbrefine build --force {outcome.step}",
        ) from None
    at = failure.cell.index if failure is not None and failure.cell is not None else len(cells)
    return _without_setting(pipeline, outcome, path, cells, at)


def _without_setting(
    pipeline: Pipeline, outcome: Outcome, path: Path, cells: Sequence[Mapping[str, Any]], at: int
) -> Executed:
    found: list[ExecutedCell] = []
    position, failed_at = 0, 0
    setting = next(("".join(cell["source"]) for cell in cells if _sets(cell)), "")
    roots = roots_of(setting, pipeline.root, pipeline.step(outcome.step).files)
    for index, cell in enumerate(cells):
        if _sets(cell):
            position = len(found)
            continue
        found.append(_cell(cell, len(found) + 1, roots, ran=index <= at))
        if index == at:
            failed_at = len(found)
    failure = outcome.failure
    return Executed(
        outcome.step,
        tuple(found),
        setting,
        position,
        failure.reason if failure is not None else "",
        failed_at,
        failure,
        path,
        outcome.ending,
    )


def _sets(cell: Mapping[str, Any]) -> bool:
    return INJECTED_TAG in cell.get("metadata", {}).get("tags", ())


def _cell(cell: Mapping[str, Any], number: int, roots: Sequence[str], *, ran: bool) -> ExecutedCell:
    outputs = (executed_output(each) for each in cell.get("outputs", ()))
    return ExecutedCell(
        cell["cell_type"],
        "".join(cell["source"]),
        number,
        str(cell.get("id", "")),
        tuple(cell.get("metadata", {}).get("tags", ())),
        tuple(without_secrets(portable(each, roots)) for each in outputs),
        ran,
        cell.get("attachments", {}),
    )


def _why(outcome: Outcome, result: Build) -> str:
    """Say which step above has failed."""
    for name, each in result.outcomes.items():
        if each.failure is not None and f"`{name}`" in " ".join(outcome.reasons):
            return f"the step {name!r} that it builds on failed: {each.failure.reason}"
    return ", ".join(outcome.reasons) or "the build ended before"


def named_steps(pipeline: Pipeline, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of steps that are tested; all if none is given.

    Raises
    ------
    UnknownStepError
        If there is no such step.
    InputError
        If a step is no notebook, or none is.
    """
    asked = [pipeline.step(name) for name in names] or tested_steps(pipeline)
    if not asked:
        raise InputError("The pipeline has no notebooks, so there is nothing to compare.")
    for step in asked:
        if step.kind not in _KINDS:
            message = f"The step {step.name!r} is no notebook, so it shows nothing to compare."
            raise InputError(message, where=step.place)
    wanted = {step.name for step in asked}
    return tuple(name for name in pipeline.steps if name in wanted)
