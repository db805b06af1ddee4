"""What cleaning frees is told, whoever else works in the same cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbrefine.engine.cleaning import _size


def test_a_file_that_somebody_removes_meanwhile_has_no_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache may be shared: another build prunes it while its size is taken."""
    for name in ("kept", "removed"):
        (tmp_path / name).write_text("12345")
    original = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        if path.name == "removed":
            path.unlink(missing_ok=True)
        return original(path)

    monkeypatch.setattr(Path, "lstat", lstat)
    assert _size(tmp_path) == 5
    assert _size(tmp_path / "kept") == 5
    assert _size(tmp_path / "gone") == 0
