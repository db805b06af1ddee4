"""Where the aircraft of a flight was last heard of, and whether it can be back in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flights.clock import DAY, HOUR
from flights.history import History

if TYPE_CHECKING:
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
    return aircraft_state(
        asked,
        _latest(events.legs, asked, LEG),
        _latest(events.departures, asked, MOVED),
        _latest(events.arrivals, asked, MOVED),
    )


def aircraft_state(
    asked: pd.DataFrame, leg: pd.DataFrame, left: pd.DataFrame, came: pd.DataFrame
) -> pd.DataFrame:
    """Say from its last events where each request's aircraft is, row by row.

    Parameters
    ----------
    asked
        One row a request: ``asked_at`` and ``due`` in minutes.
    leg, left, came
        The last leg that was due, the last departure and the last arrival known at the time of
        asking; missing where there is none.

    Returns
    -------
    pandas.DataFrame
        One column a feature, with the index of the requests.
    """
    asked_at, due = asked["asked_at"], asked["due"]
    age = due - leg["due"]
    # An event belongs to the last leg if it was due when the leg was.
    has_left, has_come = left["due"] == leg["due"], came["due"] == leg["due"]
    waits = ~has_left & ~has_come
    # What is not known to have happened by the time of asking happens then at the earliest.
    leaves = left["known_at"].where(has_left, np.maximum(asked_at, leg["due"]))
    expected = np.maximum(leaves + leg["block"], asked_at)
    back = came["known_at"].where(has_come, expected) + TURNAROUND + leg["block"]
    last_delay = came["delay"].where(has_come, left["delay"].where(has_left))
    return pd.DataFrame(
        {
            "aircraft_hours_since_due": (age / HOUR).where(age < HEARD_WITHIN),
            "aircraft_last_delay": last_delay.where(age < HEARD_WITHIN),
            "aircraft_last_dep_delay": left["delay"].where(due - left["due"] < HEARD_WITHIN),
            "aircraft_last_arr_delay": came["delay"].where(due - came["due"] < HEARD_WITHIN),
            "aircraft_waits_since": (asked_at - leg["due"]).where(waits & (age < BACK_WITHIN)),
            "aircraft_slack": (due - back).where(age < BACK_WITHIN),
        },
        index=asked.index,
    )


def _latest(events: pd.DataFrame, asked: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return History(events, ["tailnum"]).latest(asked, columns)
