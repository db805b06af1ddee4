"""Event tables: what happened, and the minute when it could be known.

Everything that features may say about the past passes through one of these tables. Nobody knows a
departure's delay before the departure, nor an arrival's before the arrival; a flight that is long
past its time without having left is known to be overdue, whether it will leave or be cancelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flights.clock import to_minutes

if TYPE_CHECKING:
    import numpy.typing as npt

KEYS = ["carrier", "flight", "tailnum", "origin", "dest"]
# One flight that is delayed until tomorrow says little about the others: delays count up to this.
LONGEST_DELAY = 180
# A flight is called overdue this many minutes after its time.
OVERDUE_AFTER = 15


def departures(flights: pd.DataFrame, late_after_minutes: float) -> pd.DataFrame:
    """List the departures, each known when the aircraft left.

    Parameters
    ----------
    flights
        Flights with their instants (see `flights.clock.add_instants`).
    late_after_minutes
        From how many minutes on a delay counts as late.

    Returns
    -------
    pandas.DataFrame
        ``known_at``, the keys, ``delay`` and ``late``.
    """
    left = flights[flights["departure"].notna()]
    events = _delays(left, "departure", "dep_delay", late_after_minutes)
    return _ordered(events, left)


def arrivals(flights: pd.DataFrame, late_after_minutes: float) -> pd.DataFrame:
    """List the arrivals, each known when the aircraft arrived.

    Parameters
    ----------
    flights
        Flights with their instants.
    late_after_minutes
        From how many minutes on a delay counts as late.

    Returns
    -------
    pandas.DataFrame
        ``known_at``, the keys, ``delay``, ``late``; ``gained``, the minutes made up on the way;
        ``travel``, the minutes from departure to arrival.
    """
    came = flights[flights["arrival"].notna()]
    events = _delays(came, "arrival", "arr_delay", late_after_minutes)
    events["gained"] = _float(came["dep_delay"]) - _float(came["arr_delay"])
    events["travel"] = to_minutes(came["arrival"]) - to_minutes(came["departure"])
    return _ordered(events, came)


def overdue(flights: pd.DataFrame) -> pd.DataFrame:
    """List when flights became overdue, and when those that did left after all.

    Parameters
    ----------
    flights
        Flights with their instants.

    Returns
    -------
    pandas.DataFrame
        ``known_at``, the keys, and ``waiting``: 1 when a flight becomes overdue, -1 when it
        leaves. The sum over all events known by an instant counts the flights that wait then,
        the sum over a window says how much their number has grown in it. A cancelled flight
        waits for ever, since the source does not say when it was cancelled.
    """
    due = to_minutes(flights["scheduled_departure"]) + OVERDUE_AFTER
    waits = ~(_float(flights["dep_delay"]) <= OVERDUE_AFTER)
    leaves = waits & flights["departure"].notna().to_numpy()
    became = flights.loc[waits, KEYS].assign(known_at=due[waits], waiting=1)
    left = flights.loc[leaves, KEYS]
    left = left.assign(known_at=to_minutes(flights.loc[leaves, "departure"]), waiting=-1)
    return pd.concat([became, left], ignore_index=True)


def legs(flights: pd.DataFrame) -> pd.DataFrame:
    """List the flights that were due to leave, each known when it was due.

    Parameters
    ----------
    flights
        Flights with their instants.

    Returns
    -------
    pandas.DataFrame
        ``known_at``, the keys, and the schedule in minutes: ``due`` to leave, ``block`` from
        departure to arrival. Nothing of what became of the flight.
    """
    due = to_minutes(flights["scheduled_departure"])
    block = to_minutes(flights["scheduled_arrival"]) - due
    events = flights[KEYS].assign(known_at=due, due=due, block=block)
    return _ordered(events, flights)


def _delays(
    flights: pd.DataFrame, instant: str, delay: str, late_after_minutes: float
) -> pd.DataFrame:
    minutes = _float(flights[delay])
    return flights[KEYS].assign(
        known_at=to_minutes(flights[instant]),
        due=to_minutes(flights["scheduled_departure"]),
        delay=np.minimum(minutes, LONGEST_DELAY),
        late=(minutes > late_after_minutes).astype(np.int64),
    )


def _float(values: pd.Series) -> npt.NDArray[np.float64]:
    return values.to_numpy(np.float64, na_value=np.nan)


def _ordered(events: pd.DataFrame, flights: pd.DataFrame) -> pd.DataFrame:
    """Settle which of two events of the same minute is the later one: by schedule, then number."""
    order = np.lexsort((flights["flight"], flights["carrier"], events["known_at"]))
    return events.iloc[order].reset_index(drop=True)
