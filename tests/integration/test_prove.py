"""A refined project is built by Ploomber and compared with the notebook that it came from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from nbrefine.notebook.document import read_notebook
from nbrefine.recording.record import record
from nbrefine.recording.store import write_recording
from nbrefine.refine.prove.edits import remember_steps
from nbrefine.refine.prove.prove import KEPT, RECORDING

pytestmark = pytest.mark.slow

FIXTURE = Path(__file__).parents[1] / "fixtures" / "projects" / "delays"


@pytest.fixture(scope="session")
def refined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A refined project with the recording of its notebook; whoever changes it copies it first.

    The parallel test processes share one.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    project = shared / "delays"
    with FileLock(shared / "delays.lock"):
        if not (project / RECORDING).exists():
            shutil.copytree(FIXTURE, project, dirs_exist_ok=True)
            notebook = read_notebook(project / "delays.ipynb")
            recording = record(notebook, folder=project, keep=project / KEPT)
            remember_steps(project)
            write_recording(recording, project / RECORDING)
    return project


def prove(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nbrefine", "prove", str(project), *options],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def files_of(project: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(project)): path.read_bytes()
        for path in project.rglob("*")
        # What a reader of `pipeline.yaml` remembers is nobody's work.
        if path.is_file() and path.name != "yaml.json"
    }


def edit(notebook: Path, old: str, new: str) -> None:
    """Replace a text in a notebook, which has to be there."""
    text = notebook.read_text()
    assert json.dumps(old)[1:-1] in text
    notebook.write_text(text.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1]))


def verdicts(items: list[dict[str, Any]], name: str) -> dict[Any, str]:
    return {item[name]: item["verdict"] for item in items}


def test_a_faithful_project_is_proved_and_left_as_it_is(refined: Path, tmp_path: Path) -> None:
    """Exit 0; what varies in the notebook too is named; only the proof is written."""
    project = shutil.copytree(refined, tmp_path / "delays")
    before = files_of(project)
    done = prove(project, "--json")
    assert done.returncode == 0, done.stderr
    proof = json.loads(done.stdout)
    assert proof["verdict"] == "not-compared"
    assert proof["counts"] == {
        "cells": {"equal": 6, "nondeterministic": 1},
        "variables": {"equal": 5, "nondeterministic": 1, "not-compared": 1},
        "files": {"equal": 1},
    }
    assert verdicts(proof["cells"], "origin")[4] == "nondeterministic"
    assert verdicts(proof["variables"], "name")["file"] == "not-compared"
    assert done.stderr.splitlines() == ["Running step load ...", "Running step summarise ..."]

    after = files_of(project)
    assert {name: content for name, content in after.items() if name in before} == before
    assert after.keys() - before.keys() == {"build/proof.json", "build/proof.html"}
    assert json.loads(after["build/proof.json"]) == proof
    page = after["build/proof.html"].decode()
    assert "<script" not in page
    assert "The pipeline says what the notebook said." in page


def test_every_fault_is_found_in_one_build(refined: Path, tmp_path: Path) -> None:
    """Another output, another variable, a cell and a warning that are gone, another file."""
    project = shutil.copytree(refined, tmp_path / "delays")
    notebook = project / "notebooks" / "summarise.ipynb"
    edit(notebook, "late = delays > 15", "late = delays > 20")
    edit(notebook, "float(delays.std())", "float(delays.std()) + 1")
    edit(notebook, "{spread['mean']:.1f}", "{spread['std']:.1f}")
    document = json.loads(notebook.read_text())
    cells = document["cells"]
    document["cells"] = [cell for cell in cells if "few flights" not in "".join(cell["source"])]
    notebook.write_text(json.dumps(document))
    (project / ".nbrefine" / "written.json").unlink()

    done = prove(project, "--html", str(tmp_path / "page.html"))
    assert done.returncode == 1, done.stderr
    proof = json.loads((project / "build" / "proof.json").read_text())
    assert verdicts(proof["cells"], "origin") == {
        0: "equal",
        1: "equal",
        2: "equal",  # the same share of flights is later than 20 minutes
        3: "missing",
        4: "nondeterministic",
        5: "different",
        6: "equal",
    }
    assert verdicts(proof["variables"], "name")["spread"] == "different"
    assert verdicts(proof["files"], "name") == {"spread.txt": "different"}
    assert (
        "The pipeline differs from the notebook in 2 cells, 1 variable and 1 file." in done.stdout
    )
    assert "UserWarning: few flights" in done.stdout
    assert (tmp_path / "page.html").is_file()
