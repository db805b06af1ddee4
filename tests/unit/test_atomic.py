"""A file is written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbrefine.files.atomic import write_atomic


def test_text_and_bytes_arrive_and_folders_are_made(tmp_path: Path) -> None:
    """The content is there, and nothing beside it."""
    write_atomic(tmp_path / "new" / "a.txt", "Zürich\n")
    write_atomic(tmp_path / "new" / "a.bin", b"\x00\xff")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "Zürich\n".encode()
    assert (tmp_path / "new" / "a.bin").read_bytes() == b"\x00\xff"
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["a.bin", "a.txt"]


def test_permissions_are_the_old_files_or_the_usual_ones(tmp_path: Path) -> None:
    """A replaced script stays executable; a new file is as readable as any other."""
    script, new, usual = tmp_path / "run", tmp_path / "new", tmp_path / "usual"
    script.write_text("old", encoding="utf-8")
    script.chmod(0o750)
    usual.touch()
    write_atomic(script, "new")
    write_atomic(new, "")
    assert script.stat().st_mode & 0o777 == 0o750
    assert new.stat().st_mode == usual.stat().st_mode


def test_no_thread_is_left_with_another_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It belongs to the process: two writers that set it and put it back may leave none at all."""
    asked: list[int] = []
    monkeypatch.setattr(os, "umask", lambda mask: asked.append(mask) or 0o022)
    write_atomic(tmp_path / "new", "")
    write_atomic(tmp_path / "new", "again")
    assert asked == []


def test_what_replaces_a_private_file_is_private_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads it on its way."""
    target = tmp_path / "key"
    target.touch(0o600)
    modes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: modes.append(os.fstat(handle).st_mode & 0o777))
    write_atomic(target, "secret")
    assert modes == [0o600]


def test_a_failed_write_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk at the last moment costs nothing."""
    target = tmp_path / "a.txt"
    target.write_text("old", encoding="utf-8")

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(target, "new")
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]
