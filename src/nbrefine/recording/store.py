"""Recordings as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from nbrefine.files.atomic import write_atomic
from nbrefine.observer.walk import SCHEME
from nbrefine.recording.facts import (
    Basis,
    CellRecord,
    Failure,
    PythonFacts,
    Recording,
    ValueFacts,
    WrittenFile,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = 1
"""Changes when old recordings cannot be read any more."""


def to_json(recording: Recording) -> dict[str, Any]:
    """Return a recording as what JSON can hold, the same for the same recording."""
    plain: dict[str, Any] = _plain(asdict(recording))
    return {"format": FORMAT, "digests": SCHEME, **plain}


def from_json(document: Mapping[str, Any]) -> Recording:
    """Return the recording that `to_json` was given.

    Raises
    ------
    ValueError
        If it was written by a version of nbrefine that writes or digests in another way.
    """
    written = document.get("format")
    if written != FORMAT:
        raise ValueError(f"its format is {written}, and this version of nbrefine reads {FORMAT}.")
    digests = document.get("digests")
    if digests != SCHEME:
        raise ValueError(
            f"its values were digested in another way ({digests}, not {SCHEME}), so that none "
            "could be compared with those of a new run."
        )
    failed = document["failed"]
    return Recording(
        cells=tuple(_cell(raw) for raw in document["cells"]),
        final=values_from_json(document["final"]),
        python=PythonFacts(**document["python"]),
        reruns=tuple(tuple(tuple(cell) for cell in run) for run in document["reruns"]),
        rerun_finals=tuple(values_from_json(final) for final in document["rerun_finals"]),
        failed=None
        if failed is None
        else Failure(**{**failed, "traceback": tuple(failed["traceback"])}),
        observed_seconds=document["observed_seconds"],
        plain_seconds=document["plain_seconds"],
        varying=frozenset(document["varying"]),
        causes={int(origin): cause for origin, cause in document["causes"].items()},
        unseen=frozenset(document["unseen"]),
        files={path: WrittenFile(**raw) for path, raw in document["files"].items()},
        basis=Basis(document.get("basis", Basis.RUN)),
        folder=document.get("folder", ""),
    )


def write_recording(recording: Recording, path: Path) -> None:
    """Write a recording to a file, whole or not at all."""
    write_atomic(path, json.dumps(to_json(recording), indent=1, ensure_ascii=False) + "\n")


def read_recording(path: Path) -> Recording:
    """Read a recording that `write_recording` wrote.

    Raises
    ------
    ValueError
        If the file is no recording, or one of another version.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    try:
        return from_json(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is not a recording ({error}).") from error


def values_from_json(raw: Mapping[str, Mapping[str, Any]]) -> dict[str, ValueFacts]:
    """Return the facts of values, as the observer or a recording writes them."""
    return {name: value_from_json(facts) for name, facts in raw.items()}


def value_from_json(raw: Mapping[str, Any]) -> ValueFacts:
    """Return the facts of one value."""
    shape = raw.get("shape")
    known = {field.name for field in fields(ValueFacts)} - {"shape"}
    kept = {key: value for key, value in raw.items() if key in known}
    return ValueFacts(**kept, shape=None if shape is None else tuple(shape))


def _cell(raw: Mapping[str, Any]) -> CellRecord:
    fields_of = dict(raw)
    for name in ("bound", "changed", "removed"):
        fields_of[name] = frozenset(raw[name])
    for name in ("aliases", "same_object"):
        fields_of[name] = tuple(frozenset(group) for group in raw[name])
    for name in ("outputs", "files_read", "files_written", "imports", "environ_read"):
        fields_of[name] = tuple(raw[name])
    fields_of["values"] = values_from_json(raw["values"])
    fields_of["library"] = {name: tuple(keys) for name, keys in raw["library"].items()}
    return CellRecord(**fields_of)


def _plain(value: Any) -> Any:  # noqa: ANN401  (JSON is of any type)
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value
