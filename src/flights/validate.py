"""Checks the raw tables, and says everything that is wrong with them in one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pandera.pandas as pa

from flights.clock import OTHER_ZONES, add_instants, minutes_between
from flights.errors import DataError
from flights.raw import SHOWN, show_lines
from flights.schemas import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pandera.errors import SchemaError

# On the ground between gate and runway, both ends together: the law sends passengers back after
# three hours at one end.
LONGEST_TAXI = 6 * 60


def validate_tables(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Check each table by its schema, then the tables against each other.

    Parameters
    ----------
    tables
        The raw tables by name, indexed by line of their file.

    Returns
    -------
    pandas.DataFrame
        What was checked: ``table``, ``columns``, ``rule``, ``rows``.

    Raises
    ------
    DataError
        If anything is wrong: it names for each fault the table, the columns, how many rows, the
        first of their lines and values, and what to do.
    """
    faults = [fault for name, table in tables.items() for fault in _faults(name, table)]
    # Between tables only what is sound in itself can be compared.
    faults = faults or list(_faults_between(tables))
    if faults:
        advice = "Correct the lines in the raw files, or the rules in src/flights/schemas.py."
        raise DataError("\n".join(["The raw tables are not as they must be:", *faults, advice]))
    return pd.DataFrame(_rules(tables), columns=["table", "columns", "rule", "rows"])


def _faults(name: str, table: pd.DataFrame) -> Iterator[str]:
    """Say what a schema finds wrong."""
    if table.empty:
        yield f"- table {name!r}: there are no rows"
        return
    try:
        SCHEMAS[name].validate(table, lazy=True)
    except pa.errors.SchemaErrors as errors:
        for error in errors.schema_errors:
            yield _fault(name, table, error)


def _fault(name: str, table: pd.DataFrame, error: SchemaError) -> str:
    """Say one fault: Pandera's own text names neither the lines nor what to do."""
    if isinstance(error.check_output, pd.Series):
        # Without the rows whose value is missing.
        lines = error.check_output.index[~error.check_output]
        columns = error.check.title or error.schema.name
        says = error.check.error
    elif error.reason_code is pa.errors.SchemaErrorReason.SERIES_CONTAINS_NULLS:
        columns, says = error.schema.name, "must not be missing"
        lines = table.index[table[columns].isna()]
        return _say(name, columns, says, pd.Series("", lines, dtype=object))
    else:
        return f"- table {name!r}: {error}"
    return _say(name, columns, says, _values(table.loc[lines], columns))


def _values(rows: pd.DataFrame, columns: str) -> pd.Series:
    names = columns.split(", ")
    if len(names) == 1:
        return rows[names[0]]
    # Only what is shown is put together.
    values = [tuple(row) for row in rows[names].head(SHOWN).to_numpy(object)]
    return pd.Series(values + [None] * (len(rows) - len(values)), rows.index, dtype=object)


def _say(name: str, columns: str, says: str, values: pd.Series) -> str:
    rows = f"{len(values)} row{'s' if len(values) > 1 else ''}"
    return f"- table {name!r}, {columns}: {says}; {rows} not so: {show_lines(values)}"


def _faults_between(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Say where the tables contradict each other."""
    flights = tables["flights"]
    for says, columns, wrong in _between(tables):
        if wrong.any():
            yield _say("flights", columns, says, _values(flights[wrong], columns))


def _between(
    tables: Mapping[str, pd.DataFrame],
) -> Iterator[tuple[str, str, np.ndarray]]:
    """List the rules between tables: the words, the columns, and which flights break them."""
    flights, airports = tables["flights"], tables["airports"]
    known = ~flights["carrier"].isin(tables["airlines"]["carrier"])
    yield "must be in the table 'airlines'", "carrier", known.to_numpy()
    places = [*airports.loc[airports["tzone"].notna(), "faa"], *OTHER_ZONES]
    unplaced = ~flights["dest"].isin(places)
    yield "must have a time zone in the table 'airports'", "dest", unplaced.to_numpy()
    timed = add_instants(flights[~unplaced], airports)
    aloft = timed["air_time"].to_numpy(np.float64, na_value=np.nan)
    gate_to_gate = minutes_between(timed["departure"], timed["arrival"])
    taxi = gate_to_gate.to_numpy() - aloft
    wrong = np.zeros(len(flights), bool)
    wrong[~unplaced.to_numpy()] = (taxi < 0) | (taxi > LONGEST_TAXI)
    yield (
        "gate to gate by schedule and delays must be the time in the air and 0 to 6 hours",
        "sched_dep_time, dep_delay, sched_arr_time, arr_delay, air_time",
        wrong,
    )


def _rules(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, str, int]]:
    """List what was checked, for the reader."""
    for name, table in tables.items():
        for column, spec in SCHEMAS[name].columns.items():
            says = [check.error for check in spec.checks]
            says += [] if spec.nullable else ["must not be missing"]
            if says:
                yield name, str(column), "; ".join(says), len(table)
        for check in SCHEMAS[name].checks:
            yield name, check.title, check.error, len(table)
    for rule, columns, _ in _between(tables):
        yield "flights", columns, rule, len(tables["flights"])
