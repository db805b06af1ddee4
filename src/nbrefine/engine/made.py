"""What a step has made, before it is published: its files, and its row for the ledger."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbrefine.pipeline.code import code_of, reached_by
from nbrefine.pipeline.content import made
from nbrefine.pipeline.declared import declared_of
from nbrefine.pipeline.inputs import fingerprint_after, fingerprint_of
from nbrefine.pipeline.ledger_rows import Published
from nbrefine.pipeline.observed import Observed, stored_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nbrefine.engine.results import StepRun
    from nbrefine.engine.steady import Steady
    from nbrefine.pipeline.fingerprint import Fingerprint
    from nbrefine.pipeline.ledger import Ledger
    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.pipeline.survey import Survey


@dataclass(frozen=True)
class Inputs:
    """Looks up what steps are made from.

    Parameters
    ----------
    pipeline
        The pipeline.
    ledger
        What was published.
    survey
        Looks at files.
    """

    pipeline: Pipeline
    ledger: Ledger
    survey: Survey

    def files(self, step: Step, observed: Observed) -> frozenset[Path]:
        """Return all files that a step's products depend on, as far as is known."""
        root = self.pipeline.root
        sources = self.sources(step, observed)
        above = [
            path for name in step.upstream for path in self.pipeline.steps[name].files.values()
        ]
        return frozenset({*sources, *above, *(root / path for path in observed.read)})

    def sources(self, step: Step, observed: Observed) -> frozenset[Path]:
        """Return the texts that say what a step does: its notebook, and modules of the project."""
        loaded = [self.pipeline.root / path for path in observed.modules]
        reached = reached_by(step, code_of(step, self.survey), self.survey, loaded)
        return frozenset({step.source, *reached.files, *loaded})

    def fingerprint(self, step: Step, observed: Observed, steady: Steady) -> Fingerprint:
        """Return the fingerprint of a run that has just ended.

        Parameters
        ----------
        step
            The step.
        observed
            What the run was seen to use.
        steady
            How its inputs were before.
        """
        above = {up: row for up in step.upstream if (row := self.ledger.last(up)) is not None}
        found = fingerprint_of(self.pipeline, step, self.survey, above, observed)
        changed = steady.changed(self.files(step, observed))
        return fingerprint_after(found, (stored_path(each, self.survey.root) for each in changed))


def row_of(
    inputs: Inputs, step: Step, run: StepRun, steady: Steady, products: Mapping[str, Path]
) -> Published:
    """Return what the ledger is to say of a run.

    Parameters
    ----------
    inputs
        Looks up what steps are made from.
    step
        The step.
    run
        How it ran; it ended well.
    steady
        How its inputs were before.
    products
        Where each product is now, by name.
    """
    root = inputs.pipeline.root
    observed = observed_in(run, root)
    fingerprint = inputs.fingerprint(step, observed, steady)
    return Published(
        step=step.name,
        key=fingerprint.key,
        static=fingerprint.static,
        seen=fingerprint.seen,
        source=code_of(step, inputs.survey).source,
        products={name: made(path, root, step.files[name]) for name, path in products.items()},
        observed=observed,
        finished=time.time(),
        seconds=run.seconds,
        memory=run.memory,
        sources=keep_sources(inputs, inputs.sources(step, observed)),
        declared=declared_of(step, root),
    )


def observed_in(run: StepRun, root: Path) -> Observed:
    """Return what a run was seen to use; of what it wrote, that which is there at its end."""
    observed = Observed.of(run.usage, root)
    there = tuple(path for path in observed.written if (root / path).exists())
    return replace(observed, written=there)


def keep_sources(inputs: Inputs, files: Iterable[Path]) -> dict[str, str]:
    """Keep texts, so that what they made can be made again when they are others."""
    root, kept = inputs.pipeline.root, {}
    for file in {*files, inputs.pipeline.spec_file}:
        if file.is_file():
            kept[stored_path(file, root)] = inputs.ledger.keep(file.read_bytes())
    return dict(sorted(kept.items()))
