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
from flights.features import KNOWN, REQUEST, TIMETABLE, plane_age
from flights.lookup_tables import summed, sums_name
from flights.rolling import ROLLING, statistic
from flights.weather import CHANGING, OBSERVED, OLDEST, RAIN_HOURS, TREND, weather_state

if TYPE_CHECKING:
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
    due = to_minutes(frame["scheduled_departure"])
    asked = frame[REQUEST].assign(
        due=due,
        block=to_minutes(frame["scheduled_arrival"]) - due,
        asked_at=to_minutes(frame["asked_at"]),
    )
    moved = dict(zip(["due", "delay", "at"], MOVED, strict=True))
    weather = _columns(frame, "weather", ["at", *OBSERVED])
    parts = [
        frame[REQUEST],
        _beforehand(frame),
        aircraft_state(
            asked,
            _columns(frame, "leg", LEG),
            _columns(frame, "left", [*moved]).rename(columns=moved),
            _columns(frame, "came", [*moved]).rename(columns=moved),
        ),
        _statistics(frame, asked["block"].to_numpy()),
        weather_state(
            weather[list(OBSERVED)],
            _columns(frame, "weather_before", CHANGING),
            {hours: _since(frame, "rain", "rain", hours * HOUR) for hours in RAIN_HOURS},
            weather["at"].notna(),
        ),
    ]
    features = pd.concat(parts, axis="columns")[[*REQUEST, *KNOWN]]
    # Only what is none yet: for one request the conversions would cost as much as all the rest.
    whole = [name for name in KNOWN if features[name].dtype != np.float64]
    return features.astype(dict.fromkeys(whole, "float64")) if whole else features


TRANSFORMS = [known_features]


def _columns(frame: pd.DataFrame, lookup: str, columns: list[str]) -> pd.DataFrame:
    return frame[[f"{lookup}.{column}" for column in columns]].set_axis(columns, axis="columns")


def _beforehand(frame: pd.DataFrame) -> pd.DataFrame:
    """Take what is public long before anybody asks."""
    return pd.DataFrame(
        {
            "distance": frame["route.distance"],
            "dest_lat": frame["airport.lat"],
            "dest_lon": frame["airport.lon"],
            "plane_age": plane_age(frame, frame["plane.year"]),
            "plane_seats": frame["plane.seats"],
            **{name: frame[f"timetable.{name}"] for name in TIMETABLE},
        }
    )


def _statistics(frame: pd.DataFrame, block: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Make the declared statistics of the sums at the ends of their windows."""
    found = {}
    for each in ROLLING:
        table = sums_name(each.of, each.by)
        count = _since(frame, table, "events", each.minutes)
        total = _since(frame, table, each.value, each.minutes)
        found[each.name] = statistic(each, count, total, block)
    return pd.DataFrame(found, index=frame.index)


def _since(frame: pd.DataFrame, table: str, column: str, minutes: int) -> npt.NDArray[np.float64]:
    """Say how much a sum has grown in the minutes before asking."""
    now: npt.NDArray[np.float64] = frame[f"{table}.{column}"].to_numpy(np.float64)
    before: npt.NDArray[np.float64] = frame[f"{table}_{minutes}m_ago.{column}"].to_numpy(np.float64)
    return now - before
