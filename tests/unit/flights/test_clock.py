"""Instants: time zones, midnight and the change to summer time."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from flights.clock import add_instants, from_minutes, to_minutes

Make = Callable[..., pd.DataFrame]


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


@pytest.mark.parametrize(
    ("row", "departure", "arrival"),
    [
        # New York in winter is five hours behind UTC, in summer four.
        ({"due": "2013-01-15 10:00"}, "2013-01-15 15:00", "2013-01-15 16:20"),
        ({"due": "2013-07-15 10:00"}, "2013-07-15 14:00", "2013-07-15 15:20"),
        # Los Angeles is three more hours behind: it is due there at 13:10 local time.
        (
            {"due": "2013-01-15 10:00", "dest": "LAX", "block": 370},
            "2013-01-15 15:00",
            "2013-01-15 21:10",
        ),
        # Over midnight, and to an airport that the table of airports lacks.
        (
            {"due": "2013-07-15 23:50", "dest": "SJU", "block": 230},
            "2013-07-16 03:50",
            "2013-07-16 07:40",
        ),
        # The clocks go forward at two in the morning of 10 March, while it is in the air.
        (
            {"due": "2013-03-10 01:00", "dest": "BOS", "block": 90},
            "2013-03-10 06:00",
            "2013-03-10 07:30",
        ),
    ],
)
def test_schedule_in_utc(
    make_flights: Make, airports: pd.DataFrame, row: dict, departure: str, arrival: str
) -> None:
    """The schedule's local times become instants in UTC."""
    (flight,) = add_instants(make_flights(row), airports).to_dict("records")
    assert flight["scheduled_departure"] == utc(departure)
    assert flight["scheduled_arrival"] == utc(arrival)


def test_delays_move_the_actual_instants(make_flights: Make, airports: pd.DataFrame) -> None:
    """Departure and arrival are schedule plus delay; they are missing where they never were."""
    flights = make_flights(
        {"due": "2013-01-15 23:30", "dep": 45, "arr": 40},
        {"due": "2013-01-15 23:40", "flight": 2, "dep": None},
        {"due": "2013-01-15 23:50", "flight": 3, "dep": -5, "arr": None},
    )
    timed = add_instants(flights, airports)
    assert timed["departure"].to_list() == [
        utc("2013-01-16 05:15"),
        pd.NaT,
        utc("2013-01-16 04:45"),
    ]
    assert timed["arrival"].to_list() == [utc("2013-01-16 06:30"), pd.NaT, pd.NaT]


def test_minutes_there_and_back() -> None:
    """Minutes since 1970 and instants are the same thing."""
    instants = pd.Series([utc("1970-01-01 00:00"), utc("2013-03-10 07:30")])
    minutes = to_minutes(instants)
    assert minutes.tolist() == [0, 22715010]
    assert from_minutes(minutes).to_list() == instants.to_list()
