"""The weather: an hour's observation is known when the hour is over."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from flights.clock import NEW_YORK, to_minutes
from flights.weather import WEATHER, weather_features

Make = Callable[..., pd.DataFrame]
HOURS = ["2013-03-05 06:00", "2013-03-05 07:00", "2013-03-05 08:00", "2013-03-05 09:00"]


def ask(*times: str, origin: str = "JFK") -> pd.DataFrame:
    instants = pd.Series([pd.Timestamp(time, tz=NEW_YORK) for time in times])
    return pd.DataFrame({"asked_at": to_minutes(instants), "origin": origin})


@pytest.fixture
def weather(make_weather: Make) -> pd.DataFrame:
    """Return four hours in which it gets colder and begins to rain."""
    return make_weather(
        HOURS,
        temp=[50.0, 49.0, 48.0, 47.0],
        precip=[0.0, 0.1, 0.25, 0.0],
        pressure=[1010.0, 1009.0, np.nan, 1004.0],
        visib=[10.0, 9.0, 4.0, 2.0],
        wind_gust=[np.nan, 20.0, 25.0, np.nan],
    )


def test_the_hour_has_to_be_over(weather: pd.DataFrame) -> None:
    """At 8:59 the last that is known is the hour that began at 7:00."""
    found = weather_features(ask("2013-03-05 08:59", "2013-03-05 09:00"), weather)
    assert list(found.columns) == WEATHER
    assert found["weather_temp"].to_list() == [49.0, 48.0]
    assert found["weather_rain_1h"].to_list() == [0.1, 0.25]


def test_nothing_is_known_before_the_first_hour_and_long_after_the_last(
    weather: pd.DataFrame,
) -> None:
    """Before any observation, after six hours without one, or elsewhere: all is missing."""
    times = ask("2013-03-05 06:59", "2013-03-05 16:01")
    for asked in (times, ask("2013-03-05 09:00", origin="LGA")):
        assert weather_features(asked, weather).isna().all(axis=None)
    assert weather_features(ask("2013-03-05 16:00"), weather)["weather_temp"].to_list() == [47.0]


def test_trends(weather: pd.DataFrame) -> None:
    """Changes over three hours, sums of one and of six, missing where an end is missing."""
    found = weather_features(ask("2013-03-05 10:00", "2013-03-05 09:00"), weather)
    assert found["weather_pressure_change_3h"][0] == -6.0
    assert np.isnan(found["weather_pressure_change_3h"][1])
    assert found["weather_visib_change_3h"][0] == -8.0
    assert found["weather_rain_1h"].to_list() == [0.0, 0.25]
    assert found["weather_rain_6h"].to_list() == [0.35, 0.35]


def test_no_gust_is_the_wind(weather: pd.DataFrame) -> None:
    """Where no gust was noted, gusts were no stronger than the wind."""
    found = weather_features(ask("2013-03-05 07:00", "2013-03-05 08:00"), weather)
    assert found["weather_wind_gust"].to_list() == [10.0, 20.0]
