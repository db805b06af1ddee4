"""The delay history: means over the last hours and days, one declaration a feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flights.clock import DAY, HOUR
from flights.history import History

if TYPE_CHECKING:
    import numpy.typing as npt

    from flights.tables import EventTables


@dataclass(frozen=True)
class Rolling:
    """A statistic of the events of one key that became known in a window before asking.

    Parameters
    ----------
    name
        The feature's name.
    of
        The event table.
    by
        The key.
    value
        The column.
    minutes
        The window's length.
    total
        Whether to take the sum; else the mean, which is missing where there is no event.
    of_block
        Whether to take what the mean leaves of the time that the request's schedule allows.
    """

    name: str
    of: str
    by: tuple[str, ...]
    value: str
    minutes: int
    total: bool = False
    of_block: bool = False


ROLLING = (
    Rolling("origin_dep_delay_1h", "departures", ("origin",), "delay", HOUR),
    Rolling("origin_dep_delay_3h", "departures", ("origin",), "delay", 3 * HOUR),
    Rolling("origin_dep_late_1h", "departures", ("origin",), "late", HOUR),
    Rolling("origin_overdue_change_2h", "overdue", ("origin",), "waiting", 2 * HOUR, total=True),
    Rolling("origin_overdue_change_6h", "overdue", ("origin",), "waiting", 6 * HOUR, total=True),
    Rolling("origin_overdue_change_1d", "overdue", ("origin",), "waiting", DAY, total=True),
    Rolling("dest_overdue_change_6h", "overdue", ("dest",), "waiting", 6 * HOUR, total=True),
    Rolling("carrier_overdue_change_6h", "overdue", ("carrier",), "waiting", 6 * HOUR, total=True),
    Rolling("all_overdue_change_6h", "overdue", (), "waiting", 6 * HOUR, total=True),
    Rolling("all_overdue_change_1d", "overdue", (), "waiting", DAY, total=True),
    Rolling("all_dep_delay_2h", "departures", (), "delay", 2 * HOUR),
    Rolling("carrier_origin_dep_delay_3h", "departures", ("carrier", "origin"), "delay", 3 * HOUR),
    Rolling("carrier_dep_delay_6h", "departures", ("carrier",), "delay", 6 * HOUR),
    Rolling("dest_dep_delay_3h", "departures", ("dest",), "delay", 3 * HOUR),
    Rolling("dest_arr_delay_3h", "arrivals", ("dest",), "delay", 3 * HOUR),
    Rolling("dest_arr_delay_8h", "arrivals", ("dest",), "delay", 8 * HOUR),
    Rolling("all_arr_delay_3h", "arrivals", (), "delay", 3 * HOUR),
    Rolling("all_arr_late_1d", "arrivals", (), "late", DAY),
    Rolling("all_gained_12h", "arrivals", (), "gained", 12 * HOUR),
    Rolling("dest_gained_1d", "arrivals", ("dest",), "gained", DAY),
    Rolling("dest_arr_late_14d", "arrivals", ("dest",), "late", 14 * DAY),
    Rolling("carrier_arr_late_7d", "arrivals", ("carrier",), "late", 7 * DAY),
    Rolling("carrier_dest_arr_late_28d", "arrivals", ("carrier", "dest"), "late", 28 * DAY),
    Rolling("carrier_dest_gained_28d", "arrivals", ("carrier", "dest"), "gained", 28 * DAY),
    Rolling("flight_arr_late_28d", "arrivals", ("carrier", "flight", "dest"), "late", 28 * DAY),
    Rolling("flight_arr_delay_28d", "arrivals", ("carrier", "flight", "dest"), "delay", 28 * DAY),
    Rolling("flight_gained_28d", "arrivals", ("carrier", "flight", "dest"), "gained", 28 * DAY),
    Rolling("spare_3d", "arrivals", ("origin", "dest"), "travel", 3 * DAY, of_block=True),
    Rolling("spare_28d", "arrivals", ("origin", "dest"), "travel", 28 * DAY, of_block=True),
)


def rolling_features(
    asked: pd.DataFrame, events: EventTables, declared: tuple[Rolling, ...] = ROLLING
) -> pd.DataFrame:
    """Compute the declared statistics.

    Parameters
    ----------
    asked
        Requests: ``asked_at`` and ``block`` in minutes, and the keys.
    events
        The event tables.
    declared
        What to compute.

    Returns
    -------
    pandas.DataFrame
        One column a declaration, with the index of the requests.
    """
    histories: dict[tuple[str, tuple[str, ...]], History] = {}
    features: dict[str, np.ndarray] = {}
    for feature in declared:
        key = (feature.of, feature.by)
        if key not in histories:
            histories[key] = History(getattr(events, feature.of), feature.by)
        count, total = histories[key].window(asked, feature.value, feature.minutes)
        features[feature.name] = statistic(feature, count, total, asked["block"].to_numpy())
    return pd.DataFrame(features, index=asked.index)


def statistic(
    feature: Rolling,
    count: npt.NDArray[np.float64],
    total: npt.NDArray[np.float64],
    block: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Make a declared statistic of the events in its window, row by row.

    Parameters
    ----------
    feature
        The declaration.
    count, total
        How many events, and the sum of their values.
    block
        The minutes that each request's schedule allows.

    Returns
    -------
    numpy.ndarray
        One value a request.
    """
    mean = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    value = total if feature.total else mean
    return block - value if feature.of_block else value
