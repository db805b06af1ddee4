"""Following an aircraft: where it was last heard of, and when it can be back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from flights.aircraft import AIRCRAFT, TURNAROUND, aircraft_features
from flights.clock import add_instants
from flights.features import requests
from flights.tables import EventTables

Make = Callable[..., pd.DataFrame]
# The leg before: due at 10:00, to take 80 minutes each way.
BLOCK = 80


@pytest.fixture
def follow(make_flights: Make, airports: pd.DataFrame) -> Callable[..., dict[str, float]]:
    """Return a function: the features of a flight due at a time, given the leg before."""

    def features(due: str, **before: object) -> dict[str, float]:
        first = {"due": "2013-01-15 10:00", "block": BLOCK} | before
        flights = add_instants(make_flights(first, {"due": due, "flight": 2}), airports)
        asked = requests(flights, 2).tail(1)
        (found,) = aircraft_features(asked, EventTables.of(flights, 15)).to_dict("records")
        assert list(found) == AIRCRAFT
        return found

    return features


def test_an_aircraft_that_has_arrived(follow: Callable[..., dict[str, float]]) -> None:
    """Arrived at 11:50; ready in New York at 11:50 + turnaround + 80 minutes; due at 16:00."""
    found = follow("2013-01-15 16:00", dep=40, arr=30)
    assert found["aircraft_last_delay"] == 30
    assert found["aircraft_last_dep_delay"] == 40
    assert found["aircraft_last_arr_delay"] == 30
    assert found["aircraft_hours_since_due"] == 6
    assert found["aircraft_slack"] == 4 * 60 + 10 - TURNAROUND - BLOCK
    assert np.isnan(found["aircraft_waits_since"])


def test_an_aircraft_in_the_air(follow: Callable[..., dict[str, float]]) -> None:
    """Asked at 11:30, left at 10:40: it will arrive at 12:00 as far as anybody knows."""
    found = follow("2013-01-15 13:30", dep=40, arr=70)
    assert found["aircraft_last_delay"] == 40
    assert np.isnan(found["aircraft_last_arr_delay"])
    assert found["aircraft_slack"] == 90 - TURNAROUND - BLOCK


def test_an_aircraft_that_still_waits(follow: Callable[..., dict[str, float]]) -> None:
    """Asked at 11:30 it has waited for 90 minutes: it cannot leave before now."""
    found = follow("2013-01-15 13:30", dep=200, arr=200)
    assert found["aircraft_waits_since"] == 90
    assert np.isnan(found["aircraft_last_delay"])
    assert found["aircraft_slack"] == 120 - BLOCK - TURNAROUND - BLOCK


def test_an_aircraft_that_is_late_beyond_its_schedule(
    follow: Callable[..., dict[str, float]],
) -> None:
    """Asked at 12:30, due to have arrived at 11:25 and not heard of: it comes now at best."""
    found = follow("2013-01-15 14:30", dep=5, arr=100)
    assert found["aircraft_slack"] == 120 - TURNAROUND - BLOCK


def test_an_aircraft_of_yesterday(follow: Callable[..., dict[str, float]]) -> None:
    """After a day elsewhere its slack says nothing; its delays count for three days."""
    found = follow("2013-01-16 16:00", dep=40, arr=30)
    assert np.isnan(found["aircraft_slack"])
    assert found["aircraft_last_arr_delay"] == 30
    later = follow("2013-01-19 16:00", dep=40, arr=30)
    assert np.isnan(later["aircraft_last_arr_delay"])
    assert np.isnan(later["aircraft_hours_since_due"])


def test_an_aircraft_that_nobody_knows(follow: Callable[..., dict[str, float]]) -> None:
    """Another aircraft's leg says nothing."""
    assert np.isnan(list(follow("2013-01-15 16:00", tailnum="N2").values())).all()
