"""Known errors of the source: single values that cannot be true, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Erratum:
    """One value that is taken out.

    Parameters
    ----------
    table, column
        Where it stands.
    row
        Values of the row's key columns.
    value
        What stands there: a corrected source is left alone.
    reason
        Why it cannot be true.
    """

    table: str
    column: str
    row: tuple[tuple[str, str], ...]
    value: float
    reason: str


ERRATA = (
    Erratum(
        "weather",
        "wind_speed",
        (("origin", "EWR"), ("time_hour", "2013-02-12T08:00:00Z")),
        1048.36058,
        "Over 1000 miles per hour, 9 to 21 in the hours around it: a digit too many.",
    ),
)


def mend(name: str, table: pd.DataFrame) -> tuple[pd.DataFrame, list[Erratum]]:
    """Set the known errors of a table to missing.

    Parameters
    ----------
    name
        The table's name.
    table
        The raw table.

    Returns
    -------
    tuple
        The table, and the errata that were found in it.
    """
    found = []
    table = table.copy()
    for erratum in ERRATA:
        if erratum.table != name:
            continue
        wrong = table[erratum.column] == erratum.value
        for column, value in erratum.row:
            wrong &= table[column] == value
        if wrong.any():
            table.loc[wrong, erratum.column] = np.nan
            found.append(erratum)
    return table, found
