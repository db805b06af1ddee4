"""Builds a pipeline: what is outdated and nothing else."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.engine.building import Builder
from nbrefine.engine.cache import Cache
from nbrefine.engine.circumstances import circumstances
from nbrefine.engine.crew import Work
from nbrefine.engine.host import Host
from nbrefine.engine.kernels import kernels_of
from nbrefine.engine.local_crew import LocalCrew
from nbrefine.engine.lock import building
from nbrefine.engine.made import Inputs
from nbrefine.engine.outcome import Build, Ending
from nbrefine.engine.ploomber_records import agree
from nbrefine.engine.progress import PlainProgress, Progress
from nbrefine.engine.publish import recover
from nbrefine.engine.publishing import Publisher
from nbrefine.engine.stop import Stop
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.ledger_rows import Run
from nbrefine.pipeline.plan import State
from nbrefine.pipeline.planning import Planner
from nbrefine.pipeline.settings import read_settings
from nbrefine.pipeline.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nbrefine.engine.crew import Crew
    from nbrefine.engine.outcome import Outcome
    from nbrefine.pipeline.model import Pipeline
    from nbrefine.pipeline.plan import Plan


def _say_nothing(_: str) -> None:
    pass


@dataclass(frozen=True)
class Orders:
    """What a build is asked for.

    Parameters
    ----------
    targets
        Steps to build, with what they build on; all if none is named.
    force
        Whether they run in any case.
    workers
        How many steps may run at a time; by the number of cores if None.
    wait
        Whether to wait for another build of the project.
    on_wait
        Told, before it is waited for, who builds.
    """

    targets: tuple[str, ...] = ()
    force: bool = False
    workers: int | None = None
    wait: bool = True
    on_wait: Callable[[str], None] = _say_nothing

    def forced(self, pipeline: Pipeline) -> frozenset[str]:
        """Return the steps that run in any case."""
        return frozenset(self.targets or pipeline.steps) if self.force else frozenset()


def build(  # noqa: PLR0913  (each is one side of how it is built)
    pipeline: Pipeline,
    orders: Orders = Orders(),
    *,
    show: Callable[[Plan], Progress] = lambda _: PlainProgress(),
    stop: Stop | None = None,
    host: Host | None = None,
    crew: Crew | None = None,
) -> Build:
    """Build a pipeline.

    Parameters
    ----------
    pipeline
        The pipeline.
    orders
        What is asked for.
    show
        Makes what shows how the build goes on, by what is planned.
    stop
        Ends the build before its time.
    host
        What does that which the engine cannot.
    crew
        Who runs the steps; this process if None.

    Returns
    -------
    Build
        Also if steps failed or the build was stopped.

    Raises
    ------
    BuildLockedError
        If another build is going on, and it is not to be waited for, or not any more.
    UnknownStepError
        If a step is asked for that there is not.
    InputError
        If the pipeline has a step that cannot be run, or settings that cannot be followed.
    ClusterError
        If the steps cannot be run where they are to be.
    LedgerError, EnvironmentFaultError
        If nothing can be written.
    """
    began = time.monotonic()
    stop, host, crew = stop or Stop(), host or Host(), crew or LocalCrew()
    settings = read_settings(pipeline.root)
    with (
        building(pipeline.root, wait=orders.wait, say=orders.on_wait, stop=stop),
        Ledger(pipeline.root) as ledger,
    ):
        recovered = recover(pipeline.root, ledger.publish)
        survey = Survey(pipeline.root)
        cache = Cache(settings.cache, settings.cache_size)
        planner = Planner(pipeline, ledger, survey, cache)
        plan = planner.plan(orders.targets, force=orders.force)
        workers = orders.workers or crew.size(len(plan.steps))
        at_once = workers if crew.shares_cores else 1
        kernels = kernels_of(pipeline, plan, survey, at_once, warm=settings.warm_kernels)
        crew.prepare(Work(pipeline, plan, survey, settings, workers, kernels, stop, orders.on_wait))
        run = uuid.uuid4().hex[:12]
        forced = orders.forced(pipeline) | host.forced()
        acts = bool(forced) or any(each.state is not State.FRESH for each in plan.steps.values())
        if acts:
            here = circumstances(pipeline.root, kernels.environ)
            ledger.begin(Run(run, time.time(), here))
        publisher = Publisher(Inputs(pipeline, ledger, survey), cache, run)
        with show(plan) as progress:
            builder = Builder(planner, publisher, progress, stop, workers, host, crew)
            outcomes = _carried_out(builder, plan, forced)
        good = {name for name, each in outcomes.items() if each.ending.is_good}
        agree((pipeline.steps[name] for name in pipeline.graph.order if name in good), survey)
        if any(each.ending is Ending.RAN for each in outcomes.values()):
            cache.prune()
    notes = (*recovered, *plan.notes, *publisher.notes, *crew.notes)
    return Build(run if acts else "", outcomes, notes, time.monotonic() - began, stopped=stop.asked)


def _carried_out(builder: Builder, plan: Plan, forced: Iterable[str]) -> Mapping[str, Outcome]:
    """Go through a plan; whatever ends that, nothing of the build runs any more then."""
    try:
        outcomes = builder.build(plan, forced)
        builder.planner.survey.save()
    except BaseException:
        builder.stop.ask()
        raise
    finally:
        builder.crew.rest()
    return outcomes
