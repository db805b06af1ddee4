"""Plain lines that restore after a read what a file format does not keep."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .walk import ATOMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_COLUMNS = 5


def repairs(group: Sequence[str], names: Mapping[str, Any], back: Mapping[str, Any]) -> list[str]:
    """Return lines that make what was read what was written.

    Parameters
    ----------
    group
        The names that are stored together; the first stands for all if they are one object.
    names
        Their values.
    back
        What was read.
    """
    first = group[0]
    value = names[first]
    lines = []
    if all(names[name] is value for name in group):
        lines = _repair(first, value, back[first])
    return lines + [f"{name} = {first}" for name in group[1:] if name not in back]


def _repair(name: str, value: Any, back: Any) -> list[str]:
    root = type(value).__module__.partition(".")[0]
    if type(value) is tuple and type(back) is list:
        return [f"{name} = tuple({name})"]
    if root == "numpy" and hasattr(value, "dtype") and not hasattr(value, "__array_finalize__"):
        return [f"{name} = {name}[()]"]
    if root == "scipy" and _draws_globally(value) and not _draws_globally(back):
        return [f"{name}.random_state = None"]
    if type(value) is not type(back) or type(value).__name__ not in ("DataFrame", "Series"):
        return []
    lines = _columns(name, value, back) if hasattr(value, "columns") else _series(name, value, back)
    freq = getattr(value.index, "freqstr", None)
    if freq is not None and getattr(back.index, "freqstr", None) != freq:
        lines.append(f"{name}.index.freq = {str(freq)!r}")
    if type(value.index).__name__ == "RangeIndex" != type(back.index).__name__:
        lines.append(f"{name} = {name}.reset_index(drop=True)")
    return lines


def _draws_globally(value: Any) -> bool:
    """Whether a distribution draws from numpy's global stream; what is read has a copy of it."""
    stream = getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None)
    return stream is not None and getattr(value, "random_state", None) is stream


def _columns(name: str, frame: Any, back: Any) -> list[str]:
    lines = []
    if type(frame.columns).__name__ == "RangeIndex" != type(back.columns).__name__:
        lines.append(f"{name}.columns = range({len(frame.columns)})")
    elif frame.columns.dtype != back.columns.dtype and str(frame.columns.dtype) == "object":
        lines.append(f"{name}.columns = {name}.columns.astype(object)")
    if frame.columns.name != back.columns.name and type(frame.columns.name) in ATOMS:
        lines.append(f"{name}.columns.name = {frame.columns.name!r}")
    if list(frame.columns) == list(back.columns) and frame.columns.is_unique:
        pairs = zip(frame.columns, frame.dtypes, back.dtypes)
        other = {column: str(dtype) for column, dtype, read in pairs if dtype != read}
        if 0 < len(other) <= _MOST_COLUMNS and all(type(column) is str for column in other):
            lines.append(f"{name} = {name}.astype({other!r})")
    return lines


def _series(name: str, series: Any, back: Any) -> list[str]:
    lines = []
    if series.dtype != back.dtype:
        lines.append(f"{name} = {name}.astype({str(series.dtype)!r})")
    if series.name != back.name and type(series.name) in ATOMS:
        lines.append(f"{name}.name = {series.name!r}")
    return lines
