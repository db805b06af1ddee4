"""Few rows that stand for many: enough of each kind that a function takes all its branches."""

from __future__ import annotations

import operator
import sys
from typing import TYPE_CHECKING, Any

from .call_copies import copied

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MOST_ROWS = 240
_FEWEST_ROWS = 24
# Bytes in a file, as estimated: a fixture has less than 100 kB.
_MOST_BYTES = 85_000
# Parquet packs texts and whole numbers, but no fractions; and it says so much of each column that
# a wide table is pickled, which takes what memory does.
_PACKED, _FRACTIONS, _A_COLUMN, _WIDE = 0.32, 1.4, 650, 100
_MOST_COLUMNS = 60
_MOST_LOOKED_AT = 20_000
_RARE = 30
_EDGE = 3
_BLOCK = 4
_MOST_MEMBERS = 12


def sample(
    values: Mapping[Any, Any], constants: Sequence[Any]
) -> tuple[dict[Any, Any], tuple[int, int] | None]:
    """Copy values, those that are long only in part.

    Parameters
    ----------
    values
        By name. Those of one length are taken for views of the same rows.
    constants
        Numbers and texts that the function compares with: rows at and beside them are kept.

    Returns
    -------
    dict
        Copies: nothing that is done to them reaches the originals.
    tuple of int, optional
        Rows kept and rows seen of the longest; None if all are whole.
    """
    parts: dict[Any, Any] = {}
    for name, value in values.items():
        parts.update(_parts((name,), value))
    groups: dict[int, list[Any]] = {}
    for place, value in parts.items():
        length = _rows(value)
        if length is not None:
            groups.setdefault(length, []).append(place)
    copies: dict[Any, Any] = {}
    kept = None
    keys: dict[Any, set[Any]] = {}
    for length in sorted(groups, reverse=True):
        members = [parts[place] for place in groups[length]]
        most = _affordable(members)
        if length <= most:
            positions = None
        else:
            positions = _pick(members, length, most, constants, keys)
            kept = kept or (len(positions), length)
        for place in groups[length]:
            copies[place] = _taken(parts[place], positions)
            _remember_keys(copies[place], keys)
    for place, value in parts.items():
        if place not in copies:
            copies[place] = copied(value)
    return {name: _joined((name,), value, copies) for name, value in values.items()}, kept


def _parts(place: tuple[Any, ...], value: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield the places of tables within containers, or of the value itself."""
    if not _holds_tables(value):
        yield place, value
        return
    for key, each in _items(value):
        yield from _parts((*place, key), each)


def _joined(place: tuple[Any, ...], value: Any, copies: Mapping[Any, Any]) -> Any:
    if not _holds_tables(value):
        return copies[place]
    made = [(key, _joined((*place, key), each, copies)) for key, each in _items(value)]
    return dict(made) if type(value) is dict else type(value)(each for _, each in made)


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    return value.items() if type(value) is dict else enumerate(value)


def _holds_tables(value: Any) -> bool:
    if type(value) not in (list, tuple, dict) or len(value) > _MOST_MEMBERS:
        return False
    return any(kind_of(each) or _holds_tables(each) for _, each in _items(value))


def kind_of(value: Any) -> str:
    """Return ``frame``, ``series``, ``index``, ``array``, or nothing."""
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pandas is not None and hasattr(pandas, "DataFrame"):
        for kind in ("DataFrame", "Series", "Index"):
            if isinstance(value, getattr(pandas, kind)):
                return {"DataFrame": "frame"}.get(kind, kind.lower())
    if numpy is not None and isinstance(value, numpy.ndarray) and value.ndim:
        return "array"
    return ""


def _rows(value: Any) -> int | None:
    if kind_of(value):
        return len(value)
    return len(value) if type(value) in (list, tuple) and len(value) > MOST_ROWS else None


def _affordable(members: Sequence[Any]) -> int:
    """Return how many rows the largest of these values may have."""
    rows = [(_MOST_BYTES - fixed) / max(row, 1) for fixed, row in map(_file_bytes, members)]
    return max(_FEWEST_ROWS, min(MOST_ROWS, int(min(rows))))


def _file_bytes(value: Any) -> tuple[float, float]:
    """Return about how much of a file a value takes anyway, and for each row."""
    head = value[:100]
    if kind_of(value) == "frame":
        wide = head.shape[1] > _WIDE
        shares = [
            1.0 if wide else _FRACTIONS if each.kind == "f" else _PACKED for each in head.dtypes
        ]
        taken = head.memory_usage(deep=True, index=False)
        row = float(sum(map(operator.mul, shares, taken))) / max(len(head), 1)
        return 0.0 if wide else float(_A_COLUMN * head.shape[1]), row
    if kind_of(value) == "array":
        return 0.0, float(head.nbytes) / max(len(head), 1)
    return 0.0, 64.0


def _taken(value: Any, positions: Sequence[int] | None) -> Any:
    kind = kind_of(value)
    if positions is None:
        return value.copy() if kind else copied(value)
    if kind in ("frame", "series"):
        return value.iloc[positions].copy()
    if kind:
        return value[positions].copy()
    return type(value)(copied(value[position]) for position in positions)


def _columns(value: Any) -> Iterable[tuple[Any, Any]]:
    """Yield names and columns; those of arrays have no name."""
    kind = kind_of(value)
    if kind == "frame":
        for number in range(min(value.shape[1], _MOST_COLUMNS)):
            yield value.columns[number], value.iloc[:, number]
    elif kind == "array" and value.ndim > 1:
        for number in range(min(value.shape[1], _MOST_COLUMNS)):
            yield None, value[:, number]
    elif kind:
        yield getattr(value, "name", None), value


def _remember_keys(value: Any, keys: dict[Any, set[Any]]) -> None:
    """Note which values the sampled rows have, so that look-up tables keep theirs."""
    for name, column in _columns(value):
        if isinstance(name, str) and name not in keys:
            try:
                keys[name] = set(column.tolist())
            except TypeError:
                continue


def _pick(
    members: Sequence[Any],
    length: int,
    most: int,
    constants: Sequence[Any],
    keys: Mapping[Any, set[Any]],
) -> list[int]:
    """Choose positions: what is asked for first, then what is seldom, then runs of neighbours."""
    numpy = sys.modules["numpy"]
    looked_at = numpy.unique(
        numpy.linspace(0, length - 1, min(length, _MOST_LOOKED_AT)).astype(int)
    )
    wanted: dict[int, None] = dict.fromkeys([*range(_EDGE), *range(length - _EDGE, length)])
    lists: list[list[int]] = []
    for member in members:
        for name, column in _columns(member):
            try:
                lists.append(_of_column(numpy, column, looked_at, constants, keys.get(name)))
            except Exception:  # noqa: PERF203, S112  (a column that cannot be looked at has no say)
                continue
    # A round for each rank, so that every column has its say before any has a second.
    for rank in range(max((len(found) for found in lists), default=0)):
        for found in lists:
            if rank < len(found) and len(wanted) < most * 3 // 4:
                wanted.setdefault(int(found[rank]))
    blocks = max(1, (most - len(wanted)) // _BLOCK)
    for start in numpy.linspace(_EDGE, max(_EDGE, length - _BLOCK), blocks).astype(int):
        for position in range(start, min(start + _BLOCK, length)):
            if len(wanted) < most:
                wanted.setdefault(int(position))
    return sorted(wanted)


def _of_column(
    numpy: Any, column: Any, looked_at: Any, constants: Sequence[Any], keys: set[Any] | None
) -> list[int]:
    """Return positions in a column that matter, the most telling first."""
    found: list[int] = []
    dtype = getattr(column, "dtype", None)
    if getattr(dtype, "kind", "O") in "iufb" and isinstance(dtype, numpy.dtype):
        values = numpy.asarray(column)
        missing = numpy.flatnonzero(numpy.isnan(values.astype(float)))[:2]
        found += _beside(numpy, values.astype(float), constants)
        found += [*missing]
        if len(missing) < len(values):
            found += [numpy.nanargmin(values), numpy.nanargmax(values)]
        part = values[looked_at]
    else:
        taken = column.iloc[looked_at] if hasattr(column, "iloc") else column[looked_at]
        part = numpy.asarray(taken)
        if hasattr(column, "isna"):
            found += [*numpy.flatnonzero(numpy.asarray(column.isna()))[:2]]
        if getattr(part.dtype, "kind", "O") == "M":
            found += [looked_at[numpy.nanargmin(part)], looked_at[numpy.nanargmax(part)]]
    first: dict[Any, int] = {}
    seen = part.tolist()
    for position, value in zip(looked_at, seen):
        first.setdefault(value, position)
    if keys:
        related = [position for value, position in first.items() if value in keys]
        found += related[:_RARE]
    texts = [constant for constant in constants if isinstance(constant, str)]
    found = [first[text] for text in texts if text in first] + found
    if len(first) <= _RARE:
        found += first.values()
    return found


def _beside(numpy: Any, values: Any, constants: Sequence[Any]) -> list[int]:
    """Return for each number the positions of the values at it, just below and just above."""
    found = []
    for constant in constants:
        if isinstance(constant, str):
            continue
        for close in (values == constant, values < constant, values > constant):
            positions = numpy.flatnonzero(close)
            if len(positions):
                nearest = numpy.argmin(numpy.abs(values[positions] - constant))
                found.append(int(positions[nearest]))
    return found
