"""The weather at the origin as known when the question is asked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from flights.clock import HOUR, to_minutes
from flights.history import History

# An hour's observation can be read when the hour is over.
KNOWN_AFTER = HOUR
# An older observation says nothing: it counts as missing.
OLDEST = 6 * HOUR
OBSERVED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "pressure", "visib")
WEATHER = [
    *(f"weather_{name}" for name in OBSERVED),
    "weather_pressure_change_3h",
    "weather_visib_change_3h",
    "weather_rain_1h",
    "weather_rain_6h",
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
    fresh = asked["asked_at"] - now["known_at"] <= OLDEST
    now = now[list(OBSERVED)].where(fresh)
    before = asked.assign(asked_at=asked["asked_at"] - 3 * HOUR)
    then = history.latest(before, ["pressure", "visib"]).where(fresh)
    features = now.add_prefix("weather_")
    features["weather_pressure_change_3h"] = now["pressure"] - then["pressure"]
    features["weather_visib_change_3h"] = now["visib"] - then["visib"]
    for hours in (1, 6):
        _, rain = history.window(asked, "rain", hours * HOUR)
        features[f"weather_rain_{hours}h"] = np.where(fresh, rain / HUNDREDTHS, np.nan)
    return features
