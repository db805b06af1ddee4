"""Ploomber's own record of each product, so that ``ploomber status`` agrees with the ledger."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.params import RESOURCES
from nbrefine.pipeline.records import record_file, recordable
from nbrefine.pipeline.source_text import source_text

if TYPE_CHECKING:
    from nbrefine.pipeline.model import Step


def write_records(step: Step) -> None:
    """Write what Ploomber would have written, had it built a step just now.

    Steps have to be recorded after those that they build on: Ploomber compares times.

    Parameters
    ----------
    step
        The step; its products are in place.
    """
    record = {
        "timestamp": time.time(),
        "stored_source_code": source_text(step),
        "params": _recorded(step),
    }
    for product in step.files.values():
        write_atomic(record_file(product), json.dumps(record))


def _recorded(step: Step) -> dict[str, object]:
    """Return parameters as Ploomber keeps them: what JSON can hold, digests of the resources."""
    params = {name: value for name, value in step.params.items() if recordable(value)}
    resources = params.get(RESOURCES)
    if isinstance(resources, dict):
        params[RESOURCES] = {name: _md5(Path(str(path))) for name, path in resources.items()}
    return params


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
