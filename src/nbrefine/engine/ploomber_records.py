"""Ploomber's own record of each product, so that ``ploomber status`` agrees with the ledger."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.params import RESOURCES
from nbrefine.pipeline.records import Record, read_record, record_file, recordable
from nbrefine.pipeline.source_text import source_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.pipeline.model import Step


def write_records(step: Step) -> float | None:
    """Write what Ploomber would have written, had it built a step just now.

    Steps have to be recorded after those that they build on: Ploomber compares times.

    Parameters
    ----------
    step
        The step; its products are in place.

    Returns
    -------
    float or None
        The time that is recorded, in seconds since 1970; None where only Ploomber can tell what to
        record.
    """
    said = _said(step)
    if said is None:
        return None
    record = {"timestamp": time.time(), **said}
    for product in step.files.values():
        write_atomic(record_file(product), json.dumps(record))
    return float(str(record["timestamp"]))


def agree(steps: Iterable[Step]) -> None:
    """Write again what Ploomber would take for a sign that a step is outdated.

    Parameters
    ----------
    steps
        Those that are up to date, each after all that it builds on.
    """
    newest: dict[str, float] = {}
    for step in steps:
        above = max((newest[up] for up in step.upstream if up in newest), default=0.0)
        records = [read_record(product) for product in step.files.values()]
        said = _said(step)
        if said is not None and not all(_agrees(record, said, above) for record in records):
            with suppress(OSError):  # Ploomber would take the step for outdated, which is safe
                newest[step.name] = write_records(step) or 0.0
        else:
            newest[step.name] = max((each.timestamp or 0.0 for each in records), default=0.0)


def _agrees(record: Record, said: Mapping[str, object], above: float) -> bool:
    return (
        record.source == said["stored_source_code"]
        and record.params == said["params"]
        and record.timestamp is not None
        and record.timestamp >= above
    )


def _said(step: Step) -> dict[str, object] | None:
    """Return what is recorded beside the time, as JSON gives it back."""
    source = source_text(step)
    if source is None:
        return None
    said: dict[str, object] = json.loads(
        json.dumps({"stored_source_code": source, "params": _recorded(step)})
    )
    return said


def _recorded(step: Step) -> dict[str, object]:
    """Return parameters as Ploomber keeps them: what JSON can hold, digests of the resources."""
    params = {name: value for name, value in step.params.items() if recordable(value)}
    resources = params.get(RESOURCES)
    if isinstance(resources, dict):
        params[RESOURCES] = {name: _md5(Path(str(path))) for name, path in resources.items()}
    return params


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
