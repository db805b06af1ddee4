"""The prediction log: complete, hour by hour, whatever happens to its writer."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nbrefine.errors import InputError, ServingError
from nbrefine.serving.cells import cells_of
from nbrefine.serving.journal import Journal
from nbrefine.serving.predictor import Answered
from nbrefine.serving.sealing import read_log, seal
from nbrefine.serving.settings import LogSettings


def answered(count: int = 3, first: int = 0) -> Answered:
    """Return a batch: text with a gap, numbers with NaN, an instant."""
    numbers = np.arange(first, first + count, dtype=np.float64)
    times = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(numbers, unit="h")
    names = pd.array([None, *(f"c{n}" for n in range(1, count))], "str")
    frame = pd.DataFrame({"customer": names, "asked_at": times})
    features = pd.DataFrame({"size": np.where(numbers == first, np.nan, numbers + 0.1)})
    rows = [
        {"prediction": True, "probabilities": {"true": n / 7, "false": 1 - n / 7}, "warnings": []}
        for n in numbers
    ]
    return Answered(rows, cells_of(frame), cells_of(features), "v1", {})


def ids(count: int = 3) -> list[str]:
    return [f"r{n}" for n in range(count)]


def test_what_is_written_is_read_whether_sealed_or_not(tmp_path: Path) -> None:
    """Numbers to the last bit, missing as missing; Parquet says what the journal said."""
    journal = Journal(LogSettings(tmp_path), "m1")
    journal.write(ids(), answered())
    before = read_log(tmp_path)
    assert before["probability.true"].tolist() == [n / 7 for n in range(3)]
    assert before["feature.size"].isna().tolist() == [True, False, False]
    assert before["request.customer"].isna().tolist() == [True, False, False]
    assert seal(tmp_path) == []  # it is still written to
    journal.close()
    (made,) = seal(tmp_path)
    assert made.suffix == ".parquet"
    pd.testing.assert_frame_equal(
        read_log(tmp_path).convert_dtypes(), before.convert_dtypes(), check_exact=True
    )
    assert seal(tmp_path) == []


def test_a_torn_line_was_never_answered(tmp_path: Path) -> None:
    """A writer that is killed in the middle of a line leaves the lines before it."""
    journal = Journal(LogSettings(tmp_path), "m1")
    journal.write(ids(), answered())
    journal.close()
    (file,) = tmp_path.glob("*/*.jsonl")
    with file.open("a") as stream:
        stream.write('{"at": "2025-')
    assert len(read_log(tmp_path)) == 3
    seal(tmp_path)
    assert len(read_log(tmp_path)) == 3


def test_a_crash_between_parquet_and_journal_counts_nothing_twice(tmp_path: Path) -> None:
    """Both are there with the same content; the next sealing makes the same again."""
    journal = Journal(LogSettings(tmp_path), "m1")
    journal.write(ids(), answered())
    journal.close()
    (file,) = tmp_path.glob("*/*.jsonl")
    content = file.read_bytes()
    seal(tmp_path)
    file.write_bytes(content)
    assert len(read_log(tmp_path)) == 3
    assert len(seal(tmp_path)) == 1
    assert len(read_log(tmp_path)) == 3


def test_a_new_hour_is_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of the hour before can be sealed while this one is written."""

    class Clock(dt.datetime):
        hour_now = 9

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return dt.datetime(2025, 5, 1, cls.hour_now, 30, tzinfo=tz)

    # Of the journal alone: libraries that are loaded meanwhile need the real one.
    clock = SimpleNamespace(datetime=Clock, UTC=dt.UTC)
    monkeypatch.setattr("nbrefine.serving.journal.dt", clock)
    journal = Journal(LogSettings(tmp_path), "m1")
    journal.write(ids(), answered())
    Clock.hour_now = 10
    journal.write(ids(), answered())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2025-05-01T09", "2025-05-01T10"]
    assert len(seal(tmp_path)) == 1
    assert len(read_log(tmp_path)) == 6
    journal.close()


def test_columns_are_left_out_and_hashed(tmp_path: Path) -> None:
    """What is left out is nowhere; equal values keep equal hashes, in this log only."""
    hashes = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        journal = Journal(LogSettings(folder, ("size",), ("customer",)), "m1")
        said = answered()
        said.rows[1]["warnings"] = [
            {"kind": "unseen", "column": "customer", "value": "c1"},
            {"kind": "missing", "lookup": "who", "key": {"customer": "c1"}},
        ]
        journal.write(ids(), said)
        journal.write(ids(), answered())
        journal.close()
        assert all(b'"c1"' not in file.read_bytes() for file in folder.glob("*/*"))
        log = read_log(folder)
        assert "feature.size" not in log
        assert not log["request.customer"].isin(["c1", "c2"]).any()
        assert log["request.customer"].nunique() == 2
        hashes.append(set(log["request.customer"].dropna()))
        assert (folder / ".hash-key").stat().st_mode & 0o077 == 0
    assert not hashes[0] & hashes[1]


def test_a_batch_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the batch is refused, and half of it does not stay in the log."""
    journal = Journal(LogSettings(tmp_path), "m1")
    journal.write(ids(), answered())
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, lines: write(file, lines[: len(lines) // 2]))
    with pytest.raises(OSError, match="No space left"):
        journal.write(ids(), answered())
    monkeypatch.undo()
    journal.write(["last"], answered(1))
    journal.close()
    assert read_log(tmp_path)["request_id"].tolist() == [*ids(), "last"]


def test_warnings_and_refusals_are_logged(tmp_path: Path) -> None:
    """Both are in the same column; what was refused has no prediction."""
    said = answered(2)
    said.rows[0]["warnings"] = [{"kind": "null", "column": "x"}]
    said.rows[1] = {"refused": [{"kind": "unseen", "column": "customer", "value": "q"}]}
    journal = Journal(LogSettings(tmp_path), "m1")
    journal.write(ids(2), said)
    journal.close()
    seal(tmp_path)
    log = read_log(tmp_path)
    assert log["refused"].tolist() == [False, True]
    assert [json.loads(each)[0]["kind"] for each in log["warnings"]] == ["null", "unseen"]
    assert pd.isna(log["prediction"][1])


def test_no_log_is_said(tmp_path: Path) -> None:
    """An empty folder holds no prediction; a file is no folder."""
    with pytest.raises(InputError, match="no prediction"):
        read_log(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ServingError, match="cannot be written"):
        Journal(LogSettings(tmp_path / "file"), "m1")
