"""Pickles are compared by what they describe, and nothing in them runs."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import LabelEncoder

from nbrefine.compare.files import compare_contents
from nbrefine.compare.pickles import is_pickle, same_pickles

if TYPE_CHECKING:
    from collections.abc import Callable

X = pd.DataFrame({"age": np.arange(30.0), "fare": np.arange(30.0) % 7})
Y = (X["age"] > 12).to_numpy()


def forest(seed: int = 0) -> RandomForestClassifier:
    """A model that remembers the names of its columns."""
    return RandomForestClassifier(3, random_state=seed).fit(X, Y)


def by_joblib(value: object) -> bytes:
    """What `joblib.dump` writes."""
    file = io.BytesIO()
    joblib.dump(value, file)
    return file.getvalue()


class Runs:
    """Calls something when it is loaded."""

    def __reduce__(self) -> tuple[object, ...]:
        """Say what is called."""
        return (pytest.fail, ("code of a pickle ran",))


@pytest.mark.parametrize("dump", [pickle.dumps, by_joblib])
@pytest.mark.parametrize(
    "value",
    [
        forest(),
        LabelEncoder().fit(["x", "y"]),
        LabelEncoder().fit(np.array(["x", None], dtype=object)[:1]),
        {"model": forest(), "columns": [*X.columns], "x": X},
        np.array([{1}, None], dtype=object),
    ],
)
def test_what_was_loaded_once_is_the_same(dump: Callable[[object], bytes], value: object) -> None:
    """Texts that were one object are two afterwards, which no one can tell by using it."""
    again = pickle.loads(pickle.dumps(value))
    assert same_pickles(dump(value), dump(again))


def test_a_forest_differs_in_bytes_but_not_as_a_file() -> None:
    """It is the files that are compared, whatever they are called."""
    model = forest()
    old, new = by_joblib(model), by_joblib(pickle.loads(pickle.dumps(model)))
    assert old != new
    assert compare_contents("model.dump", old, new) is None


@pytest.mark.parametrize("dump", [pickle.dumps, by_joblib])
def test_another_model_is_another_one(dump: Callable[[object], bytes]) -> None:
    """Neither are other numbers, other types or other keys the same."""
    assert not same_pickles(dump(forest()), dump(forest(seed=1)))
    assert not same_pickles(dump([1, 2]), dump([1, 3]))
    assert not same_pickles(dump([1]), dump([1.0]))
    assert not same_pickles(dump({"a": 1}), dump({"b": 1}))
    assert not same_pickles(dump(np.arange(3)), dump(np.arange(3) + 1))
    assert not same_pickles(dump(X), dump(X.rename(columns={"age": "years"})))


@pytest.mark.parametrize("dump", [pickle.dumps, by_joblib])
def test_what_lies_between_the_fields_of_an_array_means_nothing(
    dump: Callable[[object], bytes],
) -> None:
    """Whatever was in memory there; the fields themselves count."""
    padded = np.dtype([("node", "i8"), ("left", "u1")], align=True)
    raw = [bytes([1, *[0] * 7, 2, *[fill] * 7]) for fill in (0, 9)]
    old, new = (np.frombuffer(each, padded).copy() for each in raw)
    assert same_pickles(dump(old), dump(new))
    new["left"] = 3
    assert not same_pickles(dump(old), dump(new))


def test_nothing_is_called() -> None:
    """What a file would run is a name here."""
    assert same_pickles(pickle.dumps(Runs()), pickle.dumps(Runs()))


def test_what_contains_itself_ends() -> None:
    """A pair that is being compared counts as equal."""
    loops: list[list[object]] = [[1], [1]]
    for each in loops:
        each.append(each)
    assert same_pickles(*map(pickle.dumps, loops))


def test_several_in_one_file_are_all_compared() -> None:
    """A file may have been dumped to more than once."""
    one, two = pickle.dumps(1), pickle.dumps(2)
    assert same_pickles(one + two, one + two)
    assert not same_pickles(one + two, one + one)
    assert not same_pickles(one + two, one)


def test_what_is_broken_is_not_the_same() -> None:
    """Other bytes that begin like a pickle are no reason to fail."""
    broken = pickle.dumps([1, 2])[:-3]
    assert is_pickle(broken)
    assert not same_pickles(broken, broken)
    assert not is_pickle(b"text")
    assert compare_contents("a.pkl", broken, broken[:-1]) is not None
