"""Runs one step into its staging place, and says whether all came out that should."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.engine.documents import executable_document, kernel_of
from nbrefine.engine.export import exported, notebook_bytes
from nbrefine.engine.kept import executed_notebook, kept_notebook
from nbrefine.engine.kernels import COLD
from nbrefine.engine.notebook_run import NotebookRun, Surroundings, run_notebook
from nbrefine.engine.results import StepFailure, StepRun
from nbrefine.engine.staging import Staging
from nbrefine.engine.undo import prepare_undo, put_back, undo_folder
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbrefine.engine.kernels import Kernels
    from nbrefine.engine.stop import Stop
    from nbrefine.pipeline.model import Pipeline, Step


def run_step(  # noqa: PLR0913  (each is one side of how it runs)
    pipeline: Pipeline,
    step: Step,
    stop: Stop,
    *,
    timeout: float = Settings.timeout,
    progress: Callable[[int, int, int], None] | None = None,
    kernels: Kernels = COLD,
    attempt: int = 0,
) -> StepRun:
    """Run a step; its products are in its staging place then, if it ended well.

    Parameters
    ----------
    pipeline
        The pipeline.
    step
        The step.
    stop
        Ends it before its time.
    timeout
        Seconds that it may take.
    progress
        Called with the number of cells that have run, that of all, and bytes of memory.
    kernels
        How its kernel is started.
    attempt
        Which of the step's staging places it has (`Staging`).

    Returns
    -------
    StepRun
        Also if it failed.

    Raises
    ------
    InputError
        If it cannot be run at all.
    """
    staging = Staging(pipeline.root, step.name, attempt)
    undo = undo_folder(pipeline.root, step.name)
    products = [*step.files.values()]
    document = executable_document(pipeline, step, {each: staging.path(each) for each in products})
    folder = step.source.parent if step.options.get("local_execution") else pipeline.root
    where = Surroundings(
        root=pipeline.root,
        folder=folder,
        staging=staging.folder,
        undo=undo,
        kernel=kernel_of(step, document),
        ahead=kernels.ahead_of(step.name, folder),
        env=kernels.environ,
    )

    def run_prepared(where: Surroundings) -> NotebookRun:
        staging.prepare(products)
        prepare_undo(undo)
        return run_notebook(document, where, timeout=timeout, stop=stop, progress=progress)

    def take_back() -> None:
        put_back(undo)
        staging.clear()

    started = time.perf_counter()
    try:
        run = run_prepared(where)
        if needs_cold := run.needs_cold_kernel:
            take_back()
            run = run_prepared(replace(where, ahead=None))
        kernels.learn(step.name, run.usage.get("libraries", ()), cold=needs_cold)
        failure = _failure(pipeline, step, staging, run, stop)
        if failure is None:
            _write_executed(step, staging, run)
            failure = _missing(pipeline, step, staging, run)
    except BaseException:
        take_back()
        raise
    if failure is not None:
        take_back()
    seconds = time.perf_counter() - started
    return StepRun(step.name, seconds, run.memory, run.usage, failure)


def _failure(
    pipeline: Pipeline, step: Step, staging: Staging, run: NotebookRun, stop: Stop
) -> StepFailure | None:
    """Say why a notebook did not end well, and keep it as far as it ran."""
    kept = kept_notebook(pipeline.root, step.name)
    kept.unlink(missing_ok=True)
    if run.failure is None:
        return None
    write_atomic(kept, notebook_bytes(staging.with_final_paths(run.document)))
    error = run.failure.error
    reason = "stopped" if stop.asked else f"{error.ename}: {error.evalue}".split("\n", 1)[0]
    return StepFailure(reason, run.failure, kept)


def _write_executed(step: Step, staging: Staging, run: NotebookRun) -> None:
    """Stage the executed notebook, also in the formats in which products want it."""
    notebook = notebook_bytes(staging.with_final_paths(run.document))
    write_atomic(staging.path(executed_notebook(staging.root, step.name)), notebook)
    for product, content in exported(step, notebook):
        staging.path(product).write_bytes(content)


def _missing(
    pipeline: Pipeline, step: Step, staging: Staging, run: NotebookRun
) -> StepFailure | None:
    """Say which declared products a step has not written in this run."""
    # Many write to a literal path, whatever `product` says.
    written = {*run.usage.get("written", ())}
    names = [
        name
        for name, path in step.files.items()
        if not staging.path(path).exists() and not (str(path) in written and path.exists())
    ]
    if not names:
        return None
    paths = ", ".join(shown(step.files[name], pipeline.root) for name in names)
    keys = ", ".join(f'product["{name}"]' for name in names)
    where = keys if len(step.products) > 1 else "product"
    return StepFailure(f"it ended without having written {paths} ({where})")
