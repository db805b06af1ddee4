"""Runs the steps of a build from threads of this process, each in a kernel of its own."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from nbrefine.engine.kernels import cores
from nbrefine.engine.results import STOPPED, StepFailure, StepRun
from nbrefine.engine.room import Room
from nbrefine.errors import NbrefineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbrefine.engine.crew import Work
    from nbrefine.engine.progress import Progress
    from nbrefine.pipeline.model import Step
    from nbrefine.pipeline.plan import StepPlan

_MOST_WORKERS = 4


class LocalCrew:
    """Runs steps on this machine."""

    notes: Sequence[str] = ()
    shares_cores = True

    def size(self, steps: int) -> int:
        """Say how many steps run at a time: by the cores, not by the steps."""
        del steps
        return min(_MOST_WORKERS, cores())

    def has_room(self, step: str, running: Iterable[str]) -> bool:
        """Say whether this machine has the memory, going by what steps held in their last run."""
        return self._room.has(step, running)

    def prepare(self, work: Work) -> None:
        """Begin to import what kernels need."""
        self._work = work
        self._room = Room.of_this_machine(work.plan)
        self._pool = ThreadPoolExecutor(work.workers, thread_name_prefix="step")
        work.kernels.prepare(work.pipeline.root)

    def submit(self, step: Step, plan: StepPlan, progress: Progress) -> Future[StepRun]:
        """Let a step run.

        Parameters
        ----------
        step
            The step.
        plan
            Why it runs.
        progress
            Told that it begins, and how far it is.

        Returns
        -------
        Future of StepRun
            Also if it cannot be run. Its products are in its staging place.
        """
        progress.say(step.name, "running", plan.reason)
        return self._pool.submit(self._run, step, progress)

    def rest(self) -> None:
        """Wait until nothing runs any more, and keep what was learnt of the kernels."""
        self._pool.shutdown()
        self._work.kernels.finish(self._work.pipeline.root)

    def _run(self, step: Step, progress: Progress) -> StepRun:
        # Kernels take long to load, and most builds run nothing.
        from nbrefine.engine.step_run import run_step  # noqa: PLC0415

        work, began = self._work, time.monotonic()
        try:
            return run_step(
                work.pipeline,
                step,
                work.stop,
                timeout=work.settings.timeout_of(step),
                progress=partial(progress.cells, step.name),
                kernels=work.kernels,
            )
        except (NbrefineError, OSError) as error:
            failure = StepFailure(STOPPED if work.stop.asked else str(error))
            return StepRun(step.name, time.monotonic() - began, failure=failure)
