"""The tables that serving looks into: what features need of the past, one row a change.

A mean over the last hours is the difference of two sums, one as it was known when the question is
asked and one as it was known hours before. So a table of sums, looked up twice, stands for all
windows; sums of whole numbers are exact, and so are their differences.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from flights.clock import from_minutes
from flights.features import TIMETABLE, requests, timetable
from flights.rolling import ROLLING
from flights.tables import EventTables
from flights.weather import OBSERVED, observations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd


def sums_name(of: str, by: Sequence[str]) -> str:
    """Name the table of sums of an event table by a key.

    Parameters
    ----------
    of
        The event table.
    by
        The key.

    Returns
    -------
    str
        Such as ``arrivals_by_carrier_dest``.
    """
    return f"{of}_by_{'_'.join(by) or 'all'}"


def summed() -> dict[tuple[str, tuple[str, ...]], tuple[list[str], list[int]]]:
    """List the sums that the declared statistics need.

    Returns
    -------
    dict
        By event table and key: the columns, and the windows in minutes.
    """
    ordered = sorted(ROLLING, key=lambda each: (each.of, each.by))
    return {
        key: (sorted({each.value for each in group}), sorted({each.minutes for each in group}))
        for key, rows in groupby(ordered, key=lambda each: (each.of, each.by))
        for group in [list(rows)]
    }


def lookup_tables(
    tables: Mapping[str, pd.DataFrame], late_after_minutes: float, hours_before_departure: float
) -> dict[str, pd.DataFrame]:
    """Make the tables that `flights.feature_views` declares.

    Parameters
    ----------
    tables
        The raw tables by name; the flights with their instants.
    late_after_minutes
        From how many minutes on a delay counts as late.
    hours_before_departure
        When the question is asked.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name. Where values become known, ``known_at`` says when, in UTC.
    """
    events = EventTables.of(tables["flights"], late_after_minutes)
    return {
        **_beforehand(tables, hours_before_departure),
        "legs": _dated(events.legs[["known_at", "tailnum", "due", "block"]]),
        "left": _moved(events.departures),
        "came": _moved(events.arrivals),
        **_weather(tables["weather"]),
        **{
            sums_name(of, by): _sums(getattr(events, of), by, values)
            for (of, by), (values, _) in summed().items()
        },
    }


def _beforehand(
    tables: Mapping[str, pd.DataFrame], hours_before_departure: float
) -> dict[str, pd.DataFrame]:
    """Make the tables of what is public long before anybody asks."""
    flights = tables["flights"]
    asked = requests(flights, hours_before_departure)
    due = asked[["origin", "scheduled_departure"]].join(timetable(asked, flights)[TIMETABLE])
    routes = flights.groupby(["origin", "dest"])[["distance"]].min().reset_index()
    return {
        "planes": tables["planes"][["tailnum", "year", "seats"]],
        "airports": tables["airports"][["faa", "lat", "lon"]].rename(columns={"faa": "dest"}),
        "routes": routes,
        "timetable": due.drop_duplicates(["origin", "scheduled_departure"], ignore_index=True),
    }


def _moved(events: pd.DataFrame) -> pd.DataFrame:
    found = events[["known_at", "tailnum", "due", "delay"]].assign(at=events["known_at"])
    return _dated(found)


def _weather(weather: pd.DataFrame) -> dict[str, pd.DataFrame]:
    events = observations(weather)
    seen = events[["known_at", "origin", *OBSERVED]].assign(at=events["known_at"])
    return {"weather": _dated(seen), "rain": _sums(events, ("origin",), ["rain"])}


def _sums(events: pd.DataFrame, by: tuple[str, ...], values: list[str]) -> pd.DataFrame:
    """Sum up what is known: of each key one row a minute in which something became known."""
    events = events.dropna(subset=list(by)).sort_values("known_at", kind="stable")
    counted = events[["known_at", *by, *values]].assign(events=1)
    columns = ["events", *values]
    sums = counted[columns].cumsum()
    if by:
        sums = counted.groupby(list(by))[columns].cumsum()
    found = counted[["known_at", *by]].join(sums)
    return _dated(found.drop_duplicates(["known_at", *by], keep="last"))


def _dated(events: pd.DataFrame) -> pd.DataFrame:
    """Give the events instants in the place of minutes."""
    known_at = from_minutes(events["known_at"].to_numpy())
    return events.assign(known_at=known_at).reset_index(drop=True)
