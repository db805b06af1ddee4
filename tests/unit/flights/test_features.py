"""Requests, look-ups, timetable and labels, on a handful of flights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flights.clock import add_instants
from flights.features import (
    FAMILIES,
    KNOWN,
    REQUEST,
    build_features,
    labels,
    looked_up,
    requests,
    timetable,
)

Tables = dict[str, pd.DataFrame]


@pytest.fixture
def timed(tables: Tables) -> Tables:
    """Return the tables with the flights' instants."""
    return tables | {"flights": add_instants(tables["flights"], tables["airports"])}


@pytest.mark.parametrize("hours", [0, 0.5, 2])
def test_requests_are_asked_before_departure(timed: Tables, hours: float) -> None:
    """The time of asking lies so many hours before the flight is due."""
    asked = requests(timed["flights"], hours)
    assert (asked["due"] - asked["asked_at"] == hours * 60).all()
    assert asked["block"].to_list() == [80, 370, 230, 160, 160]


def test_features_are_the_request_and_what_was_known(timed: Tables) -> None:
    """Exactly those columns, one row a request; nothing of the outcome."""
    asked = requests(timed["flights"], 2)
    features = build_features(asked, timed, 15)
    assert list(features.columns) == [*REQUEST, *KNOWN]
    assert features.index.equals(asked.index)
    outcome = {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "departure", "arrival"}
    assert not outcome & set(features.columns)


def test_families_cover_all_features_once() -> None:
    """Every column that the model uses belongs to one family."""
    columns = [column for family in FAMILIES.values() for column in family]
    assert sorted(columns) == sorted([*KNOWN, *(set(REQUEST) - {"flight", "tailnum"})])


def test_look_ups_survive_the_unknown(timed: Tables) -> None:
    """Aircraft, destinations and routes that no table knows are missing, not an error."""
    asked = requests(timed["flights"], 2).head(2)
    asked["tailnum"] = ["N100AA", None]
    asked["dest"] = ["BOS", "XXX"]
    found = looked_up(asked, timed)
    assert found["plane_age"].to_list()[0] == 2013 - 2003
    assert found["plane_seats"].to_list()[0] == 149
    assert found["distance"].to_list()[0] == 400
    assert found["dest_lon"].to_list()[0] == -71
    assert found.iloc[1].isna().all()


def test_the_timetable_counts_flights_from_the_same_airport(timed: Tables) -> None:
    """Half an hour around the flight itself, and between asking and departure."""
    flights = timed["flights"].copy()
    minute = pd.Timedelta(minutes=1)
    base = flights["scheduled_departure"].iloc[0]
    offsets = [0, 29, 30, -30, -31]
    flights["scheduled_departure"] = [base + offset * minute for offset in offsets]
    counts = timetable(requests(flights, 0.5).head(1), flights)
    assert counts["due_around"].to_list() == [3]
    assert counts["due_before"].to_list() == [1]
    flights["origin"] = ["JFK", "LGA", "LGA", "LGA", "LGA"]
    counts = timetable(requests(flights, 0.5).head(1), flights)
    assert (counts["due_around"].to_list(), counts["due_before"].to_list()) == ([1], [0])


def test_labels(timed: Tables) -> None:
    """More than the limit is late; cancelled and diverted flights have no label; days are local."""
    found = labels(timed["flights"], 60)
    assert found["late"].to_list() == [False, False, True, pd.NA, pd.NA]
    assert found["day"].to_list() == ["2013-03-05"] * 3 + ["2013-03-06"] * 2
    assert found["month"].to_list() == [3] * 5
    assert not labels(timed["flights"], 61)["late"].any()


def test_missing_features_are_nan(timed: Tables) -> None:
    """The first flight of all knows no delays: its histories are missing, its sums nought."""
    first = build_features(requests(timed["flights"], 2), timed, 15).iloc[0]
    assert np.isnan(first["origin_dep_delay_1h"])
    assert first["origin_overdue_change_6h"] == 0
