"""Checks a pipeline against its baselines, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.compare.verdict import Verdict
from nbrefine.engine.progress import progress_for
from nbrefine.errors import BaselineError
from nbrefine.files.paths import shown
from nbrefine.testing.baseline import FOLDER, baseline_file, read_baseline, stored_baseline
from nbrefine.testing.comparison import Rules, compare_step
from nbrefine.testing.executed import execute, tested_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from nbrefine.engine.progress import Progress
    from nbrefine.engine.stop import Stop
    from nbrefine.pipeline.model import Pipeline
    from nbrefine.pipeline.plan import Plan
    from nbrefine.testing.comparison import CellCheck
    from nbrefine.testing.executed import Executed


_ALL = Rules()


@dataclass(frozen=True)
class StepCheck:
    """How a step compares with its baseline.

    Parameters
    ----------
    step
        Its name.
    notebook
        The step's source, as the user would type it.
    executed
        The step as it was executed.
    cells
        One for each code cell.
    problem
        Why there is nothing to compare with; empty if there is.
    """

    step: str
    notebook: str
    executed: Executed
    cells: tuple[CellCheck, ...] = ()
    problem: BaselineError | None = None

    @property
    def failing(self) -> tuple[CellCheck, ...]:
        """The cells that show something else."""
        return tuple(cell for cell in self.cells if cell.verdict.fails)

    @property
    def passes(self) -> bool:
        """Whether all is as it was."""
        return not self.problem and not self.executed.failure and not self.failing


@dataclass(frozen=True)
class Check:
    """How a pipeline compares with its baselines.

    Parameters
    ----------
    root
        The project's folder.
    steps
        In the order of the pipeline.
    unknown
        Baselines, as the user would type them, that belong to no step.
    """

    root: Path
    steps: tuple[StepCheck, ...]
    unknown: tuple[str, ...] = field(default=())

    @property
    def passes(self) -> bool:
        """Whether all is as it was."""
        return all(step.passes for step in self.steps) and not self.unknown


def check(  # noqa: PLR0913  (what is checked, and how)
    pipeline: Pipeline,
    steps: Sequence[str],
    rules: Rules = _ALL,
    *,
    force: bool = False,
    stop: Stop | None = None,
    show: Callable[[Plan], Progress] = progress_for,
) -> Check:
    """Build what a change can have affected, and compare all with the baselines.

    Parameters
    ----------
    pipeline
        The pipeline on its small sample.
    steps
        Names of the steps.
    rules
        How cells are compared.
    force
        Whether all steps are run.
    stop
        Ends it before its time.
    show
        Makes what shows how the build goes on.

    Returns
    -------
    Check
        Also where baselines are missing or damaged, and steps failed.
    """
    made = execute(pipeline, steps, force=force, stop=stop, show=show)
    found = tuple(check_step(pipeline, made[name], rules) for name in steps)
    known = {f"{step.name}.ipynb" for step in tested_steps(pipeline)}
    stray = [f for f in sorted((pipeline.root / FOLDER).glob("*.ipynb")) if f.name not in known]
    whole = len(steps) == len(known)
    return Check(pipeline.root, found, tuple(map(shown, stray)) if whole else ())


def check_step(
    pipeline: Pipeline, executed: Executed, rules: Rules, *, stored: bool = False
) -> StepCheck:
    """Compare one step with its baseline.

    Parameters
    ----------
    pipeline
        The pipeline.
    executed
        The step as it was executed.
    rules
        How cells are compared.
    stored
        Whether the outputs that are stored in the step's own notebook stand for a baseline that
        is missing.
    """
    source = pipeline.step(executed.step).source
    notebook = shown(source)
    try:
        if stored and not baseline_file(pipeline.root, executed.step).is_file():
            baseline = stored_baseline(source, executed.step)
        else:
            baseline = read_baseline(pipeline.root, executed.step)
    except BaselineError as error:
        return StepCheck(executed.step, notebook, executed, problem=error)
    cells = compare_step(baseline, executed.cells, rules)
    return StepCheck(executed.step, notebook, executed, cells)


def verdict_of(found: StepCheck) -> Verdict:
    """Return the worst that can be said of a step."""
    if not found.passes:
        return Verdict.DIFFERENT
    order = list(Verdict)
    return max((cell.verdict for cell in found.cells), key=order.index, default=Verdict.EQUAL)
