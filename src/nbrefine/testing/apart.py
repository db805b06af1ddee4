"""Runs steps in a process of its own: pytest makes errors of warnings, and has settings of its own.

What libraries warn of when they end kernels is nothing that a test could help.
"""

from __future__ import annotations

import io
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from nbrefine.engine.progress import PlainProgress
from nbrefine.engine.stop import Stop
from nbrefine.testing.executed import execute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.pipeline.model import Pipeline
    from nbrefine.testing.executed import Executed


def execute_apart(
    pipeline: Pipeline, steps: Sequence[str], *, force: bool
) -> Mapping[str, Executed]:
    """Build steps, and say nothing meanwhile.

    Parameters
    ----------
    pipeline, steps, force
        As for `nbrefine.testing.executed.execute`.

    Raises
    ------
    NbrefineError
        If nothing could be run.
    """
    # Whoever is forked from a test process has its threads, locks and open files.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_execute, pipeline, [*steps], force).result()


def _execute(pipeline: Pipeline, steps: list[str], force: bool) -> Mapping[str, Executed]:  # noqa: FBT001  (as it is submitted)
    stop = Stop()
    with stop.on_signals():
        return execute(
            pipeline,
            steps,
            force=force,
            stop=stop,
            show=lambda _: PlainProgress(io.StringIO()),
        )
