"""A changed notebook and steps edited by hand become one project, which is built and compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CELLS = [
    ("markdown", "## Load"),
    ("code", "numbers = [int(line) for line in open('numbers.txt')]"),
    ("markdown", "## Report"),
    ("code", "def largest(values):\n    return sorted(values)[-1]"),
    ("code", "print(largest(numbers))"),
    ("code", "print(len(numbers))"),
]


def write(folder: Path, cells: list[tuple[str, str]]) -> None:
    """Write the notebook."""
    document = {
        "cells": [
            {"cell_type": kind, "metadata": {}, "source": source, "id": f"c{number}"}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for number, (kind, source) in enumerate(cells)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "numbers.ipynb").write_text(json.dumps(document))


def refine(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nbrefine", "refine", "numbers.ipynb", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PLOOMBER_STATS_ENABLED": "false"},
    )


def test_the_updated_project_is_proved_with_both_changes(tmp_path: Path) -> None:
    """An added cell moves all origins; an edited function is not what the notebook said."""
    folder = tmp_path / "my work"
    folder.mkdir()
    (folder / "numbers.txt").write_text("3\n1\n2\n")
    write(folder, CELLS)
    done = refine(folder, "--steps", "2", "--runs", "1", "--no-tests")
    assert done.returncode == 0, done.stdout + done.stderr
    project = folder / "numbers_pipeline"
    (report,) = (project / "notebooks").glob("report*.ipynb")
    document = json.loads(report.read_text())
    last = next(n for n, c in enumerate(document["cells"]) if "print(len" in "".join(c["source"]))
    document["cells"][last]["source"] = ["print(len(numbers), 'numbers')"]
    report.write_text(json.dumps(document))
    write(folder, [CELLS[0], ("code", "print('begin')"), *CELLS[1:], ("code", "sum(numbers)")])

    done = refine(folder, "--update", "--json")

    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert said["changed"]
    verdicts = {cell["origin"]: cell["verdict"] for cell in said["proof"]["cells"]}
    assert verdicts == {
        0: "equal",
        1: "equal",
        2: "equal",
        3: "equal",
        4: "superseded",
        5: "equal",
    }
    assert "'numbers')" in report.read_text()
    assert "sum(numbers)" in report.read_text()
    assert (project / "numbers.txt").resolve() == (folder / "numbers.txt").resolve()
