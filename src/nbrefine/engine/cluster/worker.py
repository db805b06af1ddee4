"""What happens on a worker of the cluster: facts about it, and the run of a step."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbrefine
from nbrefine.engine.kernels import Kernels
from nbrefine.engine.results import StepFailure, StepRun
from nbrefine.engine.running_elsewhere import running
from nbrefine.engine.staging import Staging
from nbrefine.engine.stop import Stop
from nbrefine.engine.undo import put_back, undo_folder
from nbrefine.environment.distributions import Distributions
from nbrefine.errors import NbrefineError
from nbrefine.pipeline.inputs import environ_part, python_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nbrefine.pipeline.model import Pipeline

_KEPT_TOKENS = 64


@dataclass(frozen=True)
class Order:
    """A step that a worker is to run.

    Parameters
    ----------
    pipeline
        The step, and those that it reads from.
    step
        Its name.
    timeout
        Seconds that it may take.
    ahead
        Modules that its kernel finds imported; None for one that is started cold.
    environ
        Variables that its code reads, as they are where the build is.
    token
        Names the build, and what is in the probe.
    modules
        What steps of the build import.
    versions
        What a worker has to have of it, as `versions_here` gives it.
    """

    pipeline: Pipeline
    step: str
    timeout: float
    ahead: tuple[str, ...] | None
    environ: Mapping[str, str]
    token: str
    modules: tuple[str, ...]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What came of an order.

    Parameters
    ----------
    worker
        The worker's address.
    refusal
        Why this worker runs nothing of the build; empty if it did.
    run
        What came of the run.
    attempt
        Which of the step's runs in this build it was: says where its files are.
    files
        Bytes of each file there, by its path below the place.
    environ
        Digests of the variables that it read beside those that it was given, on the worker.
    is_cold
        Whether it turned out to need a kernel that is not forked.
    """

    worker: str
    refusal: str = ""
    run: StepRun | None = None
    attempt: int = 0
    files: Mapping[str, int] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    is_cold: bool = False


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


def probe_file(root: Path, token: str) -> Path:
    """Return the file by which a worker finds that it sees the project's folder."""
    return root / ".nbrefine" / f"probe-{token}"


def versions_here(modules: Iterable[str], known: Distributions) -> dict[str, str]:
    """Return Python's version, nbrefine's, and those of the distributions of modules.

    Parameters
    ----------
    modules
        Names at the top level; those that are not installed are left out.
    known
        What is installed.
    """
    found = {"Python": python_part(), "nbrefine": nbrefine.__version__}
    for module in modules:
        if module not in sys.stdlib_module_names:
            found |= known.versions(module)
    return found


def facts(
    modules: Iterable[str],
    root: Path,
    token: str,
    dask_worker: Any = None,  # noqa: ANN401  (a library without types)
) -> dict[str, Any]:
    """Return what a builder has to know of a worker.

    Parameters
    ----------
    modules
        Those that steps import.
    root
        The project's folder.
    token
        What has to stand in the probe.
    dask_worker
        The worker; Dask sets it.

    Returns
    -------
    dict
        ``versions``; ``storage``, empty if it sees the project's folder and can write in it, else
        what is wrong; ``resources`` that it offers.
    """
    return {
        "versions": versions_here(modules, _installed(dask_worker)),
        "storage": storage_fault(root, token),
        "resources": dict(dask_worker.state.total_resources),
    }


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
    if refusal := _refusal(order, worker):
        return Answer(worker.address, refusal)
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


def _refusal(order: Order, worker: Any) -> str:  # noqa: ANN401  (a library without types)
    """Say why this worker must not run a step: it may have joined after the builder looked."""
    if fault := storage_fault(order.pipeline.root, order.token):
        return f"it {fault}: {order.pipeline.root}"
    there = versions_here(order.modules, _installed(worker))
    return ", ".join(differences(order.versions, there))


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """Say which versions differ.

    Parameters
    ----------
    here, there
        Versions by name, where the build is and on a worker.
    """
    return [
        f"{name} is {there.get(name, 'not there')} (here {here.get(name, 'not there')})"
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    ]


def _installed(worker: Any) -> Distributions:  # noqa: ANN401  (a library without types)
    return Distributions(Path(worker.local_directory, "nbrefine-distributions.json"))


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


def storage_fault(root: Path, token: str) -> str:
    """Say what is wrong with the project's folder as this process sees it; empty if nothing is."""
    probe = probe_file(root, token)
    try:
        if probe.read_text("utf-8") != token:
            return "sees another folder in the place of the project's"
    except OSError:
        return "does not see the project's folder"
    try:
        with tempfile.TemporaryFile(dir=probe.parent):
            return ""
    except OSError as error:
        return f"cannot write in the project's folder ({error.strerror})"
