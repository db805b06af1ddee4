"""What a column holds, and the one dtype that it has wherever it turns up.

Whether a value happens to be missing in a batch must not decide the batch's dtypes: then one row
would be computed in another way than a thousand.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from nbrefine.errors import FeatureTableError

# Larger whole numbers have no float of their own.
EXACT = 2**53
INSTANT = pd.DatetimeTZDtype("us", "UTC")


class Kind(StrEnum):
    """What a column holds.

    ``TEXT``
        Strings; missing is NaN.
    ``WHOLE``
        Whole numbers, as ``int64``; as ``Int64`` where they may be missing.
    ``NUMBER``
        Other numbers, as ``float64``; missing is NaN.
    ``FLAG``
        True or false; as ``boolean`` where they may be missing.
    ``INSTANT``
        Moments with a time zone, in microseconds UTC; missing is NaT.
    """

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    INSTANT = "instant"


def kind_of(values: pd.Series) -> Kind:
    """Tell what a column holds by its dtype.

    Parameters
    ----------
    values
        The column.

    Returns
    -------
    Kind
        What it holds.

    Raises
    ------
    FeatureTableError
        If it is of no kind that can be looked up exactly.
    """
    types = pd.api.types
    if types.is_bool_dtype(values.dtype):
        return Kind.FLAG
    if types.is_integer_dtype(values.dtype):
        return Kind.WHOLE
    if types.is_float_dtype(values.dtype):
        return Kind.NUMBER
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return Kind.INSTANT
    if isinstance(values.dtype, pd.StringDtype) or pd.api.types.infer_dtype(values) == "string":
        return Kind.TEXT
    hint = "Give it a time zone." if types.is_datetime64_dtype(values.dtype) else ""
    raise FeatureTableError(
        f"Column {values.name!r} has dtype {values.dtype}; text, numbers, booleans and instants "
        "with a time zone can be looked up.",
        hint=hint,
    )


def looked_up_kind(kind: Kind) -> Kind:
    """Tell what a column holds after a look-up, which may find nothing: all numbers are floats."""
    return Kind.NUMBER if kind in {Kind.WHOLE, Kind.FLAG} else kind


def cast(values: pd.Series, kind: Kind, *, optional: bool = False) -> pd.Series:
    """Give a column the dtype of its kind.

    Parameters
    ----------
    values
        The column.
    kind
        What it is to hold.
    optional
        Whether values may be missing.

    Returns
    -------
    pandas.Series
        The same values.

    Raises
    ------
    FeatureTableError
        If the dtype cannot hold them exactly.
    """
    try:
        if kind is Kind.INSTANT:
            return _instants(values)
        if kind is Kind.TEXT:
            return values.astype("str")
        if kind is Kind.FLAG:
            return values.astype("boolean" if optional else "bool")
        if kind is Kind.WHOLE:
            return values.astype("Int64" if optional else "int64")
        return _floats(values)
    except (TypeError, ValueError) as error:
        message = f"Column {values.name!r} cannot be read as {kind.value}: {error}."
        raise FeatureTableError(message) from None


def _instants(values: pd.Series) -> pd.Series:
    """Convert instants to microseconds; finer ones would be another instant."""
    if not isinstance(values.dtype, pd.DatetimeTZDtype):
        raise TypeError("it has no time zone")
    exact: pd.Series = values.dt.tz_convert("UTC").astype(INSTANT)
    if not (exact.astype(values.dtype) == values)[values.notna()].all():
        raise ValueError("it is finer than microseconds")
    return exact


def _floats(values: pd.Series) -> pd.Series:
    if pd.api.types.is_integer_dtype(values.dtype) and values.abs().max() > EXACT:
        raise ValueError(f"it has whole numbers beyond {EXACT}, which no float can hold")
    floats = values.to_numpy(np.float64, na_value=np.nan)
    return pd.Series(floats, values.index, dtype=np.float64, name=values.name)
