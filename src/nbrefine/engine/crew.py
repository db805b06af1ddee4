"""Who runs the steps of a build: this process, or a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Future

    from nbrefine.engine.kernels import Kernels
    from nbrefine.engine.progress import Progress
    from nbrefine.engine.results import StepRun
    from nbrefine.engine.stop import Stop
    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.pipeline.plan import Plan, StepPlan
    from nbrefine.pipeline.settings import Settings
    from nbrefine.pipeline.survey import Survey


@dataclass(frozen=True)
class Work:
    """What a build is about to do.

    Parameters
    ----------
    pipeline
        The pipeline.
    plan
        What is done with its steps.
    survey
        Looks at files.
    settings
        The project's.
    workers
        How many steps may run at a time.
    kernels
        How kernels are started.
    stop
        Ends the build before its time.
    say
        Told what is waited for.
    """

    pipeline: Pipeline
    plan: Plan
    survey: Survey
    settings: Settings
    workers: int
    kernels: Kernels
    stop: Stop
    say: Callable[[str], None]


class Crew(Protocol):
    """Runs the steps of one build; publishing stays with the builder."""

    @property
    def notes(self) -> Sequence[str]:
        """What is to be said beside."""

    @property
    def shares_cores(self) -> bool:
        """Whether all steps run on this machine."""

    def size(self, steps: int) -> int:
        """Say how many steps run at a time, if nobody says it.

        Parameters
        ----------
        steps
            How many the build has.
        """

    def has_room(self, step: str, running: Iterable[str]) -> bool:
        """Say whether a step finds the memory that it needs beside those that run."""

    def prepare(self, work: Work) -> None:
        """Get ready, before anything is begun.

        Raises
        ------
        ClusterError
            If it cannot do the work.
        """

    def submit(self, step: Step, plan: StepPlan, progress: Progress) -> Future[StepRun]:
        """Let a step run.

        Parameters
        ----------
        step
            The step.
        plan
            Why it runs.
        progress
            Told when it begins, and how far it is; from any thread.

        Returns
        -------
        Future of StepRun
            Also if it cannot be run: then with a failure. Its products are in its staging place.
        """

    def rest(self) -> None:
        """Wait until nothing of this build runs any more."""
