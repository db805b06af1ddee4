"""The weather at the origin as known when the question is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flights.clock import HOUR, to_minutes
from flights.columns import by_column
from flights.history import History

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from flights.columns import Columns, Floats

# An hour's observation can be read when the hour is over.
KNOWN_AFTER = HOUR
# An older observation says nothing: it counts as missing.
OLDEST = 6 * HOUR
OBSERVED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "pressure", "visib")
# What is compared with three hours ago.
CHANGING = ["pressure", "visib"]
TREND = 3 * HOUR
RAIN_HOURS = (1, 6)
WEATHER = [
    *(f"weather_{name}" for name in OBSERVED),
    *(f"weather_{name}_change_3h" for name in CHANGING),
    *(f"weather_rain_{hours}h" for hours in RAIN_HOURS),
]
# What the sums of the last hours are made of; hundredths of an inch are whole numbers.
HUNDREDTHS = 100


def observations(weather: pd.DataFrame) -> pd.DataFrame:
    """List the hourly observations, each known when its hour was over.

    Parameters
    ----------
    weather
        The raw table of the weather.

    Returns
    -------
    pandas.DataFrame
        ``known_at``, ``origin``, and what was observed.
    """
    hour = to_minutes(pd.to_datetime(weather["time_hour"], utc=True))
    rain = (weather["precip"] * HUNDREDTHS).round().fillna(0)
    events = weather[["origin", *OBSERVED]].assign(known_at=hour + KNOWN_AFTER, rain=rain)
    # No gust in the table means that there was none worth noting.
    return events.assign(wind_gust=events["wind_gust"].fillna(events["wind_speed"]))


def weather_features(asked: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """Look up the last observation and the trend of the hours before it.

    Parameters
    ----------
    asked
        One row a request: ``asked_at`` in minutes, and ``origin``.
    weather
        The raw table of the weather.

    Returns
    -------
    pandas.DataFrame
        One column a feature, with the index of the requests.
    """
    events = observations(weather)
    history = History(events, ["origin"])
    now = history.latest(asked, ["known_at", *OBSERVED])
    before = asked.assign(asked_at=asked["asked_at"] - TREND)
    then = history.latest(before, CHANGING)
    rain = {hours: history.window(asked, "rain", hours * HOUR)[1] for hours in RAIN_HOURS}
    fresh = (asked["asked_at"] - now["known_at"] <= OLDEST).to_numpy()
    state = weather_state(by_column(now), by_column(then), rain, fresh)
    return pd.DataFrame(state, index=asked.index)


def weather_state(
    now: Columns, then: Columns, rain: Mapping[int, Floats], fresh: npt.NDArray[np.bool_]
) -> dict[str, Floats]:
    """Describe the weather by what was looked up of it, row by row.

    Parameters
    ----------
    now
        ``OBSERVED`` as last known.
    then
        ``CHANGING`` as known three hours before asking.
    rain
        By hours: hundredths of an inch that became known in them.
    fresh
        Whether the last observation is young enough to count.

    Returns
    -------
    dict of str to numpy.ndarray
        By feature.
    """
    found = {f"weather_{name}": now[name] for name in OBSERVED}
    found |= {f"weather_{name}_change_3h": now[name] - then[name] for name in CHANGING}
    found |= {f"weather_rain_{hours}h": rain[hours] / HUNDREDTHS for hours in RAIN_HOURS}
    return {name: np.where(fresh, values, np.nan) for name, values in found.items()}
