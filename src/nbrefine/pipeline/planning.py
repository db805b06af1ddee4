"""Works out what the next build does: fingerprints now against those in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.files.paths import shown
from nbrefine.pipeline.changes import changes
from nbrefine.pipeline.code import code_of
from nbrefine.pipeline.inputs import fingerprint_of
from nbrefine.pipeline.plan import Plan, State, StepPlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbrefine.pipeline.fingerprint import Fingerprint
    from nbrefine.pipeline.ledger import Ledger
    from nbrefine.pipeline.ledger_rows import Published
    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.pipeline.plan import Cache
    from nbrefine.pipeline.survey import Survey

_SETTLED = frozenset({State.FRESH, State.REFRESH})


@dataclass(frozen=True)
class Planner:
    """Works out plans.

    Parameters
    ----------
    pipeline
        The pipeline.
    ledger
        What was published.
    survey
        Looks at files.
    cache
        Where products of earlier runs may be; None for nowhere.
    """

    pipeline: Pipeline
    ledger: Ledger
    survey: Survey
    cache: Cache | None = None

    def plan(self, targets: Iterable[str] = (), *, force: bool = False) -> Plan:
        """Return what a build does.

        Parameters
        ----------
        targets
            The steps that are asked for; all if none is.
        force
            Whether these run in any case.

        Raises
        ------
        UnknownStepError
            If a step is asked for that there is not.
        NotebookError
            If a notebook cannot be read.
        """
        graph = self.pipeline.graph
        named = [self.pipeline.step(name).name for name in targets]
        asked = frozenset(named or graph.order)
        wanted = asked.union(*map(graph.ancestors, named))
        steps: dict[str, StepPlan] = {}
        rows = self.ledger.steps()
        with self.survey.one_look():
            for name in graph.order:
                if name in wanted:
                    steps[name] = self._step(name, steps, rows, force=force and name in asked)
            return Plan(steps, tuple(self._notes(steps.values())))

    def step(self, name: str, above: Mapping[str, StepPlan], *, force: bool = False) -> StepPlan:
        """Return what a build does with one step, to be asked again when those above are made.

        Parameters
        ----------
        name
            The step.
        above
            Plans of the steps that it builds on. Of those that are fresh, what the ledger has
            counts.
        force
            Whether it runs in any case.
        """
        step = self.pipeline.step(name)
        rows = {each: self.ledger.last(each) for each in (name, *step.upstream)}
        return self._step(name, above, rows, force=force)

    def _step(
        self,
        name: str,
        above: Mapping[str, StepPlan],
        rows: Mapping[str, Published | None],
        *,
        force: bool,
    ) -> StepPlan:
        """Plan a step by the ledger's last rows."""
        step, last = self.pipeline.step(name), rows.get(name)
        unsettled = tuple(up for up in step.upstream if above[up].state not in _SETTLED)
        published = {up: row for up in step.upstream if (row := rows.get(up)) is not None}
        fingerprint = fingerprint_of(
            self.pipeline, step, self.survey, published, last.observed if last else None
        )
        reasons = [*self._product_reasons(step, last)]
        if last is not None:
            source = shown(step.source, self.pipeline.root)
            reasons += changes(last.parts, fingerprint.parts, source, unsettled=unsettled)
        if force:
            return StepPlan(name, State.OUTDATED, ("it was asked for", *reasons), fingerprint, last)
        if unsettled:
            state = State.OUTDATED if reasons else State.WAITING
            waits = f"it builds on {', '.join(f'`{up}`' for up in unsettled)}"
            return StepPlan(name, state, tuple(reasons) or (waits,), None, last)
        if not reasons:
            return self._fresh(step, fingerprint, last)
        found = self._in_cache(step, fingerprint, published)
        if found is not None:
            return StepPlan(name, State.RESTORABLE, tuple(reasons), found, last)
        return StepPlan(name, State.OUTDATED, tuple(reasons), fingerprint, last)

    def _fresh(self, step: Step, fingerprint: Fingerprint, last: Published | None) -> StepPlan:
        if last is not None and code_of(step, self.survey).source != last.source:
            reason = (
                f"only prose or formatting of `{shown(step.source, self.pipeline.root)}` is new"
            )
            return StepPlan(step.name, State.REFRESH, (reason,), fingerprint, last)
        return StepPlan(step.name, State.FRESH, (), fingerprint, last)

    def _product_reasons(self, step: Step, last: Published | None) -> Iterator[str]:
        """Say which products are not there, or are not what a build has made."""
        root = self.pipeline.root
        missing = [path for path in step.files.values() if not path.exists()]
        if last is None:
            if len(missing) == len(step.files):
                yield "never built"
            else:
                yield "there is no record of how its products were made"
            return
        for path in missing:
            yield f"`{shown(path, root)}` is missing"
        for name, path in step.files.items():
            made = last.products.get(name)
            if made and path not in missing and self.survey.file(path) != made.digest:
                yield f"`{shown(path, root)}` is not what the build has made"

    def _in_cache(
        self, step: Step, fingerprint: Fingerprint, published: Mapping[str, Published]
    ) -> Fingerprint | None:
        """Return a fingerprint whose products are in the cache: with what that run used."""
        if self.cache is None:
            return None
        if self.cache.has(fingerprint.key):
            return fingerprint
        seen = self.cache.observed(fingerprint.static_key)
        for observed in seen:
            found = fingerprint_of(self.pipeline, step, self.survey, published, observed)
            if self.cache.has(found.key):
                return found
        return None

    def _notes(self, steps: Iterable[StepPlan]) -> Iterator[str]:
        if self.ledger.damage:
            yield f"{self.ledger.damage}: it is made anew, and what it knew is built again"
        for step in steps:
            kernel = code_of(self.pipeline.steps[step.name], self.survey).kernel
            if kernel:
                said = "versions are those of the environment that nbrefine runs in"
                yield f"`{step.name}` is for the kernel {kernel!r}: {said}"
            if step.last is not None and step.last.observed.network:
                said = "reached for the network: what it got from there is not followed"
                yield f"`{step.name}` {said}"
            if step.last is not None and step.last.observed.subprocess:
                yield f"`{step.name}` started other programs: what these read is not followed"
