"""Ploomber's executor: ``executor: nbrefine.engine.Executor`` in ``pipeline.yaml``.

Ploomber calls it on every build, also when it takes all tasks for up to date. What is outdated is
decided here: two methods of Ploomber's products are replaced, once, by ones that ask the executor
of their DAG, and that do as before where the DAG has another.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from ploomber.constants import TaskStatus
from ploomber.exceptions import DAGBuildError
from ploomber.executors.abc import Executor as PloomberExecutor
from ploomber.products.metaproduct import MetaProduct
from ploomber.products.product import Product
from ploomber.table import TaskReport

from nbrefine.engine.build import Orders, build
from nbrefine.engine.build_page import write_page
from nbrefine.engine.failure_text import failure_text
from nbrefine.engine.host import Host
from nbrefine.engine.outcome import Build, Ending
from nbrefine.engine.planned import planned
from nbrefine.engine.progress import progress_for
from nbrefine.engine.stop import Stop
from nbrefine.engine.support import only_ploomber_runs
from nbrefine.errors import InputError, NbrefineError, did_you_mean, format_error
from nbrefine.files.paths import shown
from nbrefine.pipeline.params import RESOURCES
from nbrefine.pipeline.plan import State
from nbrefine.pipeline.spec import find_root, read_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from nbrefine.engine.crew import Crew
    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.pipeline.plan import StepPlan

_OPTIONS = ("workers",)
_PLAN = "_nbrefine_plan"
_WAITING = frozenset(
    {TaskStatus.WaitingExecution, TaskStatus.WaitingUpstream, TaskStatus.WaitingDownload}
)
_ENDINGS = {
    Ending.FRESH: TaskStatus.Skipped,
    Ending.REFRESHED: TaskStatus.Skipped,
    Ending.RAN: TaskStatus.Executed,
    Ending.RESTORED: TaskStatus.Executed,
    Ending.FAILED: TaskStatus.Errored,
    Ending.SKIPPED: TaskStatus.Aborted,
}


class Executor(PloomberExecutor):  # type: ignore[misc]  # Ploomber has no types
    """Runs what is outdated, and nothing else; each step's products are published whole or not.

    Parameters
    ----------
    workers
        How many steps may run at a time; by the number of cores if None.
    options
        There are no others: each is answered with the name that is meant.

    Raises
    ------
    InputError
        If there is no such option, or `workers` is no number from 1.
    """

    def __init__(self, workers: int | None = None, **options: object) -> None:
        for name in options:
            # Ploomber shows an exception's message alone, and no hint.
            hint = did_you_mean(name, _OPTIONS)
            raise InputError(f"nbrefine.engine.Executor has no option {name!r}. {hint}")
        if workers is not None and (type(workers) is not int or workers < 1):
            raise InputError(f"'workers' has to be a number from 1, but is {workers!r}.")
        self._workers = workers
        _ask_executors()

    def __call__(self, dag: Any, show_progress: bool) -> list[Any]:  # noqa: ANN401, FBT001
        """Build a DAG's tasks.

        Parameters
        ----------
        dag
            Ploomber's DAG, rendered.
        show_progress
            Not looked at: the engine shows its own.

        Returns
        -------
        list of TaskReport
            Of the tasks that ran.

        Raises
        ------
        DAGBuildError
            If a step failed, or nothing can be built.
        """
        del show_progress
        super().__call__(dag)
        stop = Stop()
        try:
            pipeline = pipeline_of(dag)
            host = _Dag(dag, pipeline, self.plan_of(dag))
            names = tuple(dag)
            force = host.is_forced()
            orders = Orders(names, force=force, workers=self._workers, on_wait=_say)
            with stop.on_signals(), self.crew() as crew:
                result = build(pipeline, orders, show=progress_for, stop=stop, host=host, crew=crew)
            page = write_page(pipeline, result)
        except NbrefineError as error:
            raise DAGBuildError(format_error(error)) from None
        finally:
            vars(dag).pop(_PLAN, None)
        return _report(dag, result, page)

    def crew(self) -> AbstractContextManager[Crew | None]:
        """Return who runs the steps; None for this process."""
        return nullcontext()

    def plan_of(self, dag: Any) -> dict[str, StepPlan]:  # noqa: ANN401  (Ploomber has no types)
        """Return what the next build would do with each task of a DAG."""
        # With the DAG, as Ploomber keeps what it knows of tasks until the next build.
        known: dict[str, StepPlan] | None = vars(dag).get(_PLAN)
        if known is None:
            known = vars(dag)[_PLAN] = dict(planned(pipeline_of(dag), tuple(dag)).steps)
        return known


class _Dag(Host):
    """Ploomber's DAG as a host: it runs the tasks that only it can run, and their hooks."""

    def __init__(self, dag: Any, pipeline: Pipeline, plans: dict[str, StepPlan]) -> None:  # noqa: ANN401
        self._dag, self._pipeline, self._plans = dag, pipeline, plans
        self._waiting = {name for name in dag if dag[name].exec_status in _WAITING}

    def runner(self, step: str) -> Callable[[], None] | None:
        task = self._dag[step]
        if not only_ploomber_runs(self._pipeline, self._pipeline.steps[step]):
            return None

        def run() -> None:
            for path in self._pipeline.steps[step].files.values():
                path.parent.mkdir(parents=True, exist_ok=True)
            task.run()

        return run

    def forced(self) -> frozenset[str]:
        return frozenset(name for name in self._waiting if self.runner(name) is not None)

    def is_forced(self) -> bool:
        """Whether Ploomber was told ``--force``, which it does not pass on.

        Then it has not asked whether a product is outdated, or it wants more than is outdated.
        """
        products = [each for name in self._dag for each in _single(self._dag[name].product)]
        asked = (each._is_outdated_status is not None for each in products)  # noqa: SLF001
        fresh = {State.FRESH, State.REFRESH}
        more = (self._plans[name].state in fresh for name in self._waiting - self.forced())
        return not any(asked) or any(more)

    def finished(self, step: str) -> None:
        self._dag[step]._run_on_finish()  # noqa: SLF001  (nothing public runs the hook)

    def failed(self, step: str) -> None:
        self._dag[step]._run_on_failure()  # noqa: SLF001


def _single(product: Any) -> tuple[Any, ...]:  # noqa: ANN401  (Ploomber has no types)
    """Return the products that a task's product is made of."""
    return tuple(product.products) if isinstance(product, MetaProduct) else (product,)


def pipeline_of(dag: Any) -> Pipeline:  # noqa: ANN401  (Ploomber has no types)
    """Return the pipeline of a DAG, with parameters and products as Ploomber has rendered them.

    Parameters
    ----------
    dag
        Made from the ``pipeline.yaml`` of the working directory or one above it.

    Raises
    ------
    InputError
        If it was not, or that cannot be read.
    """
    pipeline = read_pipeline(find_root(Path.cwd()))
    missing = [name for name in dag if name not in pipeline.steps]
    if missing:
        raise InputError(
            f"The task {missing[0]!r} is not in {shown(pipeline.spec_file)}.",
            hint="nbrefine.engine.Executor runs pipelines that pipeline.yaml declares.",
        )
    steps = {
        name: _rendered(step, dag[name], pipeline.root) if name in dag else step
        for name, step in pipeline.steps.items()
    }
    return replace(pipeline, steps=steps)


def _rendered(step: Step, task: Any, root: Path) -> Step:  # noqa: ANN401  (Ploomber has no types)
    """Return a step with what Ploomber says of it: placeholders may be set on its command line."""
    params = task.params.to_json_serializable(params_only=True)
    if isinstance(params.get(RESOURCES), dict):
        resources = {name: str((root / path).resolve()) for name, path in params[RESOURCES].items()}
        params = {**params, RESOURCES: resources}
    if len(step.files) < len(step.products):  # in a database
        return replace(step, params=params)
    said = task.product.to_json_serializable()
    product = {k: root / v for k, v in said.items()} if isinstance(said, dict) else root / said
    return replace(step, params=params, product=product)


def _report(dag: Any, result: Build, page: Path | None) -> list[Any]:  # noqa: ANN401
    """Tell Ploomber how each task came out."""
    for note in result.notes:
        _say(f"note: {note}")
    for outcome in result.outcomes.values():
        # The setter would set those of other tasks too.
        dag[outcome.step]._exec_status = _ENDINGS[outcome.ending]  # noqa: SLF001
    # What it has in memory is not what the engine has written.
    dag._clear_metadata()  # noqa: SLF001
    if page is not None:
        _say(f"Report: {shown(page)}")
    if result.failed or result.stopped:
        said = [failure_text(outcome) for outcome in result.failed]
        raise DAGBuildError("\n\n".join(said) or "The build was stopped.")
    ran = (each for each in result.outcomes.values() if each.ending is Ending.RAN)
    return [TaskReport.with_data(each.step, ran=True, elapsed=each.seconds) for each in ran]


def _say(text: str) -> None:
    click.echo(text, file=sys.stderr)


def _ask_executors() -> None:
    """Let Ploomber's products ask their DAG's executor whether they are outdated."""
    if getattr(Product._outdated_code_dependency, "asks", False):  # noqa: SLF001
        return
    for name, decide in (
        ("_outdated_code_dependency", _outdated_code),
        ("_outdated_data_dependencies", _outdated_data),
    ):
        setattr(Product, name, _asking(getattr(Product, name), decide))


def _asking(
    original: Callable[[Any], bool], decide: Callable[[StepPlan], bool]
) -> Callable[[Any], bool]:
    def outdated(product: Any) -> bool:  # noqa: ANN401  (Ploomber has no types)
        dag = product.task.dag
        executor = getattr(dag, "executor", None)
        if not isinstance(executor, Executor) or product.task.name not in dag:
            return original(product)
        return decide(executor.plan_of(dag)[product.task.name])

    outdated.asks = True  # type: ignore[attr-defined]
    return outdated


def _outdated_code(plan: StepPlan) -> bool:
    return plan.state in {State.OUTDATED, State.RESTORABLE} and not _outdated_data(plan)


def _outdated_data(plan: StepPlan) -> bool:
    if plan.state is State.WAITING:
        return True
    if plan.last is None or plan.fingerprint is None:
        return False
    old, new = plan.last.parts, plan.fingerprint.parts
    return any(
        label.startswith("upstream:") and old.get(label) != new.get(label) for label in {*old, *new}
    )
