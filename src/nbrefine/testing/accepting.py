"""Records baselines, anew or in part, and says what has changed in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.engine.progress import progress_for
from nbrefine.errors import BaselineError
from nbrefine.testing.baseline import read_baseline
from nbrefine.testing.recording import RUNS, make_baseline, recorded_runs
from nbrefine.testing.written import write_baseline

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from nbrefine.engine.progress import Progress
    from nbrefine.engine.stop import Stop
    from nbrefine.pipeline.model import Pipeline
    from nbrefine.pipeline.plan import Plan
    from nbrefine.testing.baseline import Baseline


@dataclass(frozen=True)
class Recorded:
    """A baseline that was recorded.

    Parameters
    ----------
    step
        The step's name.
    file
        The notebook.
    cells
        How many code cells it has.
    varying
        Why cells vary, by their number in the step's notebook.
    changed
        Whether anything of it is new.
    """

    step: str
    file: Path
    cells: int
    varying: Mapping[int, str]
    changed: bool


def record(  # noqa: PLR0913  (what is recorded, and how)
    pipeline: Pipeline,
    steps: Sequence[str],
    *,
    accepted: Mapping[str, Collection[int]] | None = None,
    runs: int = RUNS,
    stop: Stop | None = None,
    show: Callable[[Plan], Progress] = progress_for,
) -> tuple[Recorded, ...]:
    """Run steps several times, and write their baselines.

    Parameters
    ----------
    pipeline
        The pipeline on its small sample.
    steps
        Names of the steps.
    accepted
        By step, the numbers of the cells whose outputs are taken over; all if None.
    runs
        How often they are run.
    stop
        Ends it before its time.
    show
        Makes what shows how each build goes on.

    Raises
    ------
    BaselineError
        If a step fails; then nothing is written.
    """
    made = recorded_runs(pipeline, steps, runs, stop=stop, show=show)
    found = []
    for name, executed in made.items():
        previous = _previous(pipeline.root, name)
        wanted = None if accepted is None else accepted.get(name, ())
        baseline = make_baseline(
            pipeline,
            executed,
            previous,
            lambda number, wanted=wanted: wanted is None or number in wanted,  # type: ignore[misc]
        )
        file = write_baseline(pipeline.root, baseline)
        found.append(_recorded(file, baseline, previous))
    return tuple(found)


def _previous(root: Path, step: str) -> Baseline | None:
    try:
        return read_baseline(root, step)
    except BaselineError:
        return None  # missing, or to be replaced because it is damaged


def _recorded(file: Path, baseline: Baseline, previous: Baseline | None) -> Recorded:
    cells = [cell for cell in baseline.cells if cell.kind == "code"]
    varying = {
        number: str(cell.notes["why"])
        for number, cell in enumerate(baseline.cells, 1)
        if "varies" in cell.notes
    }
    changed = previous is None or _said(previous) != _said(baseline)
    return Recorded(baseline.step, file, len(cells), varying, changed)


def _said(baseline: Baseline) -> list[tuple[object, ...]]:
    return [(cell.kind, cell.source, cell.tags, cell.outputs) for cell in baseline.cells]
