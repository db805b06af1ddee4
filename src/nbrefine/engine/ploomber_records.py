"""Ploomber's own record of each product, so that ``ploomber status`` agrees with the ledger."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.code import NOTEBOOKS
from nbrefine.pipeline.params import RESOURCES
from nbrefine.pipeline.records import Record, read_record, record_file, recordable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.pipeline.model import Step
    from nbrefine.pipeline.survey import Survey


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
    from nbrefine.pipeline.source_text import source_text  # noqa: PLC0415  (seldom)

    text = source_text(step)
    if text is None:
        return None
    record = {
        "timestamp": time.time(),
        "stored_source_code": text,
        "params": _recorded(step),
    }
    for product in step.files.values():
        write_atomic(record_file(product), json.dumps(record))
    return float(str(record["timestamp"]))


def agree(steps: Iterable[Step], survey: Survey) -> None:
    """Write again what Ploomber would take for a sign that a step is outdated.

    Parameters
    ----------
    steps
        Those that are up to date, each after all that it builds on.
    survey
        Knows what sources say.
    """
    newest: dict[str, float | None] = {}
    for step in steps:
        newest[step.name] = found = _recorded_at(step, survey, newest)
        if found is None:
            with suppress(OSError):  # Ploomber would take the step for outdated, which is safe
                newest[step.name] = write_records(step)


def all_agree(steps: Iterable[Step], survey: Survey) -> bool:
    """Whether there is nothing that `agree` would write."""
    newest: dict[str, float | None] = {}
    for step in steps:
        newest[step.name] = found = _recorded_at(step, survey, newest)
        if found is None:
            return False
    return True


def _recorded_at(step: Step, survey: Survey, newest: Mapping[str, float | None]) -> float | None:
    """Return the time that Ploomber has recorded of a step; None if it is to be written again.

    Parameters
    ----------
    step
        The step.
    survey
        Knows what sources say.
    newest
        The same of the steps before it.
    """
    above = max((newest.get(up) or 0.0 for up in step.upstream), default=0.0)
    records = [read_record(product) for product in step.files.values()]
    text = _text_digest(step, survey)
    if text is not None and not all(_agrees(step, each, text, above) for each in records):
        return None
    return max((each.timestamp or 0.0 for each in records), default=0.0)


def _agrees(step: Step, record: Record, text: str, above: float) -> bool:
    return (
        record.source is not None
        and _digest(record.source) == text
        and record.params == json.loads(json.dumps(_recorded(step)))
        and record.timestamp is not None
        and record.timestamp >= above
    )


def _text_digest(step: Step, survey: Survey) -> str | None:
    """Return the digest of a step's text as Ploomber records it; None where only it can tell."""
    if step.kind in NOTEBOOKS and (
        said := survey.sources.known(step.source, survey.file(step.source))
    ):
        return said.text
    from nbrefine.pipeline.source_text import source_text  # noqa: PLC0415  (seldom)

    text = source_text(step)
    return None if text is None else _digest(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _recorded(step: Step) -> dict[str, object]:
    """Return parameters as Ploomber keeps them: what JSON can hold, digests of the resources."""
    params = {name: value for name, value in step.params.items() if recordable(value)}
    resources = params.get(RESOURCES)
    if isinstance(resources, dict):
        params[RESOURCES] = {name: _md5(Path(str(path))) for name, path in resources.items()}
    return params


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
