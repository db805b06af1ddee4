"""JSON outputs as lines that can be compared: a line a value, with the way to it."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from nbrefine.compare.normalise import normalise, rename_code_ids
from nbrefine.compare.tokens import to_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.compare.tokens import Line

# Names that a library draws anew in each process; they carry nothing.
_GENERATED_KEYS = {"model_id", "uid"}
# How Plotly writes arrays: {"dtype": "f8", "bdata": base64 of little-endian bytes}
_PLOTLY_TYPES = {"i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"}


def json_lines(data: object, folders: Sequence[str] = ()) -> list[Line]:
    """Turn JSON into lines.

    Parameters
    ----------
    data
        What an output holds under a JSON mime type.
    folders
        As in `nbrefine.compare.normalise.normalise`.

    Returns
    -------
    list of Line
        The members of an object in the order of their names, which means nothing in JSON.
    """
    return [(path, ": ", *tokens) for path, tokens in _walk(data, "", folders)]


def _walk(data: Any, path: str, folders: Sequence[str]) -> Iterator[tuple[str, Line]]:  # noqa: ANN401  (any JSON)
    if isinstance(data, dict) and (array := _plotly_array(data)) is not None:
        data = array
    if isinstance(data, (dict, list)) and data:
        for key, item in _members(data):
            yield from _walk(item, f"{path}{key}", folders)
    elif isinstance(data, str):
        for line in rename_code_ids(normalise(data, folders)).splitlines() or [""]:
            yield path, ('"', *to_tokens(line), '"')
    else:
        yield path, (json.dumps(data),)


def _members(data: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    """Give the members of an object or an array, each with how a path names it."""
    if isinstance(data, list):
        yield from ((f"[{index}]", item) for index, item in enumerate(data))
    else:
        yield from ((f".{key}", data[key]) for key in sorted(data) if key not in _GENERATED_KEYS)


def _plotly_array(data: dict[str, Any]) -> list[Any] | None:
    """Decode Plotly's typed array, or return None if this is none."""
    if not {"dtype", "bdata"} <= data.keys() <= {"dtype", "bdata", "shape"}:
        return None
    kind, content = data["dtype"], data["bdata"]
    if kind not in _PLOTLY_TYPES or not isinstance(content, str):
        return None
    import numpy as np  # noqa: PLC0415  (needed for such figures alone)

    try:
        array = np.frombuffer(base64.b64decode(content, validate=True), dtype=f"<{kind}")
    except (binascii.Error, ValueError):
        return None
    shape = [str(data["shape"])] if "shape" in data else []
    return [*shape, *array.tolist()]
