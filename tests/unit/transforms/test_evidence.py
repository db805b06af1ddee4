"""What runs of a transform on parts of a batch show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbrefine.transforms import Kind, observe


def frame(rows: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame({"x": rng.normal(5, 2, rows), "k": rng.choice(list("abc"), rows)})


def _dropped_gaps(df: pd.DataFrame) -> pd.DataFrame:
    return df.dropna()


def _filled(df: pd.DataFrame) -> pd.DataFrame:
    return df.fillna({"x": df["x"].mean()})


def _capped(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(x=df["x"].clip(upper=df["x"].median() + 100))


@pytest.mark.parametrize(
    ("transform", "kind"),
    [
        (lambda df: df.assign(y=df["x"] * 2), Kind.ROW_WISE),
        (lambda df: df[["x"]].to_numpy() + 1, Kind.ROW_WISE),
        (lambda df: df["x"].rank(), Kind.FITTED),
        (lambda df: df["x"].shift(), Kind.FITTED),
        (lambda df: pd.get_dummies(df, columns=["k"]), Kind.FITTED),
        (lambda df: df[df["x"] > 5], Kind.RESHAPING),
        (lambda df: df.sort_values("x"), Kind.RESHAPING),
        (lambda df: df["x"].mean(), Kind.RESHAPING),
        (lambda df: df.groupby("k")["x"].mean(), Kind.RESHAPING),
        (_filled, Kind.FITTED),  # there is no gap in the data
        (_dropped_gaps, Kind.RESHAPING),
        (_capped, Kind.FITTED),  # the limit matters only beside extremes
    ],
)
def test_each_kind_is_seen(transform: Callable[[Any], Any], kind: Kind) -> None:
    """Rows by themselves, in another order, with gaps and beside extremes tell the kinds apart."""
    seen = observe(transform, frame())
    assert seen.kind == kind, seen
    assert seen.runs > 1


def test_the_batch_is_left_alone() -> None:
    """A transform that works in place gets copies."""
    data = frame()
    before = data.copy()

    def double(df: pd.DataFrame) -> pd.DataFrame:
        df["x"] *= 2
        return df

    assert observe(double, data).kind == Kind.ROW_WISE
    pd.testing.assert_frame_equal(data, before)


def test_nothing_is_said_of_too_few_rows_of_chance_and_of_failures() -> None:
    """No evidence is no kind."""
    assert observe(lambda df: df, frame(2)).kind is None
    rng = np.random.default_rng(0)
    assert observe(lambda df: df.assign(r=rng.normal(size=len(df))), frame()).kind is None

    def fail(_: pd.DataFrame) -> pd.DataFrame:
        raise ValueError("no")

    seen = observe(fail, frame())
    assert seen.kind is None
    assert "ValueError: no" in seen.reason

    def whole_only(df: pd.DataFrame) -> pd.DataFrame:
        if len(df) < 10:
            raise ValueError("too few")
        return df

    assert "on a part of the data" in observe(whole_only, frame()).reason


def test_series_and_arrays_are_batches_too() -> None:
    """A transform need not take a frame."""
    assert observe(lambda s: s.str.upper(), frame()["k"]).kind == Kind.ROW_WISE
    assert observe(lambda a: a - a.mean(), frame()["x"].to_numpy()).kind == Kind.FITTED
    assert observe(lambda a: a * 3, frame()["x"].to_numpy()).kind == Kind.ROW_WISE


def test_a_large_batch_is_sampled() -> None:
    """No more rows are run than asked for."""
    sizes: list[int] = []

    def count(df: pd.DataFrame) -> pd.DataFrame:
        sizes.append(len(df))
        return df

    observe(count, frame(1000), rows=50)
    assert max(sizes) == 50
