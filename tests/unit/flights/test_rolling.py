"""The declared statistics: means, sums and what the schedule leaves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flights.rolling import ROLLING, Rolling, rolling_features
from flights.tables import EventTables

NONE = pd.DataFrame()


@pytest.fixture
def events() -> EventTables:
    """Return three departures: two from JFK, one from LGA."""
    departures = pd.DataFrame(
        {"known_at": [0, 50, 50], "origin": ["JFK", "JFK", "LGA"], "delay": [10, 30, 7]}
    )
    return EventTables(departures=departures, arrivals=NONE, overdue=NONE, legs=NONE)


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (Rolling("f", "departures", ("origin",), "delay", 60), [30, 7, np.nan]),
        (Rolling("f", "departures", ("origin",), "delay", 61), [20, 7, np.nan]),
        (Rolling("f", "departures", ("origin",), "delay", 61, total=True), [40, 7, 0]),
        (Rolling("f", "departures", (), "delay", 60, of_block=True), [81.5, 81.5, 81.5]),
    ],
)
def test_a_declaration_becomes_a_column(
    events: EventTables, declared: Rolling, expected: list[float]
) -> None:
    """A mean is missing without events, a sum is nought, a block's rest is taken from it."""
    asked = pd.DataFrame({"origin": ["JFK", "LGA", "EWR"], "asked_at": 60, "block": 100})
    found = rolling_features(asked, events, (declared,))
    assert list(found.columns) == ["f"]
    assert np.array_equal(found["f"], expected, equal_nan=True)


def test_names_are_unique() -> None:
    """No declaration hides another."""
    names = [each.name for each in ROLLING]
    assert len(names) == len(set(names))
