"""What is the project's own code, and what is not, where they lie beside each other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import nbrefine
from benchmarks.small_pipeline import THIRD, Project

pytestmark = pytest.mark.slow


def test_what_looks_on_from_inside_of_the_project_is_not_the_projects(
    new_project: Callable[..., Project], tmp_path: Path
) -> None:
    """A checkout of nbrefine in the project: what its observer asks for is no step's input."""
    project = new_project(tmp_path / "project")
    (package,) = nbrefine.__path__
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, project.root / "lib" / "nbrefine", ignore=ignored)
    for step in ("first", "third"):
        project.replace(f"notebooks/{step}.ipynb", "import json", "import json, yaml")
    here = {"PYTHONPATH": str(project.root / "lib"), "SOMEBODYS": "1"}
    built = project.run("python", "-m", "nbrefine", "build", **here)
    assert built.returncode == 0, built.stderr
    asked = project.run("python", "-m", "nbrefine", "status", **here | {"SOMEBODYS": "2"})
    assert "3 fresh" in asked.stdout, asked.stdout


def test_a_module_that_no_import_names_is_the_projects_code(
    new_project: Callable[..., Project], tmp_path: Path
) -> None:
    """Python has compiled it before the run that is recorded, so its source is not opened."""
    project = new_project(tmp_path / "project")
    project.write("lib/own.py", "def value():\n    return 1  # one\n")
    load = (
        "import importlib.util\n"
        "spec = importlib.util.spec_from_file_location('own', '/'.join(['lib', 'own.py']))\n"
        "own = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(own)\n"
        "own.value()"
    )
    project.write_notebook("third", [THIRD[0], load, *THIRD[1:]])
    assert project.build()["third"] == "ran"
    assert project.build("--force")["third"] == "ran"
    project.write("lib/own.py", "def value():\n    return 1  # the one\n")
    assert project.build()["third"] != "ran"
    project.write("lib/own.py", "def value():\n    return 2\n")
    assert project.build() == {"first": "up to date", "second": "up to date", "third": "ran"}
