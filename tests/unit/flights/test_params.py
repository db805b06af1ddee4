"""Parameters that make no sense are refused in words."""

from __future__ import annotations

import pytest

from flights.errors import ParameterError
from flights.params import RANGES, check_params

HYPERPARAMETERS = {
    *("learning_rate", "max_iter", "max_leaf_nodes", "min_samples_leaf", "l2_regularization")
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("late_after_minutes", -5),
        ("hours_before_departure", 25),
        ("hours_before_departure", 0),
        ("hours_before_departure", 1.5),
        ("learning_rate", 0),
        ("learning_rate", "fast"),
        ("max_iter", 2.5),
        ("max_leaf_nodes", [31, 1]),
        ("max_leaf_nodes", []),
        ("resamples", True),
        ("sample", 0),
        ("seed", None),
    ],
)
def test_out_of_range_is_refused(name: str, value: object) -> None:
    """The message names the parameter, its value, what is allowed and where to change it."""
    with pytest.raises(ParameterError) as caught:
        check_params(**{name: value})
    message = str(caught.value)
    wrong = value[-1] if isinstance(value, list) and value else value
    assert f"{name!r} is {wrong!r}, expected {RANGES[name]}" in message
    assert "env.yaml" in message


@pytest.mark.parametrize("name", sorted(set(RANGES) - HYPERPARAMETERS))
@pytest.mark.parametrize("value", [[2, 3], [2], []])
def test_only_hyperparameters_are_lists(name: str, value: list[int]) -> None:
    """A list is refused where nothing chooses from it, and the message says where one may be."""
    with pytest.raises(ParameterError) as caught:
        check_params(**{name: value})
    message = str(caught.value)
    assert f"{name!r} is {value!r}, expected a single value, {RANGES[name]}" in message
    assert "only hyperparameters may be lists (learning_rate, " in message
    assert all(each in message for each in HYPERPARAMETERS)


@pytest.mark.parametrize("name", sorted(HYPERPARAMETERS))
def test_hyperparameters_may_be_lists(name: str) -> None:
    """Each value of the list is checked."""
    check_params(**{name: [RANGES[name].low, RANGES[name].high]})


def test_in_range_passes() -> None:
    """Bounds belong to the range, a list stands for several values, null may mean 'all'."""
    check_params(late_after_minutes=0, learning_rate=[0.1, 1], sample=None, max_iter=10.0)
    check_params(hours_before_departure=1)
