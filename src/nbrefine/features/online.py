"""The frame of some requests while serving: the same columns as in training, from the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nbrefine.features.asking import plan_of
from nbrefine.features.columns import Kind
from nbrefine.features.requests import instants
from nbrefine.features.view import ASKED_AT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.features.asking import Asked, Plan, Read
    from nbrefine.features.store import Row, Snapshot
    from nbrefine.features.view import FeatureView

# How NumPy keeps the time that is none.
_NOT_A_TIME = np.iinfo(np.int64).min
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LookedUp:
    """What was looked up for some requests.

    Parameters
    ----------
    frame
        ``view.columns``.
    missing
        By look-up that does not say what stands for an absent row: which requests found none.
    stale
        By look-up: which requests found one that is older than it may be.
    """

    frame: pd.DataFrame
    missing: Mapping[str, Flags]
    stale: Mapping[str, Flags]


def look_up(view: FeatureView, frame: pd.DataFrame, snapshot: Snapshot) -> LookedUp:
    """Look up what is known of some requests.

    Parameters
    ----------
    view
        The declaration.
    frame
        The requests and ``asked_at``, in the dtypes of `nbrefine.features.requests`.
    snapshot
        The version of the store.

    Returns
    -------
    LookedUp
        The frame, and where nothing was found.
    """
    plan = plan_of(view)
    asked_at = frame[ASKED_AT].to_numpy("M8[us]").astype(np.int64).tolist()
    keys = {name: _key(frame[name], kind) for name, kind in plan.keys.items()}
    found = _Found()
    for asked in plan.asked:
        answers = _ask(asked, keys, asked_at, snapshot)
        kinds = snapshot.kinds(asked.relation)
        for read in asked.reads:
            _take(found, read, kinds, answers[read.span], asked_at)
    return LookedUp(_joined(plan, frame, found), found.missing, found.stale)


@dataclass(frozen=True)
class _Found:
    """What was found: columns by name, numbers apart, and by look-up where there was nothing."""

    numbers: dict[str, list[Any]] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, Flags] = field(default_factory=dict)
    stale: dict[str, Flags] = field(default_factory=dict)


def _ask(
    asked: Asked, keys: Mapping[str, Sequence[Any]], asked_at: Sequence[int], snapshot: Snapshot
) -> list[list[Row | None]]:
    """Ask once for all times that the look-ups of a relation look at."""
    parts = [keys[name] for name in asked.relation.key]
    asks = [
        (*key, *((time - span,) if asked.timed else ()))
        for span in asked.spans
        for *key, time in zip(*parts, asked_at, strict=True)
    ]
    rows = snapshot.look_up(asked.relation, asks)
    count = len(asked_at)
    return [rows[first : first + count] for first in range(0, len(rows), count)]


def _key(values: pd.Series, kind: Kind) -> list[Any]:
    if kind is Kind.INSTANT:
        numbers = values.to_numpy("M8[us]").astype(np.int64).tolist()
        return [None if number == _NOT_A_TIME else number for number in numbers]
    if kind is Kind.TEXT:
        return [value if isinstance(value, str) else None for value in values.tolist()]
    return [None if value is pd.NA else value for value in values.tolist()]


def _take(
    found: _Found,
    read: Read,
    kinds: Sequence[Kind],
    rows: list[Row | None],
    asked_at: Sequence[int],
) -> None:
    """Take a look-up's columns, leave out rows that are older than they may be, and say which."""
    lookup, gone = read.lookup, [row is None for row in rows]
    if read.greatest_age is not None:
        limit = read.greatest_age
        old = [
            row is not None and asked - row[0] > limit
            for row, asked in zip(rows, asked_at, strict=True)
        ]
        if any(old):
            found.stale[lookup.name] = np.array(old, bool)
            rows = [None if each else row for row, each in zip(rows, old, strict=True)]
    if lookup.absent is None and any(gone):
        found.missing[lookup.name] = np.array(gone, bool)
    for name, place in read.columns:
        kind = kinds[place - 1]
        if kind is Kind.NUMBER:
            found.numbers[name] = _numbers(rows, place, lookup.absent)
        else:
            found.others[name] = _others(rows, place, kind)


def _numbers(rows: Sequence[Row | None], place: int, absent: float | None) -> list[Any]:
    nothing = np.nan if absent is None else absent
    found = [nothing if row is None else row[place] for row in rows]
    # A row that is there may still lack the value.
    return [np.nan if value is None else value for value in found]


def _others(rows: Sequence[Row | None], place: int, kind: Kind) -> Any:  # noqa: ANN401  (one of pandas' arrays)
    found = [None if row is None else row[place] for row in rows]
    return pd.array(found, "str") if kind is Kind.TEXT else instants(found)


def _joined(plan: Plan, frame: pd.DataFrame, found: _Found) -> pd.DataFrame:
    """Put the columns together; numbers in one block, since a column by itself costs as much."""
    own = frame if frame.columns.equals(plan.own) else frame[list(plan.own)]
    parts = [own]
    if found.others:
        parts.append(pd.DataFrame(found.others, index=frame.index))
    if found.numbers:
        block = np.array([*found.numbers.values()], np.float64).T
        parts.append(pd.DataFrame(block, frame.index, list(found.numbers)))
    joined = pd.concat(parts, axis="columns")
    return joined if joined.columns.equals(plan.columns) else joined[list(plan.columns)]
