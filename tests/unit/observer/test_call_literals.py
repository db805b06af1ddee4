"""Literals give the very same value again, or there is none."""

from __future__ import annotations

import datetime as dt
import decimal
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrefine.observer.call_literals import literal

SPACE = {"np": np, "pd": pd, "datetime": dt, "decimal": decimal}
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
NESTED = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=50)
@given(NESTED)
def test_a_literal_gives_the_same_value_of_the_same_type(value: object) -> None:
    """Nothing is lost: not the kind of a container, a sign of zero or what is no number."""
    text = literal(value)
    assert text is not None
    again = eval(text, dict(SPACE))  # noqa: S307  (what is tested)
    assert repr(again) == repr(value)


@pytest.mark.parametrize(
    "value",
    [
        np.int8(3),
        np.float32(0.1),
        np.bool_(True),  # noqa: FBT003
        pd.Timestamp("2013-01-01 05:00", tz="America/New_York"),
        pd.Timedelta(minutes=5),
        pd.NaT,
        pd.NA,
        dt.date(2013, 1, 1),
        decimal.Decimal("1.10"),
        range(3),
        slice(1, None),
        frozenset({1, 2}),
        set(),
    ],
)
def test_values_of_libraries(value: object) -> None:
    """What pandas and numpy put into frames can be written down too."""
    text = literal(value)
    assert text is not None
    again = eval(text, dict(SPACE))  # noqa: S307  (what is tested)
    assert type(again) is type(value)
    assert again is value or again == value


def test_numbers_of_numpy_become_plain_where_that_is_wanted() -> None:
    """A result is compared by value: `np.float64(0.5)` reads as 0.5."""
    assert literal([np.float64(0.5)], exact=False) == "[0.5]"
    assert literal(np.float64("nan"), exact=False) == 'float("nan")'
    assert math.isnan(float("nan"))


@pytest.mark.parametrize(
    "value", [object(), [object()], {1: print}, list(range(10_000)), pd.Series([1])]
)
def test_what_cannot_be_written_down_has_no_literal(value: object) -> None:
    """None, and no text that gives something else."""
    assert literal(value) is None
