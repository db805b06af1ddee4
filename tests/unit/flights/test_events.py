"""Event tables: each event says when it could be known."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from flights.clock import add_instants, to_minutes
from flights.events import arrivals, departures, legs, overdue

Make = Callable[..., pd.DataFrame]


@pytest.fixture
def flights(make_flights: Make, airports: pd.DataFrame) -> pd.DataFrame:
    """Return flights due at 10:00: on time, 40 minutes late, cancelled, five hours late."""
    table = make_flights(
        {"due": "2013-01-15 10:00", "dep": 0, "arr": -5},
        {"due": "2013-01-15 10:00", "flight": 2, "dep": 40, "arr": 30},
        {"due": "2013-01-15 10:00", "flight": 3, "dep": None, "tailnum": None},
        {"due": "2013-01-15 10:00", "flight": 4, "dep": 300, "arr": 290},
    )
    return add_instants(table, airports)


def minutes_after_ten(events: pd.DataFrame) -> list[int]:
    ten = to_minutes(pd.Series([pd.Timestamp("2013-01-15 15:00", tz="UTC")]))[0]
    return (events["known_at"] - ten).to_list()


def test_departures_are_known_when_they_happen(flights: pd.DataFrame) -> None:
    """The delay is known at the departure, not when the flight was due; it is capped."""
    events = departures(flights, 15)
    assert minutes_after_ten(events) == [0, 40, 300]
    assert events["flight"].to_list() == [1, 2, 4]
    assert events["delay"].to_list() == [0, 40, 180]
    assert events["late"].to_list() == [0, 1, 1]


def test_arrivals_are_known_when_they_happen(flights: pd.DataFrame) -> None:
    """An arrival is known 80 minutes and its delay after the flight was due to leave."""
    events = arrivals(flights, 29)
    assert minutes_after_ten(events) == [75, 110, 370]
    assert events["late"].to_list() == [0, 1, 1]
    assert events["gained"].to_list() == [5, 10, 10]
    assert events["travel"].to_list() == [75, 70, 70]


def test_late_means_more_than_the_limit(flights: pd.DataFrame) -> None:
    """A delay of exactly the limit is not late."""
    assert arrivals(flights, 30)["late"].to_list() == [0, 0, 1]


def test_overdue_flights_wait_until_they_leave(flights: pd.DataFrame) -> None:
    """A flight waits from 15 minutes after its time until it leaves; a cancelled one for ever."""
    events = overdue(flights)
    waiting = [
        events.loc[[m <= minute for m in minutes_after_ten(events)], "waiting"].sum()
        for minute in (0, 14, 15, 39, 40, 299, 300, 10_000)
    ]
    assert waiting == [0, 0, 3, 3, 2, 2, 1, 1]


def test_legs_say_nothing_of_the_outcome(flights: pd.DataFrame) -> None:
    """Schedule and keys only, known when the flight was due."""
    events = legs(flights)
    assert list(events.columns) == [
        *("carrier", "flight", "tailnum", "origin", "dest"),
        *("known_at", "due", "block"),
    ]
    assert minutes_after_ten(events) == [0, 0, 0, 0]
    assert set(events["block"]) == {80}


def test_order_of_events_of_one_minute_is_settled(flights: pd.DataFrame) -> None:
    """The tables do not depend on the order of the raw rows."""
    shuffled = flights.iloc[[2, 0, 3, 1]]
    for make in (legs, lambda table: departures(table, 15), lambda table: arrivals(table, 15)):
        pd.testing.assert_frame_equal(make(shuffled), make(flights))
