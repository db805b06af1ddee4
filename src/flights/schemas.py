"""What must hold in each raw table, written by hand; bounds come from the domain, not the sample.

A check's `title` names the columns that it looks at, its `error` says what must hold: both go into
the message (see `flights.validate`). Most frame-wide checks compare what the source says twice:
two columns that were swapped, shifted or scaled agree with nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import pandas as pd
import pandera.pandas as pa

from flights.clock import DAY, HOUR, NEW_YORK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

# New York City's airports.
ORIGINS = ("EWR", "JFK", "LGA")


def _rule(holds: Callable[[pd.DataFrame], pd.Series], columns: str, says: str) -> pa.Check:
    # Where a value is missing nothing can be compared: that is for the columns' own checks to say.
    return pa.Check(
        lambda table: holds(table).fillna(value=True).astype(bool),
        title=columns,
        error=says,
        # Pandera would spell out every failing cell: minutes where a whole column is wrong.
        n_failure_cases=1,
    )


def _between(low: float, high: float, unit: str = "") -> pa.Check:
    return pa.Check.in_range(low, high, error=f"must be from {low} to {high} {unit}".strip())


def _one_of(values: Collection[str], says: str) -> pa.Check:
    return pa.Check.isin(values, error=f"must be {says}")


def _matches(pattern: str, says: str) -> pa.Check:
    compiled = re.compile(pattern)
    return pa.Check(lambda values: values.str.fullmatch(compiled), error=f"must be {says}")


def _unique(*columns: str) -> pa.Check:
    return _rule(
        lambda table: ~table.duplicated(list(columns), keep=False),
        ", ".join(columns),
        "must be unique",
    )


def _clock_time() -> pa.Check:
    # Midnight is written 0 or 2400; 1260 is a time that no clock shows.
    return pa.Check(
        lambda values: values.between(0, 2400) & (values % 100 < HOUR),
        error="must be a time of day as hhmm, from 0 to 2400",
    )


def _hour_is_local(table: pd.DataFrame) -> pd.Series:
    """Compare the UTC hour with the local date and hour beside it."""
    local = pd.to_datetime(table["time_hour"], utc=True, errors="coerce").dt.tz_convert(NEW_YORK)
    same = local.dt.year == table["year"]
    for part in ("month", "day", "hour"):
        same &= getattr(local.dt, part) == table[part]
    return same


def _minutes(clock: pd.Series) -> pd.Series:
    return clock // 100 * HOUR + clock % 100


def _departs_as_delayed(flights: pd.DataFrame) -> pd.Series:
    """Compare the time of departure with schedule and delay; a delay may pass midnight."""
    expected = (_minutes(flights["sched_dep_time"]) + flights["dep_delay"]) % DAY
    return _minutes(flights["dep_time"]) % DAY == expected


def _together(one: str, other: str) -> pa.Check:
    return _rule(
        lambda table: table[one].isna() == table[other].isna(),
        f"{one}, {other}",
        "must be given together or not at all",
    )


LOCAL_HOUR = _rule(
    _hour_is_local,
    "time_hour, year, month, day, hour",
    "the hour in UTC must be the local date and hour of New York",
)
CALENDAR = {
    "year": pa.Column("Int64", pa.Check.eq(2013, error="must be 2013")),
    "month": pa.Column("Int64", _between(1, 12)),
    "day": pa.Column("Int64", _between(1, 31)),
    "hour": pa.Column("Int64", _between(0, 23)),
    "time_hour": pa.Column(
        "str", _matches(r"\d{4}-\d\d-\d\dT\d\d:00:00Z", "a full hour in UTC, YYYY-MM-DDThh:00:00Z")
    ),
}
CARRIER = _matches("[A-Z0-9]{2}", "a two-letter airline code")
AIRPORT = _matches("[A-Z0-9]{3}", "a three-letter airport code")
# A registration: N and up to five more for the United States; others come as they are painted.
TAIL = _matches("[A-Z][A-Z0-9]{1,6}", "an aircraft registration")
ORIGIN = _one_of(ORIGINS, f"one of {', '.join(ORIGINS)}")

FLIGHTS = pa.DataFrameSchema(
    {
        **CALENDAR,
        "minute": pa.Column("Int64", _between(0, 59)),
        "sched_dep_time": pa.Column("Int64", _clock_time()),
        "sched_arr_time": pa.Column("Int64", _clock_time()),
        "dep_time": pa.Column("Int64", _clock_time(), nullable=True),
        "arr_time": pa.Column("Int64", _clock_time(), nullable=True),
        # Nobody leaves two hours early; after two days an airline flies under a new number.
        "dep_delay": pa.Column("Int64", _between(-120, 2880, "minutes"), nullable=True),
        "arr_delay": pa.Column("Int64", _between(-240, 2880, "minutes"), nullable=True),
        # No airliner stays up for a whole day.
        "air_time": pa.Column("Int64", _between(5, 1200, "minutes"), nullable=True),
        # The antipodes are 12,450 miles away.
        "distance": pa.Column("Int64", _between(10, 12_450, "miles")),
        "carrier": pa.Column("str", CARRIER),
        "flight": pa.Column("Int64", _between(1, 9999)),
        "tailnum": pa.Column("str", TAIL, nullable=True),
        "origin": pa.Column("str", ORIGIN),
        "dest": pa.Column("str", AIRPORT),
    },
    checks=[
        LOCAL_HOUR,
        _rule(
            lambda flights: flights["sched_dep_time"] == flights["hour"] * 100 + flights["minute"],
            "sched_dep_time, hour, minute",
            "the scheduled time must be its hour and minute",
        ),
        _rule(
            _departs_as_delayed,
            "sched_dep_time, dep_delay, dep_time",
            "departure must be schedule plus delay",
        ),
        _together("dep_time", "dep_delay"),
        _together("arr_delay", "air_time"),
        _rule(
            lambda flights: flights["dep_time"].notna() | flights["arr_time"].isna(),
            "dep_time, arr_time",
            "who arrived must have departed",
        ),
        _rule(
            lambda flights: flights["tailnum"].notna() | flights["dep_time"].isna(),
            "dep_time, tailnum",
            "who departed must have an aircraft",
        ),
        _rule(
            lambda flights: flights["origin"] != flights["dest"],
            "origin, dest",
            "must be different airports",
        ),
        # From a crawl into a gale to a jet with the jet stream behind it, in miles per hour.
        _rule(
            lambda flights: (flights["distance"] / flights["air_time"] * 60).between(60, 800),
            "distance, air_time",
            "must come to 60 to 800 miles per hour",
        ),
        # An airline uses a flight number once a day from one airport.
        _unique("year", "month", "day", "carrier", "flight", "origin"),
    ],
)

AIRPORTS = pa.DataFrameSchema(
    {
        "faa": pa.Column("str", AIRPORT),
        "name": pa.Column("str"),
        "lat": pa.Column("float64", _between(-90, 90, "degrees")),
        "lon": pa.Column("float64", _between(-180, 180, "degrees")),
        # From below the Dead Sea's shore to above the highest airport of all.
        "alt": pa.Column("Int64", _between(-1500, 15_000, "feet")),
        "tz": pa.Column("Int64", _between(-12, 14, "hours")),
        "dst": pa.Column("str", _one_of(("A", "N", "U"), "A, N or U")),
        "tzone": pa.Column(
            "str",
            _one_of(available_timezones(), "a time zone such as UTC"),
            nullable=True,
        ),
    },
    checks=[_unique("faa")],
)

PLANES = pa.DataFrameSchema(
    {
        "tailnum": pa.Column("str", TAIL),
        # Powered flight began in 1903; an aircraft of 2013 was built by then.
        "year": pa.Column("Int64", _between(1903, 2013), nullable=True),
        "type": pa.Column("str"),
        "manufacturer": pa.Column("str"),
        "model": pa.Column("str"),
        "engines": pa.Column("Int64", _between(1, 8)),
        # An A380 with a single class could take 853.
        "seats": pa.Column("Int64", _between(1, 853)),
        "speed": pa.Column("Int64", _between(30, 1400, "miles per hour"), nullable=True),
        "engine": pa.Column("str"),
    },
    checks=[_unique("tailnum")],
)

AIRLINES = pa.DataFrameSchema(
    {"carrier": pa.Column("str", CARRIER), "name": pa.Column("str")},
    checks=[_unique("carrier")],
)

WEATHER = pa.DataFrameSchema(
    {
        **CALENDAR,
        "origin": pa.Column("str", ORIGIN),
        # Colder than any night and hotter than any day that New York has had.
        "temp": pa.Column("float64", _between(-40, 120, "degrees Fahrenheit"), nullable=True),
        "dewp": pa.Column("float64", _between(-60, 95, "degrees Fahrenheit"), nullable=True),
        "humid": pa.Column("float64", _between(0, 100, "per cent"), nullable=True),
        "wind_dir": pa.Column("float64", _between(0, 360, "degrees"), nullable=True),
        # No wind on the ground outside of a tornado has passed 254 miles per hour.
        "wind_speed": pa.Column("float64", _between(0, 254, "miles per hour"), nullable=True),
        "wind_gust": pa.Column("float64", _between(0, 254, "miles per hour"), nullable=True),
        # The wettest hour on record anywhere brought 12 inches.
        "precip": pa.Column("float64", _between(0, 12, "inches")),
        # The lowest and the highest pressure ever measured at sea level.
        "pressure": pa.Column("float64", _between(870, 1085, "millibars"), nullable=True),
        # The instrument sees no farther.
        "visib": pa.Column("float64", _between(0, 10, "miles")),
    },
    checks=[
        LOCAL_HOUR,
        _rule(
            lambda weather: ~(weather["dewp"] > weather["temp"] + 0.5),
            "temp, dewp",
            "the dew point cannot be above the temperature",
        ),
        _rule(
            lambda weather: ~(weather["wind_gust"] < weather["wind_speed"]),
            "wind_speed, wind_gust",
            "a gust cannot be slower than the wind",
        ),
        _unique("origin", "time_hour"),
    ],
)

SCHEMAS = {
    "flights": FLIGHTS,
    "airports": AIRPORTS,
    "planes": PLANES,
    "airlines": AIRLINES,
    "weather": WEATHER,
}
