"""Raw files: read with their types, or refused with table, column and lines."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from flights.errors import DataError
from flights.raw import AIRLINES, AIRPORTS, FLIGHTS, first_days, read_raw, sha256, source_folder

HEADER = "faa,name,lat,lon,alt,tz,dst,tzone\n"
BOSTON = "BOS,Logan,42.4,-71.0,20,-5,A,America/New_York\n"


def write(folder: Path, text: str) -> Path:
    (folder / "airports.csv").write_text(text, encoding="utf-8")
    return folder


def test_types_and_lines(tmp_path: Path) -> None:
    """Whole numbers stay whole beside missing ones, NA is missing, the index is the line."""
    folder = write(tmp_path, HEADER + BOSTON + "XYZ,Field,1.5,2,NA,-6,A,NA\n")
    table = read_raw(AIRPORTS, folder)
    assert table.index.to_list() == [2, 3]
    assert table["alt"].to_list() == [20, pd.NA]
    assert table["alt"].dtype == "Int64"
    assert table["lon"].to_list() == [-71.0, 2.0]
    assert table["tzone"].isna().to_list() == [False, True]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Table, file and folder are in the message."""
    with pytest.raises(DataError, match=r"'airlines': there is no file airlines\.csv in "):
        read_raw(AIRLINES, tmp_path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    """The message names the columns that lack, and those that are there."""
    folder = write(tmp_path, "faa,name,lat,lon,alt,tz,dst\n")
    with pytest.raises(DataError, match=r"'airports'.*no column 'tzone'; it has 'faa', 'name'"):
        read_raw(AIRPORTS, folder)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\xff\xfe\x00"])
def test_an_unreadable_file_is_named(tmp_path: Path, content: bytes) -> None:
    """Empty, cut off or no archive at all: the message says which file and what to do."""
    (tmp_path / FLIGHTS.file).write_bytes(content)
    with pytest.raises(DataError, match=r"'flights': .*flights\.csv\.zip cannot be read.*Restore"):
        read_raw(FLIGHTS, tmp_path)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("B,b,north,0,1,-5,A,UTC\n", r"'lat': 1 value is not a number: line 3: 'north'"),
        ("B,b,1,0,1.5,-5,A,UTC\n", r"'alt': 1 value is not a whole number: line 3: 1\.5"),
        (
            "B,b,1,0,x,-5,A,UTC\n" * 7,
            r"'alt': 7 values are not whole numbers: line 3: 'x'.* line 7: 'x', \.\.\.\.",
        ),
    ],
)
def test_a_word_for_a_number_is_named(tmp_path: Path, row: str, says: str) -> None:
    """The message names column, count, and the first lines with their values."""
    with pytest.raises(DataError, match=says):
        read_raw(AIRPORTS, write(tmp_path, HEADER + BOSTON + row))


def test_source_folder(tmp_path: Path) -> None:
    """A folder that is given must exist; without one the installed package's is taken."""
    assert source_folder(str(tmp_path)) == tmp_path
    assert (source_folder() / FLIGHTS.file).is_file()
    with pytest.raises(DataError, match=r"raw_dir: there is no folder 'nowhere'"):
        source_folder("nowhere")


def test_sha256_is_of_the_bytes(tmp_path: Path) -> None:
    """The digest is that of the file's content."""
    path = tmp_path / "file"
    path.write_bytes(b"flights")
    assert sha256(path) == hashlib.sha256(b"flights").hexdigest()


def test_first_days_keeps_whole_days() -> None:
    """Days up to the limit stay, of every month, with their lines; None keeps all."""
    table = pd.DataFrame({"month": [1, 1, 2, 2], "day": [1, 3, 2, 4]}, index=[2, 3, 4, 5])
    assert first_days(table, 3).index.to_list() == [2, 3, 4]
    assert first_days(table, None) is table
