"""What a step's notebook uses is seen without holding it up."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbrefine.observer.report import Channel
from nbrefine.observer.usage import Usage


def test_a_module_that_imports_in_its_functions_is_looked_up_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such an import runs thousands of times; whether a file is a link is asked of the disk."""
    root = tmp_path / "project"
    places = [str(root), str(root / "staging"), str(root / "undo")]
    told = tmp_path / "channel"
    told.touch()
    usage = Usage(Channel(str(told)), *places)
    asked: list[str] = []
    monkeypatch.setattr(os.path, "islink", lambda file: bool(asked.append(file)))
    for name, own in (("project/tools.py", True), ("lib/plots.py", False)):
        frame = SimpleNamespace(f_globals={"__name__": "any", "__file__": str(tmp_path / name)})
        assert [usage._is_own(frame) for _ in range(3)] == [own] * 3
    assert len(asked) == 2
