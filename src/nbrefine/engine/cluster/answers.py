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

    from nbrefine.engine.cluster.orders import Answer
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


def begun(root: Path, step: str) -> int:
    """Return how often workers have begun to run a step in this build."""
    return next(n for n in itertools.count() if not claim_file(root, step, n + 1).exists())


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


def is_killed_worker(error: BaseException) -> bool:
    """Tell whether Dask has given a step up because workers ended that had it."""
    # By name: the library is not loaded where nobody uses it.
    return type(error).__name__ == "KilledWorker"


def failure_of(error: BaseException) -> str:
    """Say why a step has no answer.

    Parameters
    ----------
    error
        What Dask raised.
    """
    kind = type(error).__name__
    if is_killed_worker(error):
        last = getattr(getattr(error, "last_worker", None), "address", "")
        return f"workers ended while it ran there, the last was {last}: memory may have run out"
    if kind in {"CancelledError", "FutureCancelledError"}:
        return "the cluster has let go of it: its scheduler may have ended"
    if isinstance(error, NbrefineError):
        return error.message
    return f"the cluster could not run it: {kind}: {error}".split("\n", 1)[0]
