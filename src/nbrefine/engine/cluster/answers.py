"""What workers have answered: files are taken home, and errors are told in words."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from nbrefine.engine.cluster.worker import claim_file
from nbrefine.engine.results import StepFailure, StepRun
from nbrefine.engine.staging import Staging
from nbrefine.errors import NbrefineError

if TYPE_CHECKING:
    from pathlib import Path

    from nbrefine.engine.cluster.worker import Answer
    from nbrefine.pipeline.model import Pipeline

_PATIENCE, _PAUSE = 60.0, 0.1


def bring_home(pipeline: Pipeline, answer: Answer) -> StepRun:
    """Move what a run has made to the builder's staging place of the step.

    Parameters
    ----------
    pipeline
        The pipeline.
    answer
        Of a worker that ran a step.

    Returns
    -------
    StepRun
        What the worker said; a failure if its files do not appear here.
    """
    run = answer.run
    assert run is not None  # noqa: S101  (it was not refused)
    there = Staging(pipeline.root, run.step, answer.attempt)
    if run.failure is None:
        if (missing := _unseen(there.folder, answer)) is not None:
            why = f"{missing}, which {answer.worker} has written, does not appear here"
            return StepRun(run.step, run.seconds, run.memory, failure=StepFailure(why))
        here = Staging(pipeline.root, run.step)
        here.clear()
        there.folder.replace(here.folder)
    return run


def clear_attempts(root: Path, step: str) -> None:
    """Remove what the runs of a step have left behind."""
    for attempt in itertools.count(1):
        mark = claim_file(root, step, attempt)
        if not mark.exists():
            return
        Staging(root, step, attempt).clear()
        mark.unlink(missing_ok=True)


def _unseen(folder: Path, answer: Answer) -> str | None:
    """Return a file that is not to be seen as it was written: a network disk may lag behind."""
    end = time.monotonic() + _PATIENCE
    for name, size in answer.files.items():
        while True:
            try:
                if (folder / name).stat().st_size == size:
                    break
            except OSError:
                pass
            if time.monotonic() > end:
                return name
            time.sleep(_PAUSE)
    return None


def failure_of(error: BaseException) -> str:
    """Say why a step has no answer.

    Parameters
    ----------
    error
        What Dask raised.
    """
    # By name: the library is not loaded where nobody uses it.
    kind = type(error).__name__
    if kind == "KilledWorker":
        last = getattr(getattr(error, "last_worker", None), "address", "")
        times = getattr(error, "allowed_failures", 0) + 1
        return (
            f"{times} workers of the cluster ended while they ran it, the last was {last}: "
            "memory may have run out"
        )
    if kind in {"CancelledError", "FutureCancelledError"}:
        return "the cluster has let go of it: its scheduler may have ended"
    if isinstance(error, NbrefineError):
        return error.message
    return f"the cluster could not run it: {kind}: {error}".split("\n", 1)[0]
