"""Steps are proved in the interpreter that the notebook ran in, whichever runs nbrefine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from nbrefine.recording.facts import PythonFacts, Recording
from nbrefine.refine.prove.interpreter import interpreter_of, kernels_in, other_interpreter


def recorded_in(python: str) -> Recording:
    return Recording((), {}, PythonFacts(python, "3.11.9"))


def test_another_interpreter_is_another_one(tmp_path: Path) -> None:
    """Of this one, under whatever name, and of one that is gone nothing is said."""
    other = tmp_path / "python"
    other.write_text("")
    assert other_interpreter(recorded_in(str(other))) == str(other)
    assert other_interpreter(recorded_in(sys.executable)) == ""
    assert other_interpreter(recorded_in(str(tmp_path / "gone"))) == ""
    assert other_interpreter(recorded_in("")) == ""
    assert interpreter_of(tmp_path / "recording.json") == ""


def test_an_environment_of_its_own_is_another_one_though_its_python_is_a_link(
    tmp_path: Path,
) -> None:
    """As `python -m venv` makes them."""
    link = tmp_path / Path(sys.executable).name
    link.symlink_to(sys.executable)
    assert other_interpreter(recorded_in(str(link))) == str(link)


def test_jupyter_finds_it_under_the_name_that_steps_ask_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the kernel of this interpreter, and before those that the user has set."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "mine"))
    found = kernels_in("/opt/other/python", tmp_path / "a b")
    assert found["JUPYTER_PATH"].endswith(str(tmp_path / "mine"))
    monkeypatch.setenv("JUPYTER_PATH", found["JUPYTER_PATH"])
    spec = KernelSpecManager().get_kernel_spec("python3")
    assert spec.argv[:3] == ["/opt/other/python", "-m", "ipykernel_launcher"]
    assert kernels_in("", tmp_path) == {}
