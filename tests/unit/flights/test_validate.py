"""The schemas: sound tables pass, and each kind of fault is named with its lines."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from flights.errors import DataError
from flights.validate import validate_tables

Tables = dict[str, pd.DataFrame]


def test_sound_tables_pass(tables: Tables) -> None:
    """Nothing is raised; the rules are listed with the rows they were held against."""
    rules = validate_tables(tables)
    assert set(rules["table"]) == set(tables)
    assert set(rules.loc[rules["table"] == "flights", "rows"]) == {5}
    assert "must be in the table 'airlines'" in set(rules["rule"])


@pytest.mark.parametrize(
    ("table", "line", "changes", "says"),
    [
        ("flights", 2, {"month": 13}, "month: must be from 1 to 12; 1 row not so: line 2: 13"),
        ("flights", 3, {"sched_arr_time": 1260}, "sched_arr_time: must be a time of day as hhmm"),
        ("flights", 2, {"dep_delay": 9000}, "dep_delay: must be from -120 to 2880 minutes"),
        ("flights", 2, {"carrier": None}, "carrier: must not be missing; 1 row not so: line 2"),
        ("flights", 2, {"origin": "PHL"}, "origin: must be one of EWR, JFK, LGA"),
        ("flights", 2, {"tailnum": "n1"}, "tailnum: must be an aircraft registration"),
        ("flights", 2, {"time_hour": "2013-03-05"}, "time_hour: must be a full hour in UTC"),
        (
            "flights",
            2,
            {"time_hour": "2013-03-05T14:00:00Z"},
            "local date and hour of New York; 1 row not so: line 2: ('2013-03-05T14:00:00Z', 2013,",
        ),
        ("flights", 2, {"minute": 16}, "sched_dep_time, hour, minute: the scheduled time must be"),
        ("flights", 2, {"dep_delay": 6}, "departure must be schedule plus delay"),
        ("flights", 5, {"dep_time": 900}, "dep_time, dep_delay: must be given together"),
        ("flights", 6, {"arr_delay": 1}, "arr_delay, air_time: must be given together"),
        ("flights", 5, {"arr_time": 900}, "dep_time, arr_time: who arrived must have departed"),
        ("flights", 2, {"tailnum": None}, "dep_time, tailnum: who departed must have an aircraft"),
        ("flights", 2, {"dest": "JFK"}, "origin, dest: must be different airports"),
        ("flights", 3, {"distance": 12_000}, "distance, air_time: must come to 60 to 800 miles"),
        ("airports", 2, {"lat": 142.0}, "lat: must be from -90 to 90 degrees; 1 row not so"),
        ("airports", 2, {"tzone": "Mars/Base"}, "tzone: must be a time zone such as UTC"),
        ("airports", 2, {"faa": "ORD"}, "faa: must be unique; 2 rows not so: line 2: 'ORD', line"),
        ("planes", 2, {"year": 1899}, "year: must be from 1903 to 2013"),
        ("airlines", 2, {"carrier": "American"}, "carrier: must be a two-letter airline code"),
        ("weather", 2, {"wind_speed": 1048.4}, "wind_speed: must be from 0 to 254 miles per hour"),
        ("weather", 2, {"dewp": 60.0}, "temp, dewp: the dew point cannot be above"),
        ("weather", 2, {"wind_gust": 5.0}, "wind_speed, wind_gust: a gust cannot be slower"),
        (
            "weather",
            3,
            {"hour": 6, "time_hour": "2013-03-05T11:00:00Z"},
            "origin, time_hour: must be unique; 2 rows not so",
        ),
    ],
)
def test_a_fault_in_a_table_is_named(
    tables: Tables, table: str, line: int, changes: dict[str, object], says: str
) -> None:
    """Table, columns, rule, number of rows, line and value are in the message, and what to do."""
    for column, value in changes.items():
        tables[table].loc[line, column] = value
    with pytest.raises(DataError) as caught:
        validate_tables(tables)
    message = str(caught.value)
    assert f"table {table!r}, {says}" in message or says in message
    assert f"- table {table!r}" in message
    assert f"line {line}" in message
    assert "Correct the lines in the raw files" in message


@pytest.mark.parametrize(
    ("line", "changes", "says"),
    [
        (2, {"carrier": "ZZ"}, "carrier: must be in the table 'airlines'; 1 row not so: line 2"),
        (3, {"dest": "XXX"}, "dest: must have a time zone in the table 'airports'; 1 row not so"),
        (3, {"sched_arr_time": 1245}, "gate to gate by schedule and delays must be"),
    ],
)
def test_tables_that_contradict_each_other_are_named(
    tables: Tables, line: int, changes: dict[str, object], says: str
) -> None:
    """What is sound alone may be wrong beside another table."""
    for column, value in changes.items():
        tables["flights"].loc[line, column] = value
    with pytest.raises(DataError) as caught:
        validate_tables(tables)
    assert says in str(caught.value)
    assert f"line {line}: " in str(caught.value)


def test_all_faults_are_in_one_message(tables: Tables) -> None:
    """Nobody has to correct one fault to hear of the next."""
    tables["flights"].loc[2, "month"] = 13
    tables["weather"].loc[2, "humid"] = 101.0
    with pytest.raises(DataError) as caught:
        validate_tables(tables)
    assert "table 'flights', month" in str(caught.value)
    assert "table 'weather', humid" in str(caught.value)


def test_a_column_that_is_wrong_throughout(make_flights: Callable[..., pd.DataFrame]) -> None:
    """All rows are counted, the first few shown."""
    flights = make_flights(*({"due": "2013-03-05 08:15", "flight": n} for n in range(1, 9)))
    flights["hour"] += 1
    with pytest.raises(DataError) as caught:
        validate_tables({"flights": flights})
    (line,) = [line for line in str(caught.value).splitlines() if "hour, minute" in line]
    assert "8 rows not so" in line
    assert line.count("line ") == 5
    assert line.endswith(", ...")


def test_an_empty_table_is_a_fault(tables: Tables) -> None:
    """A table without rows would pass every rule."""
    tables["weather"] = tables["weather"].head(0)
    with pytest.raises(DataError, match="table 'weather': there are no rows"):
        validate_tables(tables)
