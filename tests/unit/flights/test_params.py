"""Parameters that make no sense are refused in words."""

from __future__ import annotations

import pytest

from flights.errors import ParameterError
from flights.params import RANGES, check_params


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("late_after_minutes", -5),
        ("hours_before_departure", 25),
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


def test_in_range_passes() -> None:
    """Bounds belong to the range, a list stands for several values, null may mean 'all'."""
    check_params(late_after_minutes=0, learning_rate=[0.1, 1], sample=None, max_iter=10.0)
