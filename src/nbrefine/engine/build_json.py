"""How a build came out, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.files.paths import shown
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from nbrefine.engine.outcome import Build, Outcome
    from nbrefine.engine.results import StepFailure
    from nbrefine.pipeline.model import Pipeline


def build_json(pipeline: Pipeline, build: Build) -> dict[str, object]:
    """Return what a build has come to.

    Parameters
    ----------
    pipeline
        The pipeline.
    build
        The build.

    Returns
    -------
    dict
        ``run``, ``seconds``, ``stopped``, ``notes`` and for each step in ``steps`` how it ended;
        seconds by the clock, memory in bytes, credentials masked.
    """
    return {
        "root": str(pipeline.root),
        "run": build.run,
        "seconds": round(build.seconds, 3),
        "stopped": build.stopped,
        "notes": [mask_text(note) for note in build.notes],
        "steps": [_step(outcome) for outcome in build.outcomes.values()],
    }


def _step(outcome: Outcome) -> dict[str, object]:
    return {
        "name": outcome.step,
        "ending": outcome.ending.value,
        "reasons": [mask_text(reason) for reason in outcome.reasons],
        "start": round(outcome.start, 3),
        "seconds": round(outcome.seconds, 3),
        "memory": outcome.memory,
        "changed": outcome.changed,
        "failure": None if outcome.failure is None else _failure(outcome.failure),
    }


def _failure(failure: StepFailure) -> dict[str, object]:
    cell = failure.cell
    return {
        "reason": mask_text(failure.reason),
        "cell": None if cell is None else cell.index + 1,
        "error": None if cell is None else cell.error.ename,
        "notebook": None if failure.kept is None else shown(failure.kept),
    }
