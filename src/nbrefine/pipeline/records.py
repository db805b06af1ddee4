"""The record that Ploomber keeps beside a product: when, from which source, which parameters."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.files.paths import shown
from nbrefine.pipeline.params import RESOURCES, computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Record:
    """What is recorded of one product.

    Parameters
    ----------
    product
        The product.
    found
        There is a record, and the product that it is about.
    timestamp
        When the product was made, in seconds since 1970.
    source
        The source text that made it.
    params
        The parameters that made it, with digests for the files of ``resources_``.
    damage
        Why the record cannot be read; empty if it can.
    """

    product: Path
    found: bool = False
    timestamp: float | None = None
    source: str | None = None
    params: Mapping[str, object] | None = None
    damage: str = ""


def record_file(product: Path) -> Path:
    """Return where Ploomber keeps the record of a product."""
    return product.with_name(f".{product.name}.metadata")


def read_record(product: Path) -> Record:
    """Read the record of a product; one whose product is gone counts for nothing."""
    file = record_file(product)
    if not product.exists() or not file.is_file():
        return Record(product)
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        data = None
    if not isinstance(data, dict):
        message = f"the record {shown(file)} is damaged, and Ploomber stops at it: delete it"
        return Record(product, damage=message)
    timestamp, source, params = (data.get(k) for k in ("timestamp", "stored_source_code", "params"))
    return Record(
        product,
        found=True,
        timestamp=float(timestamp) if isinstance(timestamp, int | float) else None,
        source=source if isinstance(source, str) else None,
        params=params if isinstance(params, dict) else None,
    )


def changed_params(
    recorded: Mapping[str, object], current: Mapping[str, object], root: Path
) -> Iterator[str]:
    """Say which parameters are others than those recorded.

    Parameters
    ----------
    recorded
        From the record.
    current
        From the spec.
    root
        The project's folder.

    Yields
    ------
    str
        Such as ``param n: 15 -> 20``, or ``raw.csv changed`` for a file of ``resources_``.
    """
    old = {name: value for name, value in recorded.items() if recordable(value)}
    new = {name: value for name, value in current.items() if recordable(value)}
    for name in (*new, *(name for name in old if name not in new)):
        if name in current and computed(current[name]):
            continue
        if name == RESOURCES and isinstance(new.get(name), dict):
            yield from _changed_resources(old.get(name), new[name], root)
        elif name not in new:
            yield f"param {name} was taken out"
        elif name not in old:
            yield f"param {name} is new: {new[name]!r}"
        elif old[name] != new[name]:
            yield f"param {name}: {old[name]!r} -> {new[name]!r}"


def _changed_resources(recorded: object, current: object, root: Path) -> Iterator[str]:
    old = recorded if isinstance(recorded, dict) else {}
    new = current if isinstance(current, dict) else {}
    for name, file in new.items():
        path = root / str(file)
        try:
            # MD5 because that is what Ploomber records.
            digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        except OSError as error:
            yield f"{shown(path, root)} cannot be read: {error.strerror}"
            continue
        if old.get(name) != digest:
            yield f"{shown(path, root)} {'changed' if name in old else 'is new'}"
    for name in old:
        if name not in new:
            yield f"the resource {name} was taken out"


def recordable(value: object) -> bool:
    """Tell whether Ploomber records a value: only what JSON can hold, in all its parts."""
    if isinstance(value, dict):
        return all(map(recordable, value.values()))
    if isinstance(value, list | tuple | set):
        return all(map(recordable, value))
    return value is None or isinstance(value, str | int | float | bool)
