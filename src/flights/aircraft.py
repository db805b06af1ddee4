"""Where the aircraft of a flight was last heard of, and whether it can be back in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flights.clock import DAY, HOUR
from flights.columns import by_column
from flights.history import History

if TYPE_CHECKING:
    from flights.columns import Columns, Floats
    from flights.tables import EventTables

AIRCRAFT = [
    "aircraft_hours_since_due",
    "aircraft_last_delay",
    "aircraft_last_dep_delay",
    "aircraft_last_arr_delay",
    "aircraft_waits_since",
    "aircraft_slack",
]
# What is looked up: of a leg that was due, and of one that left or arrived.
LEG = ["due", "block"]
MOVED = ["due", "delay", "known_at"]
# Unloading, cleaning and boarding at the far end, in minutes.
TURNAROUND = 40
# After a day elsewhere the last flight from New York says nothing of when the aircraft is back,
# after three days nothing of how well it does.
BACK_WITHIN = DAY
HEARD_WITHIN = 3 * DAY


def aircraft_features(asked: pd.DataFrame, events: EventTables) -> pd.DataFrame:
    """Follow each request's aircraft by its last flight out of New York.

    Parameters
    ----------
    asked
        One row a request: ``asked_at`` and ``due`` in minutes, and ``tailnum``.
    events
        The event tables.

    Returns
    -------
    pandas.DataFrame
        One column a feature, with the index of the requests.

    Notes
    -----
    The tables hold flights from New York only, so the way back is not seen: it is assumed to take
    as long as the way out, after a turnaround.
    """
    state = aircraft_state(
        asked["asked_at"].to_numpy(np.float64),
        asked["due"].to_numpy(np.float64),
        _latest(events.legs, asked, LEG),
        _latest(events.departures, asked, MOVED),
        _latest(events.arrivals, asked, MOVED),
    )
    return pd.DataFrame(state, index=asked.index)


def aircraft_state(
    asked_at: Floats, due: Floats, leg: Columns, left: Columns, came: Columns
) -> dict[str, Floats]:
    """Say from its last events where each request's aircraft is, row by row.

    Parameters
    ----------
    asked_at, due
        Of the requests, in minutes.
    leg, left, came
        By column the last leg that was due, the last departure and the last arrival known at the
        time of asking; missing where there is none.

    Returns
    -------
    dict of str to numpy.ndarray
        By feature.
    """
    age = due - leg["due"]
    # An event belongs to the last leg if it was due when the leg was.
    has_left, has_come = left["due"] == leg["due"], came["due"] == leg["due"]
    waits = ~has_left & ~has_come
    # What is not known to have happened by the time of asking happens then at the earliest.
    leaves = np.where(has_left, left["known_at"], np.maximum(asked_at, leg["due"]))
    expected = np.maximum(leaves + leg["block"], asked_at)
    back = np.where(has_come, came["known_at"], expected) + TURNAROUND + leg["block"]
    left_delay = np.where(has_left, left["delay"], np.nan)
    last_delay = np.where(has_come, came["delay"], left_delay)
    heard, recent = age < HEARD_WITHIN, age < BACK_WITHIN
    departed, arrived = due - left["due"] < HEARD_WITHIN, due - came["due"] < HEARD_WITHIN
    return {
        "aircraft_hours_since_due": np.where(heard, age / HOUR, np.nan),
        "aircraft_last_delay": np.where(heard, last_delay, np.nan),
        "aircraft_last_dep_delay": np.where(departed, left["delay"], np.nan),
        "aircraft_last_arr_delay": np.where(arrived, came["delay"], np.nan),
        "aircraft_waits_since": np.where(waits & recent, asked_at - leg["due"], np.nan),
        "aircraft_slack": np.where(recent, due - back, np.nan),
    }


def _latest(events: pd.DataFrame, asked: pd.DataFrame, columns: list[str]) -> Columns:
    return by_column(History(events, ["tailnum"]).latest(asked, columns))
