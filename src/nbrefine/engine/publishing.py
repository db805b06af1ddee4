"""Puts in place what a step has made: by a run, from the cache, or by showing new prose."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.engine.documents import executable_document
from nbrefine.engine.export import exported, notebook_bytes, notebook_products
from nbrefine.engine.kept import executed_notebook
from nbrefine.engine.made import Inputs, keep_sources, row_of
from nbrefine.engine.outcome import Ending, Outcome
from nbrefine.engine.ploomber_records import write_records
from nbrefine.engine.publish import intent_file, publish
from nbrefine.engine.refresh import refreshed
from nbrefine.engine.results import StepFailure, StepRun
from nbrefine.engine.shelf import put_away, take_out
from nbrefine.engine.staging import Staging
from nbrefine.engine.undo import put_back, undo_folder
from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.code import code_of
from nbrefine.pipeline.content import made
from nbrefine.pipeline.plan import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbrefine.engine.cache import Cache
    from nbrefine.engine.steady import Steady
    from nbrefine.pipeline.ledger_rows import Published
    from nbrefine.pipeline.model import Step
    from nbrefine.pipeline.plan import StepPlan

_LOOKED_AT_BYTES = 20_000_000


@dataclass
class Publisher:
    """Publishes the steps of one build, one after the other.

    Parameters
    ----------
    inputs
        Looks up what steps are made from.
    cache
        Keeps products by fingerprint.
    run
        The build's identifier.

    Attributes
    ----------
    notes
        What is to be said beside.
    """

    inputs: Inputs
    cache: Cache
    run: str
    notes: list[str] = field(default_factory=list)

    def without_a_run(self, plan: StepPlan) -> Outcome | None:
        """Bring a step up to date if that needs no run.

        Returns
        -------
        Outcome or None
            None if it has to run.
        """
        step = self.inputs.pipeline.steps[plan.name]
        began = time.monotonic()
        if plan.state is State.FRESH:
            return Outcome(plan.name, Ending.FRESH)
        if plan.state is State.REFRESH and self._refresh(step, plan):
            return Outcome(
                plan.name, Ending.REFRESHED, plan.reasons, seconds=time.monotonic() - began
            )
        if plan.state is State.RESTORABLE and (row := self._restore(step, plan)):
            changed = _says_something_new(row, plan.last)
            seconds = time.monotonic() - began
            return Outcome(
                plan.name, Ending.RESTORED, plan.reasons, seconds=seconds, changed=changed
            )
        return None

    def after_a_run(self, plan: StepPlan, run: StepRun, steady: Steady) -> Outcome:
        """Publish what a run has made; of one that failed nothing.

        Parameters
        ----------
        plan
            Why the step ran.
        run
            How it ran.
        steady
            How its inputs were before.

        Returns
        -------
        Outcome
            Also of a run that failed.

        Raises
        ------
        OSError, EnvironmentFaultError
            If it cannot be written.
        LedgerError
            If the ledger cannot.
        """
        step = self.inputs.pipeline.steps[plan.name]
        outcome = Outcome(
            plan.name, Ending.FAILED, plan.reasons, seconds=run.seconds, memory=run.memory
        )
        if run.failure is not None:
            return replace(outcome, failure=run.failure)
        staging = Staging(self.inputs.pipeline.root, step.name)
        products = {name: staging.made(path) for name, path in step.files.items()}
        try:
            row = replace(row_of(self.inputs, step, run, steady, products), run=self.run)
            files = self._files(step, staging, row)
            put_away(self.cache, staging.root, files, row)
            self._note_mentions(step, staging, products)
            self._publish(step, files, row)
        except BaseException:
            self._leave_if_unpublished(staging)
            raise
        changed = _says_something_new(row, plan.last)
        return replace(outcome, ending=Ending.RAN, changed=changed)

    def run_foreign(self, step: Step, runner: Callable[[], None]) -> StepRun:
        """Run a step that only Ploomber can run; it writes its products itself."""
        # Until it has ended well, nothing vouches for what it has half written.
        self.inputs.ledger.forget(step.name)
        began = time.monotonic()
        failure = None
        try:
            runner()
        except Exception as error:  # noqa: BLE001  (of any kind: it is the user's code)
            failure = StepFailure(f"{type(error).__name__}: {error}".split("\n", 1)[0])
        missing = [path for path in step.files.values() if not path.exists()]
        if failure is None and missing:
            failure = StepFailure(f"it ended without having written {missing[0]}")
        return StepRun(step.name, time.monotonic() - began, failure=failure)

    def _files(self, step: Step, staging: Staging, row: Published) -> dict[Path, Path]:
        """Return where each file belongs that a run has written, by where it is."""
        files = dict(staging.written(step.files.values()))
        root = staging.root
        # What lies outside of the project, such as a log, is not this step's alone.
        beside = [path for path in row.observed.written if not Path(path).is_absolute()]
        elsewhere = [root / path for path in beside]
        in_place = [path for path in (*step.files.values(), *elsewhere) if path.is_file()]
        return files | {path: path for path in in_place if path not in files.values()}

    def _refresh(self, step: Step, plan: StepPlan) -> bool:
        staging = Staging(self.inputs.pipeline.root, step.name)
        last = plan.last
        if last is None:
            return False
        products = notebook_products(step)
        staging.prepare(products.values())
        files = self._shown_anew(step, staging, executed_notebook(staging.root, step.name))
        if files is None:
            staging.clear()
            return False
        self._publish_refreshed(step, files, last, "refreshed")
        return True

    def _restore(self, step: Step, plan: StepPlan) -> Published | None:
        staging = Staging(self.inputs.pipeline.root, step.name)
        found = plan.fingerprint and take_out(self.cache, plan.fingerprint.key, staging)
        if not found:
            return None
        row, files = found
        if row.source == code_of(step, self.inputs.survey).source:
            return self._publish_again(step, files, row, "restored")
        executed = staging.path(executed_notebook(staging.root, step.name))
        anew = self._shown_anew(step, staging, executed)
        if anew is None:
            staging.clear()
            return None
        return self._publish_refreshed(step, {**files, **anew}, row, "restored")

    def _shown_anew(self, step: Step, staging: Staging, executed: Path) -> dict[Path, Path] | None:
        """Write the executed notebook with its new prose to the staging place, in all formats."""
        products = {path: path for path in step.files.values()}
        source = executable_document(self.inputs.pipeline, step, products)
        try:
            document = refreshed(source, json.loads(executed.read_bytes()))
        except (OSError, ValueError, KeyError):
            return None
        if document is None:
            return None
        kept = executed_notebook(staging.root, step.name)
        files = {staging.path(kept): kept}
        notebook = notebook_bytes(document)
        write_atomic(staging.path(kept), notebook)
        for product, content in exported(step, notebook):
            staged = staging.path(product)
            staged.write_bytes(content)
            files[staged] = product
        return files

    def _publish_refreshed(
        self, step: Step, files: Mapping[Path, Path], row: Published, how: str
    ) -> Published:
        root = self.inputs.pipeline.root
        staged = {final: here for here, final in files.items()}
        new = {
            name: made(staged[path], root, path)
            for name, path in step.files.items()
            if path in staged
        }
        source = code_of(step, self.inputs.survey).source
        row = replace(row, source=source, products={**row.products, **new})
        return self._publish_again(step, files, row, how)

    def _publish_again(
        self, step: Step, files: Mapping[Path, Path], row: Published, how: str
    ) -> Published:
        """Publish what an earlier run has made, as this build's."""
        sources = keep_sources(self.inputs, self.inputs.sources(step, row.observed))
        row = replace(row, sources=sources, run=self.run, finished=time.time(), how=how)
        self._publish(step, files, row)
        return row

    def _publish(self, step: Step, files: Mapping[Path, Path], row: Published) -> None:
        root = self.inputs.pipeline.root
        publish(root, files, row, self.inputs.ledger.publish)
        Staging(root, step.name).clear()
        with suppress(OSError):  # Ploomber would take the step for outdated, which is safe
            write_records(step)

    def _leave_if_unpublished(self, staging: Staging) -> None:
        """Put back what a step has overwritten, unless the next build will finish publishing it."""
        if not intent_file(staging.root, staging.step).exists():
            put_back(undo_folder(staging.root, staging.step))
            staging.clear()

    def _note_mentions(self, step: Step, staging: Staging, products: Mapping[str, Path]) -> None:
        """Say which products mention the place where they were written first."""
        place = str(staging.folder.relative_to(staging.root)).encode()
        for name, path in products.items():
            if name in notebook_products(step) or not path.is_file():
                continue
            if path.stat().st_size <= _LOOKED_AT_BYTES and place in path.read_bytes():
                self.notes.append(
                    f"{step.name}: its product {name!r} mentions {place.decode()}, where it was "
                    f"written before it was published; write paths relative to the product"
                )


def _says_something_new(row: Published, last: Published | None) -> bool:
    if last is None:
        return True
    contents = {name: each.content for name, each in row.products.items()}
    return contents != {name: each.content for name, each in last.products.items()}
