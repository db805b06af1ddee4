"""The build itself: what is ready is looked at again, and run, restored, refreshed or left."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbrefine.engine.order import longest_first
from nbrefine.engine.outcome import Ending, Outcome
from nbrefine.engine.results import STOPPED, StepFailure
from nbrefine.engine.steady import Steady
from nbrefine.errors import NbrefineError
from nbrefine.pipeline.observed import Observed
from nbrefine.pipeline.plan import State, StepPlan
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.engine.crew import Crew
    from nbrefine.engine.host import Host
    from nbrefine.engine.progress import Progress
    from nbrefine.engine.publishing import Publisher
    from nbrefine.engine.results import StepRun
    from nbrefine.engine.stop import Stop
    from nbrefine.pipeline.model import Step
    from nbrefine.pipeline.plan import Plan
    from nbrefine.pipeline.planning import Planner


@dataclass(frozen=True)
class _Running:
    step: Step
    plan: StepPlan
    steady: Steady
    start: float


@dataclass
class Builder:
    """Brings a plan about.

    Parameters
    ----------
    planner
        Plans steps anew when those that they build on are made.
    publisher
        Puts in place what was made.
    progress
        Told what happens.
    stop
        Ends the build before its time.
    workers
        How many steps may run at a time.
    host
        Runs the steps that the engine cannot, and is told how the others ended.
    crew
        Runs the others.
    """

    planner: Planner
    publisher: Publisher
    progress: Progress
    stop: Stop
    workers: int
    host: Host
    crew: Crew

    def __post_init__(self) -> None:
        """Begin with nothing done."""
        self.outcomes: dict[str, Outcome] = {}
        self._began = time.monotonic()
        self._plans: dict[str, StepPlan] = {}
        self._running: dict[Future[StepRun], _Running] = {}
        self._graph = self.planner.pipeline.graph
        self._has_made_anything = False

    def build(self, plan: Plan, forced: Iterable[str]) -> Mapping[str, Outcome]:
        """Build what a plan names.

        Parameters
        ----------
        plan
            What was planned.
        forced
            Steps that run in any case.

        Returns
        -------
        mapping
            How each step came out, in the order of the pipeline.
        """
        self._plans, forced = dict(plan.steps), {*forced}
        seconds = {name: each.last.seconds for name, each in plan.steps.items() if each.last}
        waiting = [*longest_first(self._graph, plan.steps, seconds)]
        while waiting or self._running:
            name = next(filter(self._can_begin, waiting), None)
            if name is not None:
                waiting.remove(name)
                self._begin(name, force=name in forced)
            else:
                self._end(wait(self._running, return_when=FIRST_COMPLETED).done)
        return {name: self.outcomes[name] for name in self._graph.order if name in self.outcomes}

    def _can_begin(self, name: str) -> bool:
        """Whether all that a step builds on has ended, and it does not run or there is room."""
        if not all(up in self.outcomes for up in self._graph.upstream(name)):
            return False
        if self.stop.asked or self._blocked(name):
            return True
        running = [each.step.name for each in self._running.values()]
        return len(running) < self.workers and self.crew.has_room(name, running)

    def _blocked(self, name: str) -> list[str]:
        ups = self._graph.upstream(name)
        return [up for up in ups if not self.outcomes[up].ending.is_good]

    def _begin(self, name: str, *, force: bool) -> None:
        """Do what there is to do for a step; a run goes on in another thread."""
        if blocked := self._blocked(name):
            why = f"`{blocked[0]}` {self.outcomes[blocked[0]].ending}"
            self._settle(Outcome(name, Ending.SKIPPED, (why,)))
            return
        if self.stop.asked:
            self._settle(Outcome(name, Ending.SKIPPED, (STOPPED,)))
            return
        try:
            plan = self._planned(name, force=force)
            outcome = self.publisher.without_a_run(plan)
        except (NbrefineError, OSError) as error:
            self._settle(_failed(name, (), error))
            return
        self._has_made_anything |= outcome is None or outcome.ending is not Ending.FRESH
        if outcome is not None:
            outcome = replace(outcome, start=time.monotonic() - self._began)
            restored = outcome.ending is Ending.RESTORED
            self._settle(self._told(outcome) if restored else outcome)
            return
        self._run(plan)

    def _planned(self, name: str, *, force: bool) -> StepPlan:
        """Plan a step again, unless nothing has happened since the build was planned."""
        if self._has_made_anything or force:
            return self.planner.step(name, self._plans, force=force)
        return self._plans[name]

    def _run(self, plan: StepPlan) -> None:
        step = self.planner.pipeline.steps[plan.name]
        last = plan.last.observed if plan.last else Observed()
        steady = Steady(self.publisher.inputs.files(step, last))
        running = _Running(step, plan, steady, time.monotonic() - self._began)
        if (runner := self.host.runner(step.name)) is None:
            future = self.crew.submit(step, plan, self.progress)
        else:
            # Ploomber's own tasks are not made for threads.
            self.progress.say(plan.name, "running", plan.reason)
            future = Future()
            future.set_result(self.publisher.run_foreign(step, runner))
        self._running[future] = running

    def _end(self, done: Iterable[Future[StepRun]]) -> None:
        """Publish what has ended."""
        for future in done:
            running, run = self._running.pop(future), future.result()
            plan = running.plan
            try:
                outcome = self.publisher.after_a_run(plan, run, running.steady)
            except (NbrefineError, OSError) as error:
                outcome = _failed(plan.name, plan.reasons, error)
            self._settle(self._told(replace(outcome, start=running.start)))

    def _told(self, outcome: Outcome) -> Outcome:
        """Tell the host how a step ended; it may object."""
        tell = self.host.failed if outcome.failure else self.host.finished
        try:
            tell(outcome.step)
        except Exception as error:  # noqa: BLE001  (of any kind: it is the user's code)
            self.planner.ledger.forget(outcome.step)
            what = f"{type(error).__name__}: {error}".split("\n", 1)[0]
            reason = f"its hook failed: {what}"
            if outcome.failure is None:
                return replace(outcome, ending=Ending.FAILED, failure=StepFailure(reason))
        return outcome

    def _settle(self, outcome: Outcome) -> None:
        self.outcomes[outcome.step] = outcome
        if outcome.ending.is_good:
            plan = self._plans[outcome.step]
            self._plans[outcome.step] = replace(plan, state=State.FRESH)
        why = outcome.failure.reason if outcome.failure else ", ".join(outcome.reasons[:1])
        # What ended a step may have told how it connects to a database.
        why = mask_text(why)
        self.progress.say(outcome.step, str(outcome.ending), why)


def _failed(name: str, reasons: tuple[str, ...], error: Exception) -> Outcome:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Outcome(name, Ending.FAILED, reasons, failure=StepFailure(words))
