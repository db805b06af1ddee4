"""The frame of some requests while serving: the same columns as in training, from the store."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nbrefine.features.columns import Kind
from nbrefine.features.requests import instants
from nbrefine.features.view import ASKED_AT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.features.store import Row, Snapshot
    from nbrefine.features.view import FeatureView, Lookup, Relation

_MICROSECOND = dt.timedelta(microseconds=1)
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
    asked_at = frame[ASKED_AT].to_numpy("M8[us]").astype(np.int64).tolist()
    order = view.relations()
    parts = dict.fromkeys(name for relation in order for name in relation.key)
    keys = {name: _key(frame[name]) for name in parts}
    found = {relation: _ask(view, relation, keys, asked_at, snapshot) for relation in order}
    others: dict[str, Any] = {name: frame[name].array for name in (*view.request, ASKED_AT)}
    numbers: dict[str, list[Any]] = {}
    missing, stale = {}, {}
    for lookup in view.lookups:
        relation = lookup.relation
        rows, old = _young(lookup, found[relation][lookup.ago], asked_at)
        if old.any():
            stale[lookup.name] = old
        absent = np.fromiter((row is None for row in rows), bool, len(rows)) & ~old
        if lookup.absent is None and absent.any():
            missing[lookup.name] = absent
        for column, name in zip(lookup.columns, lookup.names, strict=True):
            place = order[relation].index(column)
            kind = snapshot.kinds(relation)[place]
            if kind is Kind.NUMBER:
                numbers[name] = _numbers(rows, place + 1, lookup.absent)
            else:
                others[name] = _others(rows, place + 1, kind)
    return LookedUp(_joined(view, others, numbers, frame.index), missing, stale)


def _joined(
    view: FeatureView, others: dict[str, Any], numbers: dict[str, list[Any]], index: pd.Index
) -> pd.DataFrame:
    """Put the columns together; numbers in one block, since a column by itself costs as much."""
    found = pd.DataFrame(others, index=index)
    if not numbers:
        return found[list(view.columns)]
    block = np.array([*numbers.values()], np.float64).T
    return pd.concat([found, pd.DataFrame(block, index, list(numbers))], axis="columns")[
        list(view.columns)
    ]


def _ask(
    view: FeatureView,
    relation: Relation,
    keys: Mapping[str, Sequence[Any]],
    asked_at: Sequence[int],
    snapshot: Snapshot,
) -> dict[dt.timedelta, list[Row | None]]:
    """Ask once for all times that the look-ups of a relation look at."""
    parts = [keys[name] for name in relation.key]
    spans = list(dict.fromkeys(each.ago for each in view.lookups if each.relation == relation))
    timed = relation.known_at is not None
    asked = [
        (*key, *((time - span // _MICROSECOND,) if timed else ()))
        for span in spans
        for *key, time in zip(*parts, asked_at, strict=True)
    ]
    rows = snapshot.look_up(relation, asked)
    count = len(asked_at)
    return {span: rows[n * count : (n + 1) * count] for n, span in enumerate(spans)}


def _key(values: pd.Series) -> list[Any]:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        numbers = values.to_numpy("M8[us]").astype(np.int64).tolist()
        return [None if gone else n for n, gone in zip(numbers, values.isna(), strict=True)]
    plain = values.astype(object)
    return plain.where(values.notna(), None).tolist()


def _young(
    lookup: Lookup, rows: list[Row | None], asked_at: Sequence[int]
) -> tuple[list[Row | None], Flags]:
    """Leave out rows that are older than they may be, and say which."""
    if lookup.greatest_age is None:
        return rows, np.zeros(len(rows), bool)
    # As old as it may be when it is looked for, which may be some time before asking.
    limit = (lookup.greatest_age + lookup.ago) // _MICROSECOND
    old = [
        row is not None and asked - row[0] > limit
        for row, asked in zip(rows, asked_at, strict=True)
    ]
    young = [None if gone else row for row, gone in zip(rows, old, strict=True)]
    return young, np.array(old, bool)


def _numbers(rows: Sequence[Row | None], place: int, absent: float | None) -> list[Any]:
    nothing = np.nan if absent is None else absent
    found = [nothing if row is None else row[place] for row in rows]
    # A row that is there may still lack the value.
    return [np.nan if value is None else value for value in found]


def _others(rows: Sequence[Row | None], place: int, kind: Kind) -> Any:  # noqa: ANN401  (one of pandas' arrays)
    found = [None if row is None else row[place] for row in rows]
    return pd.array(found, "str") if kind is Kind.TEXT else instants(found)
