"""Runs a sweep: builds all variants in one build, and reads what they have written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbrefine.engine.build import Orders, build
from nbrefine.engine.failure_text import failing_place
from nbrefine.engine.outcome import Ending
from nbrefine.engine.progress import PlainProgress, Progress
from nbrefine.engine.support import check_supported
from nbrefine.engine.sweep.chosen import chain_of, check_chain, grid_of
from nbrefine.engine.sweep.metrics import named, numbers_of
from nbrefine.engine.sweep.result import Aim, Row, Sweep
from nbrefine.engine.sweep.table import OTHER_COLUMNS
from nbrefine.engine.sweep.variants import FOLDER, Variant, combinations, swept
from nbrefine.errors import SweepError, did_you_mean
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.pipeline.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from nbrefine.engine.crew import Crew
    from nbrefine.engine.outcome import Build, Outcome
    from nbrefine.engine.stop import Stop
    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.pipeline.observed import Observed
    from nbrefine.pipeline.plan import Plan

_WORST_FIRST = (
    *(Ending.FAILED, Ending.SKIPPED, Ending.RAN, Ending.RESTORED, Ending.REFRESHED),
    Ending.FRESH,
)


@dataclass(frozen=True)
class _Plan:
    """What a sweep builds, and what of it belongs to each variant."""

    pipeline: Pipeline
    variants: tuple[Variant, ...]
    parameters: tuple[str, ...]
    chain: tuple[str, ...]


def sweep(  # noqa: PLR0913  (each is one side of what is asked for)
    pipeline: Pipeline,
    step: str,
    values: Mapping[str, Sequence[object]],
    *,
    until: str | None = None,
    aim: Aim | None = None,
    workers: int | None = None,
    show: Callable[[Plan], Progress] = lambda _: PlainProgress(),
    stop: Stop | None = None,
    crew: Crew | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Sweep:
    """Build variants of a step, and compare what they have written down.

    What is above the step is built once, in its own place, like in every build. A variant that
    ran before with the same inputs is up to date, or is taken from the cache.

    Parameters
    ----------
    pipeline
        The project's pipeline.
    step
        The step whose parameters vary; without `values` one that has a grid.
    values
        Values by parameter; each combination is a variant.
    until
        The step below it that measures; it, and what lies between, is run for each variant.
    aim
        What is best; None if nobody has said.
    workers
        How many steps may run at a time; by the number of cores if None.
    show
        Makes what shows how the build goes on.
    stop
        Ends it before its time; what is done by then is kept.
    crew
        Who runs the steps, if that is not this process.
    say
        Told what is waited for.

    Returns
    -------
    Sweep
        Also if variants failed or it was stopped.

    Raises
    ------
    SweepError
        If there is nothing to sweep over, or not so, or no variant has the metric of `aim`.
    InputError
        If the pipeline has a step that cannot be run.
    """
    plan = _varied(pipeline, step, values, until) if values else _grid(pipeline, step, until)
    check_supported(plan.pipeline)
    targets = tuple(variant.steps[plan.chain[-1]] for variant in plan.variants)
    if values:
        write_atomic(pipeline.root / FOLDER / ".gitignore", "*\n")
    result = build(
        plan.pipeline,
        Orders(targets, workers=workers, on_wait=say),
        show=show,
        stop=stop,
        crew=crew,
    )
    rows = [_row(variant, result, plan.chain) for variant in plan.variants]
    notes: list[str] = []
    if values:
        rows, notes = _apart(pipeline, plan, rows)
    metrics, rows = _measured(plan, rows)
    _check_aim(aim, metrics, rows)
    return Sweep(
        step=step,
        parameters=plan.parameters,
        rows=tuple(rows),
        metrics=metrics,
        aim=aim,
        build=result,
        notes=(*result.notes, *dict.fromkeys(notes)),
    )


def _varied(
    pipeline: Pipeline, step: str, values: Mapping[str, Sequence[object]], until: str | None
) -> _Plan:
    chain = chain_of(pipeline, step, until)
    check_chain(pipeline, chain, values)
    derived, variants = swept(pipeline, chain, combinations(values))
    return _Plan(derived, variants, tuple(values), chain)


def _grid(pipeline: Pipeline, step: str, until: str | None) -> _Plan:
    """Return the steps of a grid as they are in the project."""
    members = grid_of(pipeline, step)
    if until is not None:
        raise SweepError(
            "What is below the steps of a grid is not run for each of them.",
            hint="Leave out --until, or vary the parameters of one of them with -p.",
        )
    params = {name: pipeline.steps[name].params for name in members}
    names = dict.fromkeys(each for name in members for each in params[name])
    varied = [
        each
        for each in names
        if any(params[name].get(each) != params[members[0]].get(each) for name in members)
    ]
    variants = tuple(
        Variant(name, {each: params[name].get(each) for each in varied}, {step: name})
        for name in members
    )
    above = {up for name in members for up in pipeline.graph.ancestors(name)}
    kept = {name: each for name, each in pipeline.steps.items() if name in above | {*members}}
    return _Plan(replace(pipeline, steps=kept), variants, tuple(varied), (step,))


def _own(pipeline: Pipeline, variant: Variant) -> dict[str, Step]:
    """Return a variant's steps, by their names in the project."""
    return {name: pipeline.steps[own] for name, own in variant.steps.items()}


def _row(variant: Variant, result: Build, chain: Sequence[str]) -> Row:
    outcomes = {name: result.outcomes[variant.steps[name]] for name in chain}
    endings = {each.ending for each in outcomes.values()}
    failure, place = next(_failures(outcomes), ("", ""))
    return Row(
        name=variant.name,
        values=variant.values,
        state=next(each.value for each in _WORST_FIRST if each in endings),
        seconds=sum(each.seconds for each in outcomes.values()),
        failure=failure,
        place=place,
        folder=variant.folder,
    )


def _failures(outcomes: Mapping[str, Outcome]) -> Iterator[tuple[str, str]]:
    for name, outcome in outcomes.items():
        if outcome.failure is not None:
            place = failing_place(outcome.failure)
            yield f"{name}: {outcome.failure.reason}", str(place) if place else ""
        elif not outcome.ending.is_good:
            yield f"{name}: {', '.join(outcome.reasons)}", ""


def _measured(plan: _Plan, rows: Sequence[Row]) -> tuple[Mapping[str, str], list[Row]]:
    """Return where each metric is from, and the rows of the variants with what they measured."""
    found = [
        {} if row.failure else numbers_of(_own(plan.pipeline, variant))
        for row, variant in zip(rows, plan.variants, strict=True)
    ]
    metrics, numbers = named(found, {*plan.parameters, *OTHER_COLUMNS})
    return metrics, [replace(row, metrics=each) for row, each in zip(rows, numbers, strict=True)]


def _apart(pipeline: Pipeline, plan: _Plan, rows: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """Hold the variants apart from the project's own products, and say what they share."""
    checked, notes = [], []
    with Ledger(pipeline.root) as ledger:
        usual = _Usual(pipeline, plan.chain, ledger)
        for row, variant in zip(rows, plan.variants, strict=True):
            failure, shared = ("", []) if row.failure else usual.used_by(variant)
            failed = replace(row, state=Ending.FAILED.value, failure=failure)
            checked.append(failed if failure else row)
            notes += shared
    return checked, notes


@dataclass(frozen=True)
class _Usual:
    """The project's own products, with which a variant must have nothing to do."""

    pipeline: Pipeline
    chain: tuple[str, ...]
    ledger: Ledger

    def used_by(self, variant: Variant) -> tuple[str, list[str]]:
        """Say why a variant says nothing, if it looked at others' products, and what it shares.

        A step that reads ``products/model.bin`` where it should read ``upstream["train"]`` would
        say the same of all variants; it is forgotten, so that it runs again.
        """
        shared: list[str] = []
        for name, own in variant.steps.items():
            last = self.ledger.last(own)
            if last is None:
                continue
            if why := next(self._read_by(name, last.observed), ""):
                self.ledger.forget(own)
                return why, shared
            shared += self._written_by(name, last.observed)
        return "", shared

    def _read_by(self, name: str, observed: Observed) -> Iterator[str]:
        root = self.pipeline.root
        for path in (root / each for each in observed.read):
            maker = self._maker(path)
            if maker is not None and maker != name:
                yield (
                    f"{name}: it read {shown(path, root)}, which is {maker}'s in the project, "
                    f"not the variant's: use upstream[{maker!r}]"
                )

    def _written_by(self, name: str, observed: Observed) -> Iterator[str]:
        root = self.pipeline.root
        for path in (root / each for each in observed.written):
            if path.is_relative_to(root) and not path.is_relative_to(root / FOLDER):
                yield (
                    f"{name} writes {shown(path, root)}, which all variants share: make it a "
                    "product"
                )

    def _maker(self, path: Path) -> str | None:
        for name in self.chain:
            for product in self.pipeline.steps[name].files.values():
                if path.is_relative_to(product):
                    return name
        return None


def _check_aim(aim: Aim | None, metrics: Mapping[str, str], rows: Sequence[Row]) -> None:
    if aim is None or aim.metric in metrics or all(row.failure for row in rows):
        return
    raise SweepError(
        f"No variant has written down a metric {aim.metric!r}.",
        hint=f"{did_you_mean(aim.metric, metrics)} --until names the step that writes a JSON "
        "product with numbers in it.".lstrip(),
    )
