"""Publishes steps as a build does, but for the kernel: products say what they were made of."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nbrefine.pipeline.code import code_of
from nbrefine.pipeline.content import made
from nbrefine.pipeline.inputs import fingerprint_of
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.ledger_rows import Published
from nbrefine.pipeline.observed import Observed
from nbrefine.pipeline.plan import Plan, State
from nbrefine.pipeline.planning import Planner
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.pipeline.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def planner_of(root: Path) -> Planner:
    """Look at a project anew, as the next command does."""
    return Planner(read_pipeline(root), Ledger(root), Survey(root))


def publish(
    root: Path,
    name: str,
    observed: Observed | None = None,
    content: Mapping[str, str] | None = None,
) -> Published:
    """Write a step's products, and its row in the ledger.

    What `content` does not say of a product has the fingerprint in it.
    """
    observed = observed or Observed()
    planner = planner_of(root)
    pipeline, step = planner.pipeline, planner.pipeline.steps[name]
    above = {up: row for up in step.upstream if (row := planner.ledger.last(up)) is not None}
    fingerprint = fingerprint_of(pipeline, step, planner.survey, above, observed)
    for key, path in step.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((content or {}).get(key, f"{name} {fingerprint.key}"))
    row = Published(
        step=name,
        key=fingerprint.key,
        static=fingerprint.static,
        seen=fingerprint.seen,
        source=code_of(step, planner.survey).source,
        products={key: made(path, root) for key, path in step.files.items()},
        observed=observed,
        run="r1",
        finished=time.time(),
    )
    with planner.ledger as ledger:
        ledger.publish(row)
    return row


def publish_all(root: Path, observed: dict[str, Observed] | None = None) -> None:
    """Publish all steps, each after those that it builds on."""
    for name in planner_of(root).plan().steps:
        publish(root, name, (observed or {}).get(name))


def plan_of(root: Path) -> Plan:
    """Plan the next build."""
    planner = planner_of(root)
    with planner.ledger:
        return planner.plan()


def reasons(root: Path, name: str) -> list[str]:
    """Say why a step is outdated; nothing if it is not."""
    plan = plan_of(root).steps[name]
    assert bool(plan.reasons) == (plan.state is not State.FRESH)
    return [*plan.reasons]


def states(root: Path) -> dict[str, str]:
    """Return each step's state."""
    return {name: step.state.value for name, step in plan_of(root).steps.items()}
