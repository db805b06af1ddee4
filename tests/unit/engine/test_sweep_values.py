"""What `nbrefine sweep -p` takes for a list of values."""

from __future__ import annotations

import pytest

from nbrefine.engine.sweep.values import as_written, values_of
from nbrefine.errors import SweepError


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("0.05,0.1", [0.05, 0.1]),
        ("1e-3, 1E2", [0.001, 100.0]),
        ("3:7:2", [3, 5, 7]),
        ("3:8:2", [3, 5, 7]),
        ("5:3:-1", [5, 4, 3]),
        ("0:2", [0, 1, 2]),
        ("0.1:0.3:0.1", [0.1, 0.2, 0.3]),
        ("1,10:12,20", [1, 10, 11, 12, 20]),
        ("gini, 'a,b', true, null", ["gini", "a,b", True, None]),
        ("'3:7', '1'", ["3:7", "1"]),
        ("[1, 2], {a: 1}", [[1, 2], {"a": 1}]),
        ("1,1,1.0", [1, 1.0]),
    ],
)
def test_values_are_typed_as_yaml(said: str, expected: list[object]) -> None:
    """Numbers, words, truth values, lists, and ranges that include their end."""
    values = values_of([f"depth={said}"])["depth"]
    assert [*map(as_written, values)] == [*map(as_written, expected)]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("depth", "does not say"),
        ("=3", "does not say"),
        ("two words=3", "does not say"),
        ("depth=", "empty"),
        ("depth=1,,2", "not YAML"),
        ("depth=1,", "gap"),
        ("depth=[]", "empty"),
        ("depth=[1", "not YAML"),
        ("depth=7:3", "no numbers"),
        ("depth=3:3.5:-1", "no numbers"),
        ("depth=1:9:0", "no numbers"),
        ("depth=0:1:1e-9", "1000000001 numbers"),
    ],
)
def test_what_is_no_list_of_values_is_refused(said: str, why: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(SweepError, match=why):
        values_of([said])


def test_a_parameter_is_given_once() -> None:
    """The second list would silently replace the first."""
    with pytest.raises(SweepError, match="twice"):
        values_of(["a=1", "a=2"])
