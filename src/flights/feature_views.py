"""The features, declared once for training and serving.

`REQUEST` is what a request carries, `LOOKUPS` what is looked up for it in the tables of
`flights.lookup_tables`, `TRANSFORMS` what is made of both. nbrefine reads this module; it imports
nothing of nbrefine.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flights.aircraft import LEG, MOVED, aircraft_state
from flights.clock import HOUR, to_minutes
from flights.columns import Columns, Floats, by_column
from flights.features import KNOWN, REQUEST, TIMETABLE, plane_age
from flights.lookup_tables import summed, sums_name
from flights.rolling import ROLLING, statistic
from flights.weather import CHANGING, OBSERVED, OLDEST, RAIN_HOURS, TREND, weather_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

# As in env.yaml; the step that packs the model stops where they differ.
HOURS_BEFORE_DEPARTURE = 2


class Request:
    """A question about one flight."""

    carrier: str
    flight: int
    tailnum: str | None
    origin: str
    dest: str
    scheduled_departure: dt.datetime
    scheduled_arrival: dt.datetime


# All flights leave from three airports; a request for another one is a mistake.
REFUSE = ["origin"]


def asked_at(requests: pd.DataFrame) -> pd.Series:
    """Say when each request is asked.

    Parameters
    ----------
    requests
        Requests.

    Returns
    -------
    pandas.Series
        Instants in UTC.
    """
    return requests["scheduled_departure"] - pd.Timedelta(hours=HOURS_BEFORE_DEPARTURE)


def _sums(table: str, key: list[str], values: list[str], windows: list[int]) -> dict[str, Any]:
    """Look sums up as they are known at the time of asking, and as they were before each window."""
    common = {"table": table, "key": key, "columns": ["events", *values], "absent": 0}
    before = {f"{table}_{minutes}m_ago": {**common, "ago": minutes} for minutes in windows}
    return {table: common, **before}


_IN_MINUTES: dict[str, dict[str, Any]] = {
    "leg": {"table": "legs", "key": ["tailnum"], "columns": LEG},
    "left": {"table": "left", "key": ["tailnum"], "columns": ["due", "delay", "at"]},
    "came": {"table": "came", "key": ["tailnum"], "columns": ["due", "delay", "at"]},
    "weather": {
        "table": "weather",
        "key": ["origin"],
        "columns": ["at", *OBSERVED],
        "greatest_age": OLDEST,
    },
    "weather_before": {"table": "weather", "key": ["origin"], "columns": CHANGING, "ago": TREND},
    **_sums("rain", ["origin"], ["rain"], [hours * HOUR for hours in RAIN_HOURS]),
    **{
        name: lookup
        for (of, by), (values, windows) in summed().items()
        for name, lookup in _sums(sums_name(of, by), list(by), values, windows).items()
    },
}
_SPANS = ("ago", "greatest_age")

LOOKUPS: dict[str, dict[str, Any]] = {
    "plane": {
        "table": "planes",
        "key": ["tailnum"],
        "columns": ["year", "seats"],
        "timeless": "an aircraft is registered before it flies",
    },
    "airport": {
        "table": "airports",
        "key": ["dest"],
        "columns": ["lat", "lon"],
        "timeless": "airports do not move",
    },
    "route": {
        "table": "routes",
        "key": ["origin", "dest"],
        "columns": ["distance"],
        "timeless": "nor do the ways between them",
    },
    "timetable": {
        "table": "timetable",
        "key": ["origin", "scheduled_departure"],
        "columns": TIMETABLE,
        "timeless": "timetables are public weeks ahead",
    },
    **{
        name: {"known_at": "known_at", **lookup}
        | {span: dt.timedelta(minutes=lookup[span]) for span in _SPANS if span in lookup}
        for name, lookup in _IN_MINUTES.items()
    },
}


# All that is looked up is numbers.
_LOOKED_UP = [f"{name}.{each}" for name, lookup in LOOKUPS.items() for each in lookup["columns"]]


def known_features(frame: pd.DataFrame) -> pd.DataFrame:
    """Make the features of a request and what was looked up for it, row by row.

    Parameters
    ----------
    frame
        The columns of the request, ``asked_at``, and of each look-up ``name.column``.

    Returns
    -------
    pandas.DataFrame
        ``REQUEST`` and ``KNOWN`` (see `flights.features`), with the index of the frame.
    """
    found = by_column(frame[_LOOKED_UP])
    due = to_minutes(frame["scheduled_departure"])
    block = to_minutes(frame["scheduled_arrival"]) - due
    known = {
        **_beforehand(frame, found),
        **aircraft_state(
            to_minutes(frame["asked_at"]).astype(np.float64),
            due.astype(np.float64),
            _of(found, "leg", LEG),
            _of(found, "left", ["due", "delay", "at"], MOVED),
            _of(found, "came", ["due", "delay", "at"], MOVED),
        ),
        **_statistics(found, block),
        **weather_state(
            _of(found, "weather", OBSERVED),
            _of(found, "weather_before", CHANGING),
            {hours: _since(found, "rain", "rain", hours * HOUR) for hours in RAIN_HOURS},
            ~np.isnan(found["weather.at"]),
        ),
    }
    numbers = np.column_stack([known[name] for name in KNOWN])
    features = pd.DataFrame(numbers, frame.index, KNOWN)
    return pd.concat([frame[REQUEST], features], axis="columns")


TRANSFORMS = [known_features]


def _of(
    found: Columns, lookup: str, columns: Sequence[str], names: Sequence[str] | None = None
) -> Columns:
    """Take the columns of one look-up."""
    named = zip(columns, names or columns, strict=True)
    return {name: found[f"{lookup}.{column}"] for column, name in named}


def _beforehand(frame: pd.DataFrame, found: Columns) -> dict[str, Floats]:
    """Take what is public long before anybody asks."""
    built = pd.Series(found["plane.year"], frame.index)
    return {
        "distance": found["route.distance"],
        "dest_lat": found["airport.lat"],
        "dest_lon": found["airport.lon"],
        "plane_age": plane_age(frame, built).to_numpy(np.float64),
        "plane_seats": found["plane.seats"],
        **_of(found, "timetable", TIMETABLE),
    }


def _statistics(found: Columns, block: npt.NDArray[np.int64]) -> dict[str, Floats]:
    """Make the declared statistics of the sums at the ends of their windows."""
    made = {}
    for each in ROLLING:
        table = sums_name(each.of, each.by)
        count = _since(found, table, "events", each.minutes)
        total = _since(found, table, each.value, each.minutes)
        made[each.name] = statistic(each, count, total, block)
    return made


def _since(found: Columns, table: str, column: str, minutes: int) -> Floats:
    """Say how much a sum has grown in the minutes before asking."""
    now, before = f"{table}.{column}", f"{table}_{minutes}m_ago.{column}"
    return found[now] - found[before]
