"""The frame that models learn from: each flight's request, and what was known when it was asked.

A request carries `REQUEST`. `KNOWN` is looked up in tables whose rows say when they became known
(`flights.events`, `flights.weather`) or that were public long before: timetable, planes, airports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flights.aircraft import AIRCRAFT, aircraft_features
from flights.clock import DAY, HOUR, NEW_YORK, to_minutes
from flights.events import KEYS
from flights.rolling import ROLLING, rolling_features
from flights.tables import EventTables
from flights.weather import WEATHER, weather_features

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUEST = [*KEYS, "scheduled_departure", "scheduled_arrival"]
LOOKED_UP = ["distance", "dest_lat", "dest_lon", "plane_age", "plane_seats"]
TIMETABLE = ["due_around", "due_before"]
# What each feature speaks of, for those who want to know what the model lives on.
FAMILIES = {
    "aircraft's last flights": AIRCRAFT,
    "delays now": [each.name for each in ROLLING if each.minutes < DAY],
    "delays of days and weeks": [each.name for each in ROLLING if each.minutes >= DAY],
    "weather": WEATHER,
    "timetable": TIMETABLE,
    "aircraft and route": LOOKED_UP,
    "request": ["carrier", "origin", "dest", "scheduled_departure", "scheduled_arrival"],
}
KNOWN = [*LOOKED_UP, *TIMETABLE, *AIRCRAFT, *(each.name for each in ROLLING), *WEATHER]


def requests(flights: pd.DataFrame, hours_before_departure: float) -> pd.DataFrame:
    """Make the questions: one a flight, asked some hours before it is due.

    Parameters
    ----------
    flights
        Flights with their instants (see `flights.clock.add_instants`).
    hours_before_departure
        When the question is asked.

    Returns
    -------
    pandas.DataFrame
        ``REQUEST``, and in minutes ``due``, ``block`` (how long the schedule allows) and
        ``asked_at``.
    """
    due = to_minutes(flights["scheduled_departure"])
    return flights[REQUEST].assign(
        due=due,
        block=to_minutes(flights["scheduled_arrival"]) - due,
        asked_at=due - round(hours_before_departure * HOUR),
    )


def build_features(
    asked: pd.DataFrame, tables: Mapping[str, pd.DataFrame], late_after_minutes: float
) -> pd.DataFrame:
    """Look up what was known at each request's time of asking.

    Parameters
    ----------
    asked
        Requests (see `requests`).
    tables
        The raw tables by name; the flights with their instants.
    late_after_minutes
        From how many minutes on a delay counts as late.

    Returns
    -------
    pandas.DataFrame
        ``REQUEST`` and ``KNOWN``, with the index of the requests.
    """
    flights = tables["flights"]
    events = EventTables.of(flights, late_after_minutes)
    parts = [
        asked[REQUEST],
        looked_up(asked, tables),
        timetable(asked, flights),
        aircraft_features(asked, events),
        rolling_features(asked, events),
        weather_features(asked, tables["weather"]),
    ]
    features = pd.concat(parts, axis="columns")[[*REQUEST, *KNOWN]]
    # Whether anything happens to be missing must not decide a column's type.
    return features.astype(dict.fromkeys(KNOWN, "float64"))


def looked_up(asked: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Look up the aircraft and the destination; missing where the tables do not know them.

    Parameters
    ----------
    asked
        Requests.
    tables
        The raw tables by name.

    Returns
    -------
    pandas.DataFrame
        One column a feature, with the index of the requests.
    """
    planes = tables["planes"].set_index("tailnum")[["year", "seats"]].astype("float64")
    airports = tables["airports"].set_index("faa")[["lat", "lon"]]
    # Not the column of the flight itself: two routes are a mile longer since April, and a request
    # does not know that yet.
    routes = tables["flights"].groupby(["origin", "dest"])["distance"].min().astype("float64")
    plane = planes.reindex(asked["tailnum"])
    place = airports.reindex(asked["dest"])
    route = pd.MultiIndex.from_frame(asked[["origin", "dest"]])
    return pd.DataFrame(
        {
            "distance": routes.reindex(route).to_numpy(),
            "dest_lat": place["lat"].to_numpy(),
            "dest_lon": place["lon"].to_numpy(),
            "plane_age": plane_age(asked, plane["year"].set_axis(asked.index)),
            "plane_seats": plane["seats"].to_numpy(),
        },
        index=asked.index,
    )


def plane_age(asked: pd.DataFrame, built: pd.Series) -> pd.Series:
    """Say how old each aircraft is.

    Parameters
    ----------
    asked
        Requests.
    built
        The year in which each request's aircraft was built.

    Returns
    -------
    pandas.Series
        Years.
    """
    year: pd.Series = asked["scheduled_departure"].dt.tz_convert(NEW_YORK).dt.year - built
    return year


def timetable(asked: pd.DataFrame, flights: pd.DataFrame) -> pd.DataFrame:
    """Count the flights that are due to leave near the request's own, from the same airport.

    Parameters
    ----------
    asked
        Requests.
    flights
        Flights with their instants: their schedule is public weeks ahead.

    Returns
    -------
    pandas.DataFrame
        ``due_around``, half an hour before and after; ``due_before``, from the time of asking on.
    """
    counts = pd.DataFrame(0.0, asked.index, TIMETABLE)
    around, before = np.zeros(len(asked)), np.zeros(len(asked))
    all_due = to_minutes(flights["scheduled_departure"])
    for origin, rows in asked.groupby("origin").indices.items():
        line = np.sort(all_due[flights["origin"] == origin])
        due = asked["due"].to_numpy()[rows]
        asked_at = asked["asked_at"].to_numpy()[rows]
        around[rows] = line.searchsorted(due + HOUR // 2) - line.searchsorted(due - HOUR // 2)
        before[rows] = line.searchsorted(due) - line.searchsorted(asked_at)
    counts["due_around"], counts["due_before"] = around, before
    return counts


def labels(flights: pd.DataFrame, late_after_minutes: float) -> pd.DataFrame:
    """Say what became of each flight.

    Parameters
    ----------
    flights
        Flights with their instants.
    late_after_minutes
        More minutes than this behind schedule at the gate are late.

    Returns
    -------
    pandas.DataFrame
        ``late`` (missing if the flight was cancelled or diverted), and of the scheduled departure
        in New York ``day`` and ``month``.
    """
    local = flights["scheduled_departure"].dt.tz_convert(NEW_YORK)
    late = (flights["arr_delay"] > late_after_minutes).astype("boolean")
    return pd.DataFrame(
        {
            "late": late.where(flights["arr_delay"].notna()),
            "day": local.dt.strftime("%Y-%m-%d"),
            "month": local.dt.month.astype("int64"),
        }
    )
