"""A fixture gives the very value again, or there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from nbrefine.observer.call_fixtures import CannotStoreError, Fixtures
from nbrefine.observer.call_outcome import same


def own_function(x: int) -> int:
    return x


@pytest.fixture
def fixtures(tmp_path: Path) -> Fixtures:
    return Fixtures(str(tmp_path), {"own_function": own_function})


DATES = pd.date_range("2013-01-01", periods=3, freq="h", tz="America/New_York")
FRAMES = {
    "plain": pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": ["x", None]}),
    "index": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key")),
    "filtered": pd.DataFrame({"a": [1, 2, 3]}).iloc[[0, 2]],
    "two levels": pd.DataFrame({"a": [1, 2]}).set_index(
        pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["k", "n"])
    ),
    "dates": pd.DataFrame({"t": DATES, "d": DATES - DATES[0]}),
    "categories": pd.DataFrame(
        {"c": pd.Categorical(["x", "y"], categories=["y", "x"], ordered=True)}
    ),
    "narrow": pd.DataFrame({"a": np.array([1, 2], "int8"), "b": np.array([1, 2], "float32")}),
    "nullable": pd.DataFrame(
        {"a": pd.array([1, None], "Int64"), "b": pd.array([True, None], "boolean")}
    ),
    "number labels": pd.DataFrame([[1, 2], [3, 4]]),
    "same labels": pd.DataFrame([[1, 2.5]], columns=["a", "a"]),
    "labels of two levels": pd.DataFrame(
        [[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])
    ),
    "named labels": pd.DataFrame([[1, 2]], columns=pd.Index(["a", "b"], name="what")),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="float64")}),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_come_back_exactly(fixtures: Fixtures, name: str) -> None:
    """Types, labels, index and missing values."""
    said = fixtures.put(FRAMES[name], "df")
    assert said["kind"] == "frame"
    pd.testing.assert_frame_equal(
        fixtures.get(said["expression"]), FRAMES[name], check_exact=True, check_freq=False
    )
    assert fixtures.files == ["df.parquet"]


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1, 2], name="a"),
        pd.Series([1.5, None]),
        pd.Series(["x", "y"], index=["p", "q"], name=3),
        pd.Series(DATES, name='a "quoted" name'),
        pd.Series([True, False], name="values"),
    ],
)
def test_series_come_back_exactly(fixtures: Fixtures, series: pd.Series) -> None:  # type: ignore[type-arg]
    """Whatever they are called."""
    said = fixtures.put(series, "s")
    pd.testing.assert_series_equal(fixtures.get(said["expression"]), series, check_freq=False)


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"phone": ["123-545", 8765, None]}),
        pd.Series([1, "x"], name="a"),
        pd.Index([1, "x"]),
    ],
)
def test_a_column_of_numbers_and_text_is_pickled(fixtures: Fixtures, table: pd.DataFrame) -> None:
    """Parquet has no type for it; a sheet that people filled in often has such a column."""
    said = fixtures.put(table, "v")
    assert said["expression"] == 'pd.read_pickle(FIXTURES / "v.pickle")'
    assert same(fixtures.get(said["expression"]), table)
    assert fixtures.files == ["v.pickle"]


def test_what_only_the_notebook_can_unpickle_is_not_pickled(fixtures: Fixtures) -> None:
    """A test is no notebook."""
    kind = type("Kind", (), {"__module__": "__main__", "__eq__": lambda *_: True})
    sys.modules["__main__"].__dict__["Kind"] = kind
    try:
        with pytest.raises(CannotStoreError, match="cannot be written to Parquet"):
            fixtures.put(pd.DataFrame({"a": [kind()]}), "v")
    finally:
        del sys.modules["__main__"].__dict__["Kind"]


def test_a_lost_frequency_is_said(fixtures: Fixtures) -> None:
    """A test then does not ask for it."""
    assert fixtures.put(pd.Series([1, 2, 3], index=DATES), "s")["lax"]
    assert not fixtures.put(pd.Series([1, 2, 3]), "t")["lax"]


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.array([0.1, np.nan]),
        np.array(["a", "bc"]),
        np.array([1, "x"], object),
    ],
)
def test_arrays_come_back_exactly(fixtures: Fixtures, array: np.ndarray) -> None:  # type: ignore[type-arg]
    """Without pickle."""
    again = fixtures.get(fixtures.put(array, "a")["expression"])
    assert again.dtype == array.dtype
    np.testing.assert_array_equal(again, array)


def test_containers_of_tables(fixtures: Fixtures) -> None:
    """A test compares them part by part."""
    value = {"x": (FRAMES["plain"], 3), "y": [np.arange(2)]}
    said = fixtures.put(value, "v")
    assert said["kind"] == "dict"
    assert said["keys"] == ["'x'", "'y'"]
    assert [item["kind"] for item in said["items"]] == ["tuple", "list"]
    assert same(fixtures.get(said["expression"]), value)


def test_long_plain_values_go_to_json(fixtures: Fixtures) -> None:
    """A test is to be read."""
    value = {f"key {number}": number / 7 for number in range(60)}
    said = fixtures.put(value, "v")
    assert "json.loads" in said["expression"]
    assert fixtures.get(said["expression"]) == value
    assert fixtures.files == ["v.json"]


def test_estimators(fixtures: Fixtures) -> None:
    """One that has learnt nothing is made anew; one that has comes from a file."""
    fresh = fixtures.put(StandardScaler(with_mean=False), "m")
    assert fresh["expression"] == "StandardScaler(with_mean=False)"
    assert "from sklearn.preprocessing import StandardScaler" in fixtures.imports
    fitted = fixtures.put(LinearRegression().fit([[0], [1]], [1, 3]), "m")
    assert fixtures.get(fitted["expression"]).coef_ == pytest.approx([2])


def test_what_an_estimator_learnt_is_what_is_compared(fixtures: Fixtures) -> None:
    """Of a result, not the object but its fitted attributes."""
    said = fixtures.put(LinearRegression().fit([[0], [1]], [1, 3]), "m", exact=False)
    assert said["kind"] == "estimator"
    assert {"coef_", "intercept_"} <= set(said["keys"])


def test_functions_by_name(fixtures: Fixtures) -> None:
    """The notebook's own are imported by the test, those of libraries from their outermost home."""
    assert fixtures.put(own_function, "f")["expression"] == "own_function"
    assert fixtures.put(np.mean, "f") == {"kind": "reference", "expression": "mean"}
    assert "from numpy import mean" in fixtures.imports
    with pytest.raises(CannotStoreError, match="cannot be imported"):
        fixtures.put(lambda x: x, "f")


class OwnKind:
    """As a class of the project, which a test can import."""

    def __init__(self) -> None:
        self.rates_ = [0.5]


def test_objects_of_the_projects_classes(tmp_path: Path) -> None:
    """They are pickled, by the module that has their class."""
    fixtures = Fixtures(str(tmp_path), {"OwnKind": OwnKind})
    said = fixtures.put(OwnKind(), "encoder")
    assert fixtures.get(said["expression"]).rates_ == [0.5]
    assert fixtures.imports == {"import pickle"}
    with pytest.raises(CannotStoreError, match="which no fixture can hold"):
        Fixtures(str(tmp_path), {}).put(OwnKind(), "encoder")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (pd.DataFrame(np.random.default_rng(0).normal(size=(20_000, 3))), r"a fixture of \d+ kB"),
        (object(), "a object, which no fixture can hold"),
        (iter([1]), "which no fixture can hold"),
        (pd.DataFrame({"a": [object()]}), "cannot be written to Parquet"),
    ],
)
def test_what_cannot_be_stored_leaves_no_file(
    fixtures: Fixtures, value: object, why: str, tmp_path: Path
) -> None:
    """And the reason can be told to the user."""
    with pytest.raises(CannotStoreError, match=why):
        fixtures.put(value, "v")
    assert fixtures.files == []
    assert [path for path in tmp_path.iterdir() if path.stat().st_size > 100_000] == []
