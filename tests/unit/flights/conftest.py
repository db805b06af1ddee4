"""Tiny tables that are right in every respect, for tests to break."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from flights.clock import NEW_YORK
from flights.raw import AIRLINES, AIRPORTS, FLIGHTS, PLANES, WEATHER, RawTable

ZONES = {"BOS": "America/New_York", "ORD": "America/Chicago", "LAX": "America/Los_Angeles"}


def as_raw(rows: list[dict[str, Any]], table: RawTable) -> pd.DataFrame:
    """Type rows as `read_raw` does."""
    types = dict.fromkeys(table.whole, "Int64") | dict.fromkeys(table.real, "float64")
    frame = pd.DataFrame(rows, columns=list(table.columns))
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="line")
    return frame.astype(types | dict.fromkeys(table.text, "str"))


def clock(instant: pd.Timestamp, zone: str) -> int:
    """Return an instant's local time of day as hhmm."""
    local = instant.tz_convert(zone)
    return local.hour * 100 + local.minute


def flight_row(
    due: str, *, block: int = 80, dep: int | None = 0, arr: int | None = 0, **given: object
) -> dict[str, Any]:
    """Write one flight as the source would: due to leave at a local time, delayed by minutes."""
    row = {"carrier": "AA", "flight": 1, "tailnum": "N100AA", "origin": "JFK", "dest": "BOS"}
    row |= given
    leaves = pd.Timestamp(due, tz=NEW_YORK)
    zone = ZONES.get(str(row["dest"]), "America/Puerto_Rico")
    comes = (leaves + pd.Timedelta(minutes=block)).tz_convert("UTC")
    row |= {part: getattr(leaves, part) for part in ("year", "month", "day", "hour", "minute")}
    row["sched_dep_time"] = leaves.hour * 100 + leaves.minute
    row["sched_arr_time"] = clock(comes, zone)
    row["time_hour"] = leaves.floor("h").tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
    if dep is not None:
        row["dep_delay"] = dep
        row["dep_time"] = clock(leaves + pd.Timedelta(minutes=dep), NEW_YORK)
    if dep is not None and arr is not None:
        row |= {"arr_delay": arr, "arr_time": clock(comes + pd.Timedelta(minutes=arr), zone)}
        row["air_time"] = block + arr - dep - 20
    # At 400 miles per hour in the scheduled time.
    return {"distance": round((block - 20) * 400 / 60)} | row


@pytest.fixture
def make_flights() -> Callable[..., pd.DataFrame]:
    """Return a function that makes a raw table of flights from `flight_row`'s arguments."""

    def make(*rows: dict[str, Any]) -> pd.DataFrame:
        return as_raw([flight_row(**row) for row in rows], FLIGHTS)

    return make


@pytest.fixture
def airports() -> pd.DataFrame:
    """Return three destinations in three time zones."""
    rows = [
        {"faa": faa, "name": faa, "lat": 40.0, "lon": lon, "alt": 10, "tz": -5, "dst": "A"}
        | {"tzone": ZONES[faa]}
        for faa, lon in (("BOS", -71.0), ("ORD", -88.0), ("LAX", -118.0))
    ]
    return as_raw(rows, AIRPORTS)


@pytest.fixture
def planes() -> pd.DataFrame:
    """Return one aircraft."""
    row = {"tailnum": "N100AA", "year": 2003, "type": "Fixed wing multi engine"}
    row |= {"manufacturer": "BOEING", "model": "737-824", "engines": 2, "seats": 149}
    return as_raw([row | {"engine": "Turbo-fan"}], PLANES)


@pytest.fixture
def make_weather() -> Callable[..., pd.DataFrame]:
    """Return a function that makes hourly weather from local hours and what differs in them."""

    def make(hours: list[str], **columns: list[object]) -> pd.DataFrame:
        rows = []
        for index, hour in enumerate(hours):
            local = pd.Timestamp(hour, tz=NEW_YORK)
            row: dict[str, Any] = {"origin": "JFK", "temp": 50.0, "dewp": 40.0, "humid": 60.0}
            row |= {"wind_dir": 200.0, "wind_speed": 10.0, "precip": 0.0, "visib": 10.0}
            row |= {part: getattr(local, part) for part in ("year", "month", "day", "hour")}
            row["pressure"] = 1010.0
            row["time_hour"] = local.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
            rows.append(row | {name: values[index] for name, values in columns.items()})
        return as_raw(rows, WEATHER)

    return make


@pytest.fixture
def tables(
    make_flights: Callable[..., pd.DataFrame],
    make_weather: Callable[..., pd.DataFrame],
    airports: pd.DataFrame,
    planes: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return all five raw tables, sound in themselves and with each other."""
    flights = make_flights(
        {"due": "2013-03-05 08:15", "dep": 5, "arr": -3},
        {"due": "2013-03-05 10:00", "dest": "LAX", "block": 370, "flight": 2},
        {"due": "2013-03-05 23:50", "dest": "SJU", "block": 230, "flight": 3, "dep": 70, "arr": 61},
        {"due": "2013-03-06 09:30", "dest": "ORD", "block": 160, "flight": 4, "dep": None},
        {"due": "2013-03-06 11:30", "dest": "ORD", "block": 160, "flight": 5, "arr": None},
    )
    airlines = as_raw([{"carrier": "AA", "name": "American Airlines Inc."}], AIRLINES)
    weather = make_weather(["2013-03-05 06:00", "2013-03-05 07:00"])
    return {
        "flights": flights,
        "airports": airports,
        "planes": planes,
        "airlines": airlines,
        "weather": weather,
    }
