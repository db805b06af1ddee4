"""Sends the steps of a build to a Dask cluster, and takes what they have made."""

from __future__ import annotations

import os
import threading
import uuid
from concurrent.futures import Future, wait
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

from nbrefine.engine.cluster.answers import (
    begun,
    bring_home,
    clear_attempts,
    failure_of,
    is_killed_worker,
)
from nbrefine.engine.cluster.connection import Needs, check_workers, connect, wait_for_a_worker
from nbrefine.engine.cluster.fitness import probe_file, versions_here
from nbrefine.engine.cluster.orders import Order
from nbrefine.engine.cluster.reach import (
    MANY_VARIABLES,
    environ_of,
    modules_of,
    steps_that_may_run,
)
from nbrefine.engine.cluster.worker import release_kernels, run_order, stop_build
from nbrefine.engine.results import STOPPED, StepFailure, StepRun
from nbrefine.engine.running_elsewhere import outlast
from nbrefine.engine.undo import put_back, undo_folder
from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.inputs import environ_part
from nbrefine.pipeline.model import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbrefine.engine.cluster.orders import Answer
    from nbrefine.engine.crew import Work
    from nbrefine.engine.progress import Progress
    from nbrefine.pipeline.model import Step
    from nbrefine.pipeline.plan import StepPlan

_PATIENCE_WITH_STOPPED = 10.0
# So many workers may end while they run a step.
_MOST_ENDED = 4
# One that ends its worker before it begins would go round for ever.
_MOST_SENT = 20


@dataclass
class _Sent:
    """A step that was sent, and who waits for it."""

    order: Order
    why: str
    progress: Progress
    result: Future[StepRun]
    only_on: tuple[str, ...] | None = None
    answers: int = 0
    sends: int = 0
    remote: Any = None


@dataclass
class DaskCrew:
    """Runs steps on a Dask cluster. It connects only if there is something to run.

    Parameters
    ----------
    address
        Of the scheduler, or the file that a scheduler has written with ``--scheduler-file``.

    Attributes
    ----------
    notes
        What is to be said beside.
    """

    address: str
    notes: list[str] = field(default_factory=list)
    shares_cores: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Begin with nothing sent."""
        self._client: Any = None
        self._work: Work | None = None
        self._needs: Needs | None = None
        self._environ: dict[str, str] = {}
        self._good: set[str] = set()
        self._sent: dict[str, _Sent] = {}
        self._steps: list[str] = []
        self._unanswered: list[str] = []
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._topic = ""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster as it was, and let go of it."""
        self._stack.close()
        if self._client is not None:
            with suppress(Exception):  # it may be gone by itself
                self._client.run(release_kernels, wait=False)
            self._client.close()

    def size(self, steps: int) -> int:
        """Say how many steps are sent at a time: all that can run, for Dask to hand out."""
        return steps

    def has_room(self, step: str, running: Iterable[str]) -> bool:
        """Leave memory to the cluster: its workers have their own."""
        del step, running
        return True

    def prepare(self, work: Work) -> None:
        """Get ready, before anything is begun.

        Raises
        ------
        ClusterError
            If the cluster cannot be reached, or cannot do the work.
        MissingPackageError
            If Dask is not installed.
        """
        steps = steps_that_may_run(work)
        if not steps:
            return
        token = uuid.uuid4().hex
        modules = modules_of(steps, work)
        versions = versions_here(modules, work.survey.distributions)
        asked = {step.name: work.settings.resources_of(step) for step in steps}
        resources = {name: each for name, each in asked.items() if each}
        root = work.pipeline.root
        self._work, self._needs = work, Needs(root, token, modules, versions, resources)
        self._environ = environ_of(steps, work)
        self._client = connect(self.address)
        probe = probe_file(root, token)
        write_atomic(probe, token)
        self._stack.callback(probe.unlink, missing_ok=True)
        if not wait_for_a_worker(self._client, work.stop, work.say):
            return
        self._good |= check_workers(self._client, self._needs)
        self._topic = f"nbrefine-{token}"
        self._client.subscribe_topic(self._topic, self._heard)
        # Signals come in between anything; a connection must not be used in the middle of its use.
        end = partial(threading.Thread, target=self._end_all, daemon=True)
        self._stack.enter_context(work.stop.ending(lambda: end().start()))

    def submit(self, step: Step, plan: StepPlan, progress: Progress) -> Future[StepRun]:
        """Send a step.

        Parameters
        ----------
        step
            The step.
        plan
            Why it runs.
        progress
            Told when it begins, and how far it is.

        Returns
        -------
        Future of StepRun
            Also if it fails. Its products are in its staging place.
        """
        assert self._work is not None  # noqa: S101  (it was checked)
        assert self._needs is not None  # noqa: S101
        work, needs = self._work, self._needs
        pipeline = work.pipeline
        # The others' declarations would be sent with each step.
        near = {name: pipeline.steps[name] for name in (*step.upstream, step.name)}
        order = Order(
            pipeline=Pipeline(pipeline.root, pipeline.spec_file, near),
            step=step.name,
            timeout=work.settings.timeout_of(step),
            ahead=self._ahead(step.name),
            environ=self._environ,
            token=needs.token,
            modules=needs.modules,
            versions=needs.versions,
        )
        sent = _Sent(order, plan.reason, progress, Future())
        with self._lock:
            self._sent[step.name] = sent
        self._steps.append(step.name)
        self._send(sent)
        return sent.result

    def rest(self) -> None:
        """Wait until nothing of this build runs any more."""
        if self._work is None or self._client is None:
            return
        if self._work.kernels.memory is not None:
            self._work.kernels.memory.save()
        root = self._work.pipeline.root
        outlast(root)
        for step in self._unanswered:
            put_back(undo_folder(root, step))
        for step in self._steps:
            clear_attempts(root, step)

    def _ahead(self, step: str) -> tuple[str, ...] | None:
        assert self._work is not None  # noqa: S101  (it was checked)
        kernels = self._work.kernels
        code = kernels.codes.get(step)
        is_cold = kernels.memory is not None and code and kernels.memory.cold.get(step) == code
        return None if is_cold else kernels.ahead

    def _send(self, sent: _Sent) -> None:
        assert self._needs is not None  # noqa: S101  (it was checked)
        step = sent.order.step
        sent.sends += 1
        try:
            sent.remote = self._client.submit(
                run_order,
                sent.order,
                self._topic,
                key=f"nbrefine-{step}-{uuid.uuid4().hex}",
                pure=False,
                resources=dict(self._needs.resources.get(step, {})) or None,
                workers=None if sent.only_on is None else [*sent.only_on],
            )
        except Exception as error:  # noqa: BLE001  (of any kind, if the cluster is gone)
            self._give(sent, _failed(step, f"it could not be sent to the cluster: {error}"))
            return
        sent.remote.add_done_callback(partial(self._done, sent))

    def _done(self, sent: _Sent, remote: Any) -> None:  # noqa: ANN401  (a library without types)
        """Take an answer; Dask calls this from a thread of its own."""
        assert self._work is not None  # noqa: S101  (it was checked)
        step = sent.order.step
        try:
            answer: Answer = remote.result()
            if answer.refusal:
                self._send_elsewhere(sent, answer)
                return
            self._good.add(answer.worker)
            if missing := self._missing(sent, answer):
                sent.order = replace(sent.order, environ={**sent.order.environ, **missing})
                sent.answers += 1
                self._send(sent)
                return
            run = bring_home(self._work.pipeline, answer)
            if answer.is_cold and self._work.kernels.memory is not None:
                code = self._work.kernels.codes.get(step, "")
                self._work.kernels.memory.needs_cold(step, code)
        except BaseException as error:  # noqa: BLE001  (of any kind: nobody else would hear of it)
            if is_killed_worker(error) and not self._work.stop.asked and self._is_innocent(sent):
                self._send(sent)
                return
            self._unanswered.append(step)
            reason = STOPPED if self._work.stop.asked else failure_of(error)
            run = _failed(step, reason)
        self._give(sent, run)

    def _is_innocent(self, sent: _Sent) -> bool:
        """Whether workers may have ended without a step's doing.

        Dask blames each step that a worker has, also those that it has not begun to run.
        """
        assert self._work is not None  # noqa: S101  (it was checked)
        ended = begun(self._work.pipeline.root, sent.order.step) - sent.answers
        return ended < _MOST_ENDED and sent.sends < _MOST_SENT

    def _give(self, sent: _Sent, run: StepRun) -> None:
        with self._lock:
            self._sent.pop(sent.order.step, None)
        sent.remote = None
        sent.result.set_result(run)

    def _send_elsewhere(self, sent: _Sent, answer: Answer) -> None:
        """Send a step to the workers that were found good: one that joined late is not."""
        self._good.discard(answer.worker)
        note = f"the worker {answer.worker} is not used: {answer.refusal}"
        if note not in self.notes:
            self.notes.append(note)
        there = {*self._client.nthreads()}
        sent.only_on = tuple(sorted(self._good & there))
        if sent.only_on:
            self._send(sent)
        else:
            why = f"no worker is left that can run it; {answer.worker}: {answer.refusal}"
            self._give(sent, _failed(sent.order.step, why))

    def _missing(self, sent: _Sent, answer: Answer) -> dict[str, str]:
        """Return variables that a step read as they are on the worker, and are others here."""
        assert answer.run is not None  # noqa: S101  (it was not refused)
        other = [name for name, digest in answer.environ.items() if digest != environ_part(name)]
        if answer.run.failure is not None or len(answer.environ) >= MANY_VARIABLES:
            return {}
        for name in other:
            if name not in os.environ:
                self.notes.append(
                    f"{sent.order.step} read the variable {name}, which is set on "
                    f"{answer.worker} and not here: it is recorded as not set"
                )
        return {name: os.environ[name] for name in other if name in os.environ}

    def _heard(self, event: tuple[float, dict[str, Any]]) -> None:
        """Hand on what a worker says of a step."""
        told = event[1]
        sent = self._sent.get(told["step"])
        if sent is None:
            return
        if "cells" in told:
            sent.progress.cells(told["step"], *told["cells"])
        else:
            at = f"on {told['worker']}"
            sent.progress.say(told["step"], "running", f"{at}: {sent.why}" if sent.why else at)

    def _end_all(self) -> None:
        """End what runs, and take back what does not run yet."""
        assert self._needs is not None  # noqa: S101  (it was checked)
        with suppress(Exception):  # workers that are gone have ended it
            self._client.run(stop_build, self._needs.token, on_error="ignore")
        with self._lock:
            sent = [*self._sent.values()]
        wait([each.result for each in sent], timeout=_PATIENCE_WITH_STOPPED)
        for each in sent:
            if not each.result.done() and each.remote is not None:
                with suppress(Exception):  # the cluster may be gone
                    each.remote.cancel()


def _failed(step: str, reason: str) -> StepRun:
    return StepRun(step, 0.0, failure=StepFailure(reason))
