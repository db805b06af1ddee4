"""Makes a product again in an empty folder, from what was recorded when it was made."""

from __future__ import annotations

import os
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nbrefine.engine.cache import Cache
from nbrefine.engine.circumstances import DECISIVE, circumstances
from nbrefine.engine.made import Inputs
from nbrefine.engine.publishing import Publisher
from nbrefine.engine.recorded_inputs import RecordedInputs
from nbrefine.engine.reproduction import (
    Remade,
    Reproduction,
    content_elsewhere,
    surroundings_that_differ,
    taken_from_elsewhere,
)
from nbrefine.engine.steady import Steady
from nbrefine.engine.step_run import run_step
from nbrefine.errors import InputError, NbrefineError
from nbrefine.files.paths import shown
from nbrefine.pipeline.declared import step_of
from nbrefine.pipeline.input_files import executed_notebooks
from nbrefine.pipeline.inputs import value_part
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.ledger_rows import Run
from nbrefine.pipeline.model import Pipeline
from nbrefine.pipeline.observed import Observed
from nbrefine.pipeline.plan import State, StepPlan
from nbrefine.pipeline.settings import Settings, read_settings
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.pipeline.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nbrefine.engine.results import StepFailure
    from nbrefine.engine.stop import Stop
    from nbrefine.pipeline.ledger_rows import Published
    from nbrefine.pipeline.lineage import Lineage, Origin
    from nbrefine.pipeline.model import Step


@dataclass
class _Reproducer:
    lineage: Lineage
    ledger: Ledger
    folder: Path
    stop: Stop
    say: Callable[[str, str], None]
    products: list[Remade] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    def run(self) -> StepFailure | None:
        """Make all again, the first inputs first."""
        origins = {origin.row.id: origin for origin in self.lineage.origin.all()}
        secrets = {each.row.id: self._secrets(each.row) for each in origins.values()}
        self._prepare([*origins.values()])
        if self.missing:
            return None
        steps: dict[str, Step] = {}
        for number in sorted(origins):
            row = origins[number].row
            self._recorded.put_sources(row, self.folder)
            run = origins[number].run
            step = step_of(row.step, row.declared, self.folder, secrets[number])
            steps[row.step] = step
            pipeline = Pipeline(self.folder, self.folder / "pipeline.yaml", steps)
            with _as_then(self.folder, run.facts if run else {}):
                failure = self._run_step(pipeline, row)
            if failure is not None:
                return failure
        return None

    @cached_property
    def _settings(self) -> Settings:
        return read_settings(self.ledger.root)

    @property
    def _recorded(self) -> RecordedInputs:
        return RecordedInputs(self.ledger, self._settings.cache)

    def _prepare(self, origins: list[Origin]) -> None:
        """Put all inputs in place, and note what is not as it was."""
        made = {each.path for origin in origins for each in origin.row.products.values()}
        for origin in origins:
            row = origin.row
            self.missing += [f"no record of {each} is left" for each in origin.lost]
            if not row.declared:
                self.missing.append(f"`{row.step}` was built before declarations were kept")
            self.missing += self._recorded.put_sources(row, self.folder)
            for name, digest in origin.inputs.items():
                if name not in made and name not in row.sources:
                    said = self._recorded.put_file(name, digest, origin.run, self.folder)
                    self.missing += [said] if said else []
            self.different += surroundings_that_differ(row, origin.run)
        self.missing = [*dict.fromkeys(self.missing)]
        self.different = [*dict.fromkeys(self.different)]

    def _secrets(self, row: Published) -> dict[str, Any]:
        """Return credentials among a step's parameters: they are taken from the project now."""
        names = row.declared.get("secrets", [])
        if not names:
            return {}
        try:
            now = read_pipeline(self.ledger.root).steps[row.step].params
        except (NbrefineError, KeyError):
            now = {}
        found = {}
        for name in names:
            root = self.ledger.root
            if name in now and value_part(name, now[name], root) == row.static.get(f"param:{name}"):
                found[name] = now[name]
            else:
                said = "was not kept, as a credential, and is another now"
                self.missing.append(f"param `{name}` of `{row.step}` {said}")
        return found

    def _run_step(self, pipeline: Pipeline, row: Published) -> StepFailure | None:
        step = pipeline.steps[row.step]
        self.say(step.name, "running")
        survey = Survey(self.folder)
        with Ledger(self.folder) as ledger:
            run = Run(uuid.uuid4().hex[:12], time.time(), circumstances(self.folder))
            ledger.begin(run)
            inputs = Inputs(pipeline, ledger, survey)
            cache = Cache(self.folder / ".nbrefine" / "cache")
            publisher = Publisher(inputs, cache, run.id)
            steady = Steady(inputs.files(step, Observed()))
            ran = run_step(pipeline, step, self.stop, timeout=self._settings.timeout_of(step))
            plan = StepPlan(step.name, State.OUTDATED)
            failure = publisher.after_a_run(plan, ran, steady).failure
            self.say(step.name, "failed" if failure else "ran")
            if failure is None:
                self._compare(step, row, ledger.last(step.name))
        return failure

    def _compare(self, step: Step, old: Published, new: Published | None) -> None:
        executed = executed_notebooks(step)
        for name, made in old.products.items():
            now = new.products.get(name) if new else None
            same = now is not None and (
                now.content == made.content
                or content_elsewhere(step.files.get(name), self.folder, self.ledger.root)
                == made.content
            )
            self.products.append(Remade(step.name, made.path, same, name in executed))
        if new is not None:
            self.different += taken_from_elsewhere(step, old, new, self.ledger.root)


def reproduce(
    lineage: Lineage,
    ledger: Ledger,
    folder: Path,
    stop: Stop,
    say: Callable[[str, str], None] = lambda *_: None,
) -> Reproduction:
    """Make a product again.

    Parameters
    ----------
    lineage
        What is known of it.
    ledger
        The project's ledger.
    folder
        Where to; it must not exist, or be empty.
    stop
        Ends it before its time.
    say
        Told of each step that it runs, and that it has ended.

    Returns
    -------
    Reproduction
        Also if something is missing, or a step fails.

    Raises
    ------
    InputError
        If the folder is not empty.
    """
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = f"{shown(folder)} is not empty."
        raise InputError(message, hint="Name a folder that does not exist: -o DIR.")
    folder.mkdir(parents=True, exist_ok=True)
    work = _Reproducer(lineage, ledger, folder, stop, say)
    failure = work.run()
    return Reproduction(
        product=lineage.path,
        folder=folder,
        products=tuple(work.products),
        missing=tuple(work.missing),
        different=tuple(work.different),
        failure=failure,
    )


@contextmanager
def _as_then(folder: Path, facts: Mapping[str, Any]) -> Iterator[None]:
    """Let kernels find what the run found.

    Parameters
    ----------
    folder
        They import from there first, whatever is installed for editing elsewhere.
    facts
        What is known of the run; the variables of `DECISIVE` are set as they were.
    """
    paths = [str(folder), str(folder / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    wanted: dict[str, str | None] = {"PYTHONPATH": os.pathsep.join(paths)}
    if "environ" in facts:
        wanted |= {name: facts["environ"].get(name) for name in DECISIVE}
    before = {name: os.environ.get(name) for name in wanted}
    try:
        _set(wanted)
        yield
    finally:
        _set(before)


def _set(environ: Mapping[str, str | None]) -> None:
    for name, value in environ.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
