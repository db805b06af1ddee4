"""What is said of a transform, and how code and data are set against each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbrefine.transforms import Kind, classify

LIMIT = 3.0
OFFSETS = {"a": 1, "b": 2}
numbers = np.random.default_rng(0)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "x": [1.0, 5.0, 2.0, 8.0, 3.0, 9.0, 4.0, 7.0],
            "k": list("abbaabab"),
            "n": [3, 1, 2, 5, 4, 0, 7, 6],
        }
    )


def capped(df: pd.DataFrame) -> pd.DataFrame:
    df["x"] = df["x"].clip(upper=LIMIT)
    return df


def centred(df: pd.DataFrame) -> pd.DataFrame:
    df["x"] = less(df["x"], middle(df["x"]))
    return df


def less(values: pd.Series[float], middle: float) -> pd.Series[float]:
    return values - middle


def middle(values: pd.Series[float]) -> float:
    return float(values.median())


def mapped(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(o=df["k"].map(OFFSETS))


def noisy(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(x=df["x"] + numbers.normal(size=len(df)))


def test_the_statement_that_decides_is_named() -> None:
    """A report shows line, statement and reason."""
    said = classify("def f(df):\n    df['y'] = df['x'] * 2\n    return df.fillna(df.mean())\n")
    assert (said.kind, said.line, said.statement) == (Kind.FITTED, 3, "df.mean()")
    assert str(said) == "fitted: line 3 `df.mean()`: the mean is taken over the batch"


@pytest.mark.parametrize(
    ("transform", "kind"),
    [(capped, Kind.ROW_WISE), (centred, Kind.FITTED), (mapped, Kind.ROW_WISE)],
)
def test_a_function_brings_its_surroundings(
    transform: Callable[[pd.DataFrame], pd.DataFrame], kind: Kind
) -> None:
    """Globals, helpers and helpers of helpers are read with it, with and without data."""
    assert classify(transform).kind == kind
    said = classify(transform, frame())
    assert (said.kind, said.evidence) == (kind, "both")


def test_a_line_is_that_of_the_function() -> None:
    """Helpers that are read beside it do not move the lines."""
    said = classify(lambda df: df[df["x"] > df["x"].mean()])
    assert (said.kind, said.line) == (Kind.RESHAPING, 1)
    assert classify(centred).statement == "values.median()"


def test_a_closure_over_a_number_is_row_wise_and_over_a_statistic_is_fixed() -> None:
    """What was taken before is the same for every batch."""
    data = frame()
    mean = data["x"].mean()
    assert classify(lambda df: df["x"] - mean, data).kind == Kind.ROW_WISE
    assert classify(lambda df: df["x"] - df["x"].mean(), data).kind == Kind.FITTED


def test_data_do_not_acquit() -> None:
    """A mean that fills no gap in these data is a mean all the same."""
    assert classify("df['x'] = df['x'].fillna(df['x'].mean())", frame()).kind == Kind.FITTED
    assert classify("df = df.dropna()", frame()).kind == Kind.RESHAPING


def test_data_convict() -> None:
    """What the code leaves open is fitted where a row by itself gives another result."""
    code = "df['y'] = df['x'] - pd.eval('df.x.mean()')"
    assert classify(code).kind == Kind.UNKNOWN
    said = classify(code, frame())
    assert (said.kind, said.evidence) == (Kind.FITTED, "data")


def test_data_settle_what_only_they_can() -> None:
    """Codes of a column may be fixed by its type, which the data show."""
    code = "df['c'] = df['k'].cat.codes"
    assert classify(code).kind == Kind.UNKNOWN
    data = frame().assign(k=lambda df: df["k"].astype("category"))
    assert classify(code, data).kind == Kind.ROW_WISE


def test_dummies_of_a_categorical_column_are_row_wise() -> None:
    """Each batch has the columns of the type."""
    data = frame().assign(k=lambda df: pd.Categorical(df["k"], ["a", "b", "c"]))
    assert classify("df = pd.get_dummies(df, columns=['k'])").kind == Kind.FITTED
    assert classify("df = pd.get_dummies(df, columns=['k'])", data).kind == Kind.ROW_WISE
    assert classify("df = pd.get_dummies(df, columns=['k'])", frame()).kind == Kind.FITTED


def test_what_is_not_understood_stays_unknown_though_the_data_agree() -> None:
    """That rows gave the same this time is no proof."""
    code = "def f(df, model):\n    return df.assign(y=model.work(df[['x']]))"

    class Model:
        def work(self, rows: pd.DataFrame) -> Any:  # noqa: ANN401
            return rows["x"].to_numpy() * 2

    said = classify(code, {"df": frame(), "model": Model()})
    assert said.kind == Kind.UNKNOWN
    assert "no proof" in said.reason


def test_chance_is_unknown() -> None:
    """A transform that draws numbers is none of the kinds."""
    assert classify(noisy, frame()).kind == Kind.UNKNOWN


def test_a_column_from_outside_is_not_taken_for_a_number() -> None:
    """``df["y"] = y`` is row-wise for a number, and not for an array."""
    code = "df['y'] = y"
    assert classify(code).kind == Kind.UNKNOWN
    assert classify(code, {"df": frame(), "y": 3}).kind == Kind.ROW_WISE
    assert classify(code, {"df": frame(), "y": np.arange(8)}).kind != Kind.ROW_WISE


def test_bins_may_be_a_number() -> None:
    """``cut`` with bins from outside is open until they are seen."""
    code = "def f(df, bins):\n    return df.assign(b=pd.cut(df['x'], bins, labels=False))"
    assert classify(code).kind == Kind.UNKNOWN
    assert classify(code, {"df": frame(), "bins": 3}).kind == Kind.FITTED
    assert classify(code, {"df": frame(), "bins": [0, 4, 10]}).kind == Kind.ROW_WISE


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(:", "it is not Python"),
        ("x = 1", "no frame goes in"),
        ("def f(df):\n    df.plot()", "what comes out is not made of the batch"),
        ("print(df.shape)\nfor c in df:\n    print(c)", "what comes out is not made of the batch"),
        ("def f(df):\n    yield df", "it is a generator"),
        ("def f(df):\n    return other(df)", "is not to be seen"),
        ("def f(df):\n    return f(df)", "recursive"),
        ("class A:\n    pass\ndf = A().of(df)", "is not to be seen"),
    ],
)
def test_what_cannot_be_told_is_said(source: str, reason: str) -> None:
    """Unknown comes with its reason, and never with an exception."""
    said = classify(source)
    assert said.kind == Kind.UNKNOWN
    assert reason in said.reason
