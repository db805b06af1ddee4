"""Requests as a frame: the declared columns with the dtypes of their kinds, and the time asked."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nbrefine.errors import FeatureTableError, FeatureViewError, did_you_mean
from nbrefine.features.columns import INSTANT, Kind, cast
from nbrefine.features.view import ASKED_AT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.features.view import FeatureView, RequestField


def canonical_requests(view: FeatureView, requests: pd.DataFrame) -> pd.DataFrame:
    """Bring recorded requests into the form that requests of one row have too.

    Parameters
    ----------
    view
        The declaration.
    requests
        The declared columns, and ``asked_at`` unless the declaration works it out.

    Returns
    -------
    pandas.DataFrame
        The declared columns and ``asked_at``, with the index of the requests.

    Raises
    ------
    FeatureTableError
        If a column is missing, has another kind, or misses values that it must have.
    """
    columns = {}
    for name, field in view.request.items():
        if name not in requests.columns:
            message = f"The requests have no column {name!r}."
            raise FeatureTableError(message, hint=did_you_mean(name, map(str, requests.columns)))
        columns[name] = _column(requests[name], field)
    frame = pd.DataFrame(columns, index=requests.index)
    given = requests[ASKED_AT] if ASKED_AT in requests.columns else None
    return with_asked_at(view, frame, given)


def require_requests(requests: pd.DataFrame) -> None:
    """Refuse to prove anything by no requests at all.

    Raises
    ------
    FeatureTableError
        If there are none.
    """
    if not len(requests):
        raise FeatureTableError("There are no requests, and without any nothing is proved.")


def _column(values: pd.Series, field: RequestField) -> pd.Series:
    missing = int(values.isna().sum())
    if missing and not field.optional:
        raise FeatureTableError(
            f"The requests' column {values.name!r} is missing in {missing} of {len(values)} rows.",
            hint="Declare it with `| None`, if requests may leave it out.",
        )
    return cast(values, field.kind, optional=field.optional)


def request_frame(view: FeatureView, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the frame of some requests that were checked one by one.

    Parameters
    ----------
    view
        The declaration.
    rows
        By column; instants are microseconds since 1970 UTC, what is missing is None.

    Returns
    -------
    pandas.DataFrame
        The declared columns, in the dtypes of `canonical_requests`.
    """
    columns = {}
    for name, field in view.request.items():
        values = [row[name] for row in rows]
        columns[name] = _built(values, field)
    return pd.DataFrame(columns)


def _built(values: list[Any], field: RequestField) -> Any:  # noqa: ANN401  (one of pandas' arrays)
    if field.kind is Kind.INSTANT:
        return instants(values)
    if field.kind is Kind.TEXT:
        return pd.array(values, "str")
    if field.kind is Kind.WHOLE:
        return pd.array(values, "Int64" if field.optional else "int64")
    if field.kind is Kind.FLAG:
        return pd.array(values, "boolean" if field.optional else "bool")
    return pd.array(values, "Float64").to_numpy("float64", na_value=float("nan"))


def with_asked_at(
    view: FeatureView, frame: pd.DataFrame, given: pd.Series | None = None
) -> pd.DataFrame:
    """Say of each request when it is asked.

    Parameters
    ----------
    view
        The declaration.
    frame
        Requests.
    given
        When they were asked, for a declaration that does not say.

    Returns
    -------
    pandas.DataFrame
        The requests with ``asked_at``, in microseconds UTC.

    Raises
    ------
    FeatureTableError
        If nothing says it, or a time is missing.
    """
    asked_at = given if view.asked_at is None else _worked_out(view.asked_at, frame)
    if asked_at is None:
        message = f"The requests have no column {ASKED_AT!r}."
        hint = f"Add it, or declare a function `{ASKED_AT}`."
        raise FeatureTableError(message, hint=hint)
    if asked_at.dtype != INSTANT:
        asked_at = cast(asked_at.rename(ASKED_AT), Kind.INSTANT)
    if asked_at.isna().any():
        raise FeatureTableError(f"{ASKED_AT!r} is missing in {int(asked_at.isna().sum())} rows.")
    return frame.assign(**{ASKED_AT: asked_at})


def _worked_out(declared: Callable[[pd.DataFrame], object], frame: pd.DataFrame) -> pd.Series:
    asked_at = declared(frame)
    if not isinstance(asked_at, pd.Series) or not asked_at.index.equals(frame.index):
        raise FeatureViewError(f"`{ASKED_AT}` must return a Series with the index of the requests.")
    return asked_at


def to_microseconds(instant: dt.datetime) -> int:
    """Count the microseconds from 1970 UTC to an instant, exactly."""
    return (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def instants(microseconds: Sequence[int | None]) -> pd.DatetimeIndex:
    """Turn microseconds since 1970 UTC into instants; None becomes NaT."""
    nothing = np.iinfo(np.int64).min  # as NumPy keeps NaT
    numbers = [nothing if each is None else each for each in microseconds]
    times = np.array(numbers, np.int64).view("M8[us]")
    return pd.DatetimeIndex(times).tz_localize("UTC")
