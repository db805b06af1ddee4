"""What happens on a worker of the cluster: the run of a step, and its end."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.engine.cluster.fitness import refusal
from nbrefine.engine.cluster.orders import Answer, Order
from nbrefine.engine.kernels import Kernels
from nbrefine.engine.results import StepFailure, StepRun
from nbrefine.engine.running_elsewhere import running
from nbrefine.engine.staging import Staging
from nbrefine.engine.stop import Stop
from nbrefine.engine.undo import put_back, undo_folder
from nbrefine.errors import NbrefineError
from nbrefine.pipeline.inputs import environ_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


_KEPT_TOKENS = 64


class _Builds:
    """The builds that have steps in this process, and those that were told to end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: dict[str, Stop] = {}

    def stop_of(self, token: str) -> Stop:
        with self._lock:
            stop = self._stops.setdefault(token, Stop())
            while len(self._stops) > _KEPT_TOKENS:
                del self._stops[next(iter(self._stops))]
            return stop


_BUILDS = _Builds()


def stop_build(token: str) -> None:
    """End what runs here of a build, and whatever of it is about to start."""
    _BUILDS.stop_of(token).ask()


async def release_kernels() -> None:
    """End the processes that kernels are forked from, if none of their kernels runs."""
    from nbrefine.kernels.zygotes import ZYGOTES  # noqa: PLC0415  (heavy)

    ZYGOTES.close_idle()


def run_order(order: Order, topic: str) -> Answer:
    """Run a step.

    Parameters
    ----------
    order
        What to run.
    topic
        Where to tell how far it is.

    Returns
    -------
    Answer
        Also if it failed.
    """
    from distributed import get_worker  # noqa: PLC0415  (an extra, and heavy)

    worker = get_worker()
    key = worker.get_current_task()
    if why := refusal(order, worker):
        return Answer(worker.address, why)
    stop = _BUILDS.stop_of(order.token)

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state in {"executing", "long-running"}

    def tell(done: int, total: int, memory: int) -> None:
        worker.log_event(topic, {"step": order.step, "cells": [done, total, memory]})

    worker.log_event(topic, {"step": order.step, "worker": worker.address})
    root = order.pipeline.root
    own = Stop()
    with (
        stop.ending(own.ask),
        running(root, f"{order.step}-{os.urandom(6).hex()}", is_wanted, own.ask),
    ):
        return _run(order, own, worker.address, tell)


def _run(order: Order, stop: Stop, address: str, tell: Callable[[int, int, int], None]) -> Answer:
    from nbrefine.engine.step_run import run_step  # noqa: PLC0415  (heavy)

    root, step = order.pipeline.root, order.pipeline.steps[order.step]
    # A worker that died in the middle of this step may have overwritten files.
    put_back(undo_folder(root, order.step))
    attempt = claim_place(root, order.step)
    kernels = _Kernels(order.ahead, order.environ)
    try:
        run = run_step(
            order.pipeline,
            step,
            stop,
            timeout=order.timeout,
            progress=tell,
            kernels=kernels,
            attempt=attempt,
        )
    except (NbrefineError, OSError) as error:
        run = StepRun(order.step, 0.0, failure=StepFailure(str(error)))
    folder = Staging(root, order.step, attempt).folder
    sizes = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file()
    }
    read = {*run.usage.get("environ", ())} - {*order.environ}
    environ = {name: environ_part(name) for name in read}
    is_cold = bool(kernels.were_cold)
    return Answer(address, "", run, attempt, sizes, environ, is_cold=is_cold)


@dataclass(frozen=True)
class _Kernels(Kernels):
    """Kernels that remember whether one had to be cold."""

    were_cold: list[str] = field(default_factory=list)

    def learn(self, step: str, modules: Iterable[str], *, cold: bool) -> None:
        del modules
        if cold:
            self.were_cold.append(step)


def claim_place(root: Path, step: str) -> int:
    """Return the number of this run of a step: whoever makes its mark first has it.

    A worker that is taken for dead may go on writing; what it writes is nobody's then.
    """
    attempt = 1
    while True:
        mark = claim_file(root, step, attempt)
        mark.parent.mkdir(parents=True, exist_ok=True)
        try:
            mark.touch(exist_ok=False)
        except FileExistsError:
            attempt += 1
        else:
            return attempt


def claim_file(root: Path, step: str, attempt: int) -> Path:
    """Return the mark of a run of a step."""
    folder = Staging(root, step, attempt).folder
    return folder.with_name(f"{folder.name}.claim")
