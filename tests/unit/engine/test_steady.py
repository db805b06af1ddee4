"""Inputs that were written to while a step ran are found out."""

from __future__ import annotations

import os
import time
from pathlib import Path

from nbrefine.engine.steady import Steady


def old(file: Path, text: str = "a") -> Path:
    """Write a file that nobody has touched for a while."""
    file.write_text(text)
    time.sleep(0.05)
    return file


def test_files_that_stay_are_not_changed(tmp_path: Path) -> None:
    """Whether they were known before or not."""
    known, found = old(tmp_path / "known"), old(tmp_path / "found")
    steady = Steady([known])
    assert steady.changed([found]) == frozenset()


def test_a_change_that_was_taken_back_is_seen(tmp_path: Path) -> None:
    """Content and modification time are as before; the step may have read the other state."""
    known = old(tmp_path / "known")
    times = known.stat().st_atime_ns, known.stat().st_mtime_ns
    steady = Steady([known])
    for text in ("b", "a"):
        time.sleep(0.05)
        known.write_text(text)
    os.utime(known, ns=times)
    assert steady.changed([]) == {known}


def test_a_file_that_nobody_knew_of_counts_by_its_time(tmp_path: Path) -> None:
    """It was written after the step was planned."""
    steady = Steady([])
    assert steady.changed([old(tmp_path / "late")]) == {tmp_path / "late"}


def test_a_file_that_comes_or_goes_has_changed(tmp_path: Path) -> None:
    """Also if it was looked for and not there."""
    gone, new = old(tmp_path / "gone"), tmp_path / "new"
    steady = Steady([gone, new])
    gone.unlink()
    new.write_text("")
    assert steady.changed([]) == {gone, new}
