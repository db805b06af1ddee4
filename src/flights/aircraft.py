"""Where the aircraft of a flight was last heard of, and whether it can be back in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flights.clock import DAY
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
# Unloading, cleaning and boarding at the far end, in minutes.
TURNAROUND = 40
# After a day elsewhere the last flight from New York says nothing about this one.
STALE = DAY


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
    leg = _latest(events.legs, asked, ["due", "block"])
    left = _latest(events.departures, asked, ["due", "delay", "known_at"])
    came = _latest(events.arrivals, asked, ["due", "delay", "known_at"])
    asked_at, due = asked["asked_at"], asked["due"]
    recent = due - leg["due"] < STALE
    # An event belongs to the last leg if it was due when the leg was.
    has_left = left["due"] == leg["due"]
    has_come = came["due"] == leg["due"]
    leaves = left["known_at"].where(has_left, np.maximum(asked_at, leg["due"]))
    arrives = came["known_at"].where(has_come, leaves + leg["block"])
    back = np.maximum(arrives, asked_at.where(~has_come, arrives)) + TURNAROUND + leg["block"]
    unknown_wait = (asked_at - leg["due"]).where(~has_left & ~has_come)
    return pd.DataFrame(
        {
            "aircraft_hours_since_due": ((due - leg["due"]) / 60).where(due - leg["due"] < 3 * DAY),
            "aircraft_last_delay": came["delay"].where(has_come, left["delay"].where(has_left)),
            "aircraft_last_dep_delay": left["delay"].where(due - left["due"] < 3 * DAY),
            "aircraft_last_arr_delay": came["delay"].where(due - came["due"] < 3 * DAY),
            "aircraft_waits_since": unknown_wait.where(recent),
            "aircraft_slack": (due - back).where(recent),
        },
        index=asked.index,
    )


def _latest(events: pd.DataFrame, asked: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return History(events, ["tailnum"]).latest(asked, columns)
