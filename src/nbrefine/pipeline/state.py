"""Each step's state as stock Ploomber sees it, and why; nothing is run to find out.

Ploomber keeps a record beside each product (``.NAME.metadata``): when it was made, from which
source text, with which parameters. What it does not look at (modules that a notebook imports, the
content of inputs and products) is not looked at here either.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING

from nbrefine.errors import NotebookError
from nbrefine.files.paths import shown
from nbrefine.pipeline.params import computed_names
from nbrefine.pipeline.records import Record, changed_params, read_record
from nbrefine.pipeline.source_text import same_source, source_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbrefine.pipeline.model import Pipeline, Step


class Status(StrEnum):
    """Whether the next build runs a step."""

    UP_TO_DATE = "up to date"
    OUTDATED = "outdated"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class StepState:
    """A step's state.

    Parameters
    ----------
    status
        Whether the next build runs it.
    reasons
        Why; empty if it is up to date.
    made
        When its products were made, in seconds since 1970; None if that is not recorded.
    """

    status: Status
    reasons: tuple[str, ...] = ()
    made: float | None = None


def states(pipeline: Pipeline) -> dict[str, StepState]:
    """Return the state of each step, in the order of the build.

    Parameters
    ----------
    pipeline
        The pipeline.

    Returns
    -------
    dict
        State by step.
    """
    found: dict[str, StepState] = {}
    for name in pipeline.graph.order:
        found[name] = _state(pipeline, pipeline.steps[name], found)
    return found


def _state(pipeline: Pipeline, step: Step, before: Mapping[str, StepState]) -> StepState:
    if untold := _untold(pipeline, step):
        return StepState(Status.UNKNOWN, (untold,))
    records = [read_record(path) for path in step.files.values()]
    times = [record.timestamp for record in records if record.timestamp is not None]
    made = min(times) if len(times) == len(records) else None
    status, reasons = _verdict(pipeline, step, records, before)
    return StepState(status, tuple(dict.fromkeys(reasons)), made)


def _verdict(
    pipeline: Pipeline, step: Step, records: list[Record], before: Mapping[str, StepState]
) -> tuple[Status, list[str]]:
    missing = [record.product for record in records if not record.product.exists()]
    if len(missing) == len(records):
        return Status.MISSING, ["never built"]
    if missing:
        first = shown(missing[0], pipeline.root)
        if len(missing) == 1:
            return Status.MISSING, [f"{first} is missing"]
        count = f"{len(missing)} of {len(records)}"
        return Status.MISSING, [f"{count} products are missing, such as {first}"]
    if damaged := [record.damage for record in records if record.damage]:
        return Status.UNKNOWN, damaged
    reasons: list[str] = []
    doubts: list[str] = []
    for record in records:
        reasons += _own_reasons(pipeline, step, record, doubts)
        reasons += _upstream_reasons(step, record, before)
    if reasons:
        return Status.OUTDATED, reasons
    unknown = [up for up in step.upstream if before[up].status is Status.UNKNOWN]
    doubts += [f"the state of {up} is unknown" for up in unknown]
    doubts += [f"param {name} comes from code" for name in computed_names(step.params)]
    return (Status.UNKNOWN if doubts else Status.UP_TO_DATE), doubts


def _untold(pipeline: Pipeline, step: Step) -> str:
    """Say why a step's state cannot be told at all; empty if it can."""
    clients = pipeline.options.get("clients")
    if "product_client" in step.options or (isinstance(clients, dict) and "File" in clients):
        return "its products are kept in remote storage, which is not asked"
    if len(step.files) < len(step.products):
        return "its product is in a database, which is not asked"
    if step.kind not in {"notebook", "script", "function"}:
        return f"the text of a {step.kind} step is made by Ploomber"
    return ""


def _own_reasons(
    pipeline: Pipeline, step: Step, record: Record, doubts: list[str]
) -> Iterator[str]:
    source = shown(step.source, pipeline.root)
    if not record.found:
        yield f"there is no record of how {shown(record.product, pipeline.root)} was made"
        return
    try:
        current = source_text(step)
    except NotebookError as error:
        doubts.append(f"{source}: {error.message}")
        return
    same = None if current is None else same_source(step, record.source, current)
    if same is None:
        doubts.append(f"only Ploomber can tell whether {source} changed")
    elif not same:
        what = step.dotted_path if step.kind == "function" else ""
        yield f"{source} changed{_extent(record.source or '', current or '', what)}"
    if record.params is not None:
        yield from changed_params(record.params, step.params, pipeline.root)


def _upstream_reasons(step: Step, record: Record, before: Mapping[str, StepState]) -> Iterator[str]:
    for up in step.upstream:
        state = before[up]
        if state.status in {Status.MISSING, Status.OUTDATED}:
            yield f"{up} is {state.status.value}"
        elif state.status is Status.UP_TO_DATE and (record.timestamp or 0.0) < (state.made or inf):
            yield f"{up} was made later"


def _extent(recorded: str, current: str, function: str) -> str:
    """Say how much changed: ``: 2 lines added, 1 removed``."""
    if function:
        return f": {function}"
    added = removed = 0
    matcher = difflib.SequenceMatcher(
        None, recorded.split("\n"), current.split("\n"), autojunk=False
    )
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind != "equal":
            removed += old_end - old_start
            added += new_end - new_start
    parts = [f"{added} added"] * (added > 0) + [f"{removed} removed"] * (removed > 0)
    return f" (lines: {', '.join(parts)})" if parts else ""
