"""Instants: when each flight was due and when it went, all in UTC.

The raw tables hold local times of day. Comparing them across midnight, time zones or the change
to summer time is how leaks begin, so everything behind this module uses minutes since 1970 UTC.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Minutes = npt.NDArray[np.int64]

NEW_YORK = "America/New_York"
HOUR = 60
DAY = 24 * HOUR
EPOCH = pd.Timestamp(0, tz="UTC")
MINUTE = pd.Timedelta(minutes=1)
# Of a minute.
MICROSECONDS = 60 * 10**6
# Destinations that the table of airports lacks: three on Puerto Rico, one on St Thomas, which
# keeps the same time.
OTHER_ZONES = dict.fromkeys(("BQN", "PSE", "SJU", "STT"), "America/Puerto_Rico")


def to_minutes(instants: pd.Series) -> Minutes:
    """Count whole minutes since 1970 UTC.

    Parameters
    ----------
    instants
        Instants with a time zone, none missing.

    Returns
    -------
    numpy.ndarray
        Integers, which compare and subtract without surprises.
    """
    return instants.to_numpy("M8[us]").astype(np.int64) // MICROSECONDS


def from_minutes(minutes: npt.NDArray[np.float64] | Minutes) -> pd.DatetimeIndex:
    """Turn minutes since 1970 UTC back into instants.

    Parameters
    ----------
    minutes
        Minutes; NaN becomes NaT.

    Returns
    -------
    pandas.DatetimeIndex
        Instants in UTC.
    """
    return pd.DatetimeIndex(EPOCH + pd.to_timedelta(np.asarray(minutes), unit="m")).as_unit("ms")


def minutes_between(earlier: pd.Series, later: pd.Series) -> pd.Series:
    """Measure the time between instants.

    Parameters
    ----------
    earlier, later
        Instants, row by row.

    Returns
    -------
    pandas.Series
        Minutes; missing where an instant is.
    """
    return (later - earlier).dt.total_seconds() / 60


def add_instants(flights: pd.DataFrame, airports: pd.DataFrame) -> pd.DataFrame:
    """Say when each flight was due to leave and arrive, and when it did.

    Parameters
    ----------
    flights
        The raw table of flights.
    airports
        The raw table of airports, for the destination's time zone.

    Returns
    -------
    pandas.DataFrame
        A copy of the flights with ``scheduled_departure``, ``scheduled_arrival``, and, missing
        where it never happened, ``departure`` and ``arrival``.
    """
    scheduled_departure = _scheduled_departure(flights)
    scheduled_arrival = _scheduled_arrival(flights, scheduled_departure, _zones(flights, airports))
    dep_delay = flights["dep_delay"].to_numpy(np.float64, na_value=np.nan)
    arr_delay = flights["arr_delay"].to_numpy(np.float64, na_value=np.nan)
    return flights.assign(
        scheduled_departure=from_minutes(scheduled_departure),
        scheduled_arrival=from_minutes(scheduled_arrival),
        departure=from_minutes(scheduled_departure + dep_delay),
        arrival=from_minutes(scheduled_arrival + arr_delay),
    )


def _scheduled_departure(flights: pd.DataFrame) -> Minutes:
    hours = to_minutes(pd.to_datetime(flights["time_hour"], utc=True))
    return hours + np.asarray(flights["minute"], dtype=np.int64)


def _zones(flights: pd.DataFrame, airports: pd.DataFrame) -> pd.Series:
    zone_of = airports.set_index("faa")["tzone"].to_dict() | OTHER_ZONES
    return flights["dest"].map(zone_of)


def _scheduled_arrival(flights: pd.DataFrame, departure: Minutes, zones: pd.Series) -> Minutes:
    """Find the first instant after departure when the destination's clocks show the time due."""
    clock = np.asarray(flights["sched_arr_time"], dtype=np.int64)
    minute_of_day = clock // 100 * 60 + clock % 100
    arrival = departure
    # The second pass takes the offset of the arrival: the clocks may change on the way.
    for _ in range(2):
        offset = _offset(arrival, zones)
        arrival = departure + (minute_of_day - departure - offset) % DAY
    return arrival


def _offset(instants: Minutes, zones: pd.Series) -> Minutes:
    """How many minutes each zone's clocks are ahead of UTC at an instant."""
    offset = np.zeros(len(instants), np.int64)
    utc = from_minutes(instants)
    for zone, rows in zones.groupby(zones).indices.items():
        local = utc[rows].tz_convert(str(zone)).tz_localize(None)
        offset[rows] = (local - utc[rows].tz_localize(None)) // MINUTE
    return offset
