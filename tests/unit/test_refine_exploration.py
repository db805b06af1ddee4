"""``make run`` refines the exploration notebook only if it or the code has changed."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "refine_exploration.py"


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool, with a notebook, a lock and a project of the test's own."""
    spec = importlib.util.spec_from_file_location("refine_exploration", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "requirements.lock").write_text("pandas==3.0\n")
    (tmp_path / "a.ipynb").write_text("{}")
    project = tmp_path / "build" / "flight_delays"
    for name, value in (
        ("ROOT", tmp_path),
        ("NOTEBOOK", tmp_path / "a.ipynb"),
        ("PROJECT", project),
        ("VERDICT", project / ".nbrefine" / "verdict.json"),
    ):
        monkeypatch.setattr(module, name, value)
    return module


def keep(tool: ModuleType, *, holds: bool = True) -> None:
    """Store a result, as if the notebook had been refined just now."""
    result = {
        "key": tool.key(),
        "holds": holds,
        "verdict": "The pipeline says what the notebook said.",
        "steps": ["load", "train"],
        "counts": {"cells": {"equal": 70, "nondeterministic": 2}},
    }
    tool.VERDICT.parent.mkdir(parents=True, exist_ok=True)
    tool.VERDICT.write_text(json.dumps(result))


def refuse() -> None:
    raise AssertionError("It refines.")


@pytest.mark.parametrize(("holds", "code"), [(True, 0), (False, 1)])
def test_unchanged_it_says_what_was_found(
    tool: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    holds: bool,  # noqa: FBT001  (a case)
    code: int,
) -> None:
    """The verdict, the steps and the counts; a proof that failed fails again."""
    keep(tool, holds=holds)
    monkeypatch.setattr(tool, "refine", refuse)
    assert tool.main() == code
    said = capsys.readouterr().out
    assert "Neither the notebook nor the code has changed" in said
    assert "load, train" in said
    assert "cells: 70 equal, 2 nondeterministic" in said
    assert "The pipeline says what the notebook said." in said


@pytest.mark.parametrize("name", ["a.ipynb", "requirements.lock"])
def test_a_change_is_refined_anew(tool: ModuleType, name: str) -> None:
    """Of the notebook, or of what is installed."""
    keep(tool)
    assert tool.stored() is not None
    (tool.ROOT / name).write_text("changed")
    assert tool.stored() is None


def test_other_code_is_refined_anew(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever of nbrefine has changed."""
    keep(tool)
    monkeypatch.setattr(tool, "own_code", lambda: "changed")
    assert tool.stored() is None


@pytest.mark.parametrize("damage", ["", "{", "[]"])
def test_a_damaged_note_counts_for_nothing(tool: ModuleType, damage: str) -> None:
    """The notebook is refined anew."""
    keep(tool)
    tool.VERDICT.write_text(damage)
    assert tool.stored() is None
