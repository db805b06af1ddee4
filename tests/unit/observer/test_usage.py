"""What a step's notebook uses is seen without holding it up."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbrefine.observer.report import Channel
from nbrefine.observer.usage import Usage


def make_usage(folder: Path) -> Usage:
    """Make what looks on for the project below a folder."""
    root, told = folder / "project", folder / "channel"
    told.touch()
    return Usage(Channel(str(told)), str(root), str(root / "staging"), str(root / "undo"))


def module(file: Path) -> SimpleNamespace:
    """Stand for a frame of a module's code."""
    return SimpleNamespace(f_globals={"__name__": "any", "__file__": str(file)})


def test_a_module_that_imports_in_its_functions_is_looked_up_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such an import runs thousands of times; whether a file is a link is asked of the disk."""
    usage = make_usage(tmp_path)
    asked: list[str] = []
    monkeypatch.setattr(os.path, "islink", lambda file: bool(asked.append(file)))
    monkeypatch.syspath_prepend(tmp_path / "lib")
    for name, own in (("project/tools.py", True), ("lib/plots.py", False)):
        assert [usage._is_own(module(tmp_path / name)) for _ in range(3)] == [own] * 3
    assert len(asked) == 2
    # Inside of installed packages nothing is a link by itself.
    assert not usage._is_own(module(tmp_path / "lib" / "package" / "part.py"))
    assert len(asked) == 2


def test_a_module_is_the_projects_if_it_lies_there_in_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packages are linked into environments as folders, single modules as files."""
    tools, site = tmp_path / "project" / "tools", tmp_path / "lib" / "site-packages"
    tools.mkdir(parents=True)
    site.mkdir(parents=True)
    (tools / "part.py").touch()
    (site / "tools").symlink_to(tools)
    (site / "part.py").symlink_to(tools / "part.py")
    (tmp_path / "elsewhere.py").touch()
    (tools / "linked.py").symlink_to(tmp_path / "elsewhere.py")
    monkeypatch.syspath_prepend(site)
    usage = make_usage(tmp_path)
    own = (tools / "part.py", site / "tools" / "part.py", site / "part.py")
    assert all(usage._is_own(module(file)) for file in own)
    assert not usage._is_own(module(tools / "linked.py"))
