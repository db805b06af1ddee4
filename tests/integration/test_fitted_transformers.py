"""Transformers that learn in ``fit`` what a transform takes from its batch."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import clone

from benchmarks.transforms.data import passengers
from nbrefine.transforms import FittedTransformer, classify, fitted_transformer

SOURCES = {
    "mean": "df['age'] = df['age'].fillna(df['age'].mean())",
    "standardize": """
        def standardize(df):
            mean, deviation = df["fare"].mean(), df["fare"].std()
            df["fare"] = (df["fare"] - mean) / deviation
            return df
        """,
    "one after another": """
        def twice(df):
            df["age"] = df["age"].fillna(df["age"].median())
            df["age"] = df["age"] / df["age"].max()
            return df
        """,
    "loop": """
        def fill(df):
            for column in ["age", "fare"]:
                df[column] = df[column].fillna(df[column].median())
            return df
        """,
    "target encoding": """
        def encode(df):
            means = df.groupby("city")["target"].mean()
            df["city"] = df["city"].map(means)
            return df
        """,
    "group": "df['m'] = df.groupby('city')['fare'].transform('mean')",
    "group, by lambda": (
        "df['age'] = df.groupby('city')['age'].transform(lambda x: x.fillna(x.median()))"
    ),
    "dummies": "df = pd.get_dummies(df, columns=['sex', 'tags'], drop_first=True)",
    "quantiles": "df['fare'] = pd.qcut(df['fare'], 4, labels=False)",
    "even bins": "df['fare'] = pd.cut(df['fare'], 4, labels=False)",
    "codes": "df['tags'] = df['tags'].astype('category').cat.codes",
    "factorize": "df['tags'] = pd.factorize(df['tags'])[0]",
    "scaler": """
        from sklearn.preprocessing import StandardScaler

        def scale(df):
            scaler = StandardScaler()
            df[["fare", "clicks"]] = scaler.fit_transform(df[["fare", "clicks"]])
            return df
        """,
    "scaler, fitted before": """
        from sklearn.preprocessing import MinMaxScaler

        scaler = MinMaxScaler()
        scaler.fit(df[["fare"]])
        df[["fare"]] = scaler.transform(df[["fare"]])
        """,
    "rare values": """
        def rare(df):
            counts = df["tags"].value_counts(normalize=True)
            rare = counts[counts < 0.2].index
            df["tags"] = df["tags"].where(~df["tags"].isin(rare), "other")
            return df
        """,
}


def written(name: str) -> tuple[FittedTransformer, Any]:
    """Return a transformer and an instance of it."""
    transformer = fitted_transformer(textwrap.dedent(SOURCES[name]))
    assert transformer is not None
    names: dict[str, Any] = {"pd": pd, "np": np}
    exec(transformer.source, names)  # noqa: S102 - what was written is run
    return transformer, names[transformer.name]()


def as_the_notebook_does(name: str, df: pd.DataFrame) -> pd.DataFrame:
    """Run the transform as it stands."""
    names: dict[str, Any] = {"pd": pd, "np": np, "df": df}
    source = textwrap.dedent(SOURCES[name])
    defined = re.search(r"^def (\w+)", source, re.MULTILINE)
    call = f"\ndf = {defined[1]}(df)" if defined else ""
    exec(source + call, names)  # noqa: S102 - the transform of this test
    result: pd.DataFrame = names["df"]
    return result


@pytest.mark.parametrize("name", SOURCES)
def test_it_gives_the_training_data_what_the_transform_gave_them(name: str) -> None:
    """``fit(train).transform(train)`` is the transform's own result, to the bit."""
    _, estimator = written(name)
    train = passengers()
    got = estimator.fit(train).transform(train)
    pd.testing.assert_frame_equal(train, passengers())
    expected = as_the_notebook_does(name, passengers())
    pd.testing.assert_frame_equal(got, expected, check_dtype=False, check_categorical=False)


@pytest.mark.parametrize("name", SOURCES)
def test_one_row_gives_what_it_gave_among_the_others(name: str) -> None:
    """After ``fit`` each row stands for itself; the code is row-wise, and says so."""
    transformer, estimator = written(name)
    train = passengers()
    whole = clone(estimator).fit(train).transform(train)
    fitted = estimator.fit(train)
    for place in (0, 7, 31):
        one = fitted.transform(train.iloc[[place]])
        pd.testing.assert_frame_equal(one, whole.iloc[[place]], check_dtype=False)
    assert transformer.learnt
    assert all(hasattr(fitted, attribute) for attribute in transformer.learnt)


@pytest.mark.parametrize("name", ["mean", "loop", "group", "group, by lambda", "quantiles"])
def test_what_it_learns_can_be_written_with_a_model(name: str) -> None:
    """In skops, which takes no Series."""
    transformer, estimator = written(name)
    fitted = estimator.fit(passengers())
    kept = {attribute: getattr(fitted, attribute) for attribute in transformer.learnt}
    assert skops.io.loads(skops.io.dumps(kept)).keys() == kept.keys()


@pytest.mark.parametrize(
    "source",
    [
        "df['x'] = df['fare'].shift()",
        "df['x'] = df['fare'].rank()",
        "df['x'] = df['fare'].rolling(3).mean()",
        "df['x'] = df['fare'].cumsum()",
        "df['x'] = np.arange(len(df))",
        "df['x'] = df['fare'] * 2",
        "df = df.dropna()",
        "df['x'] = df['fare'] / len(df)",
        "df = df.query('fare > 1')",
        (
            "def f(df):\n    if df['age'].mean() > 3:\n"
            "        df['age'] = df['age'] / df['age'].max()\n    return df"
        ),
        "def f(df):\n    m = df['fare'].mean()\n    return df.eval('x = fare - @m')",
        "def f(df):\n    return df['fare'] - df['fare'].mean(), df['target']",
        "lambda df: df - df.mean()",
        "def f(df, other):\n    return df - df.mean()",
    ],
)
def test_nothing_is_written_where_no_statistic_stands_for_the_batch(source: str) -> None:
    """Order, chance, branches and rows that go are not for a transformer."""
    assert fitted_transformer(source) is None


def test_what_is_written_reads_well() -> None:
    """The class says what it learns, and both methods read like the transform."""
    transformer, _ = written("standardize")
    assert transformer.name == "Standardize"
    assert transformer.learnt == {"mean_": "df['fare'].mean()", "deviation_": "df['fare'].std()"}
    assert "df['fare'] = (df['fare'] - self.mean_) / self.deviation_" in transformer.source
    assert "    mean_ : ``df['fare'].mean()``" in transformer.source


def test_a_transform_that_needs_a_transformer_is_fitted() -> None:
    """Each of these is classified as what it is."""
    for source in SOURCES.values():
        assert classify(source).kind == "fitted"
