"""Refine a notebook without running it: by its code, or against an executed copy of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

# Source, and what the cell shows; a heading where nothing is shown.
CELLS: tuple[tuple[str, str | None], ...] = (
    ("## Load", None),
    ("from pathlib import Path\n\nrows = Path('data/rows.txt').read_text().split()", ""),
    ("print(len(rows))", "3\n"),
    ("## Count", None),
    ("same = rows\nsame.append('d')", ""),
    ("print(len(same))", "4\n"),
    ("## Save", None),
    ("Path('out.txt').write_text(' '.join(rows))\nprint(rows[-1])", "d\n"),
)


def document(*, executed: bool) -> dict[str, Any]:
    """The notebook as a file has it."""
    cells = []
    for number, (source, shown) in enumerate(CELLS):
        cell: dict[str, Any] = {"metadata": {}, "source": source, "id": str(number)}
        if shown is None:
            cells.append({"cell_type": "markdown", **cell})
            continue
        stream = {"output_type": "stream", "name": "stdout", "text": shown}
        outputs = [stream] if executed and shown else []
        count = number if executed else None
        cells.append({"cell_type": "code", **cell, "outputs": outputs, "execution_count": count})
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def nbrefine(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "nbrefine", *arguments],
        cwd=folder,
        env={**os.environ, "PLOOMBER_STATS_ENABLED": "false"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.txt").write_text("a b c\n")
    (tmp_path / "rows.ipynb").write_text(json.dumps(document(executed=False)))
    return tmp_path


def test_by_the_code_alone_a_project_is_written_that_builds(folder: Path) -> None:
    """Nothing is run until asked for, and it is said what was not proved."""
    done = nbrefine(folder, "refine", "rows.ipynb", "--static", "--steps", "3")
    assert done.returncode == 0, done.stderr
    assert "Not proved: nothing was run." in done.stdout
    project = folder / "rows_pipeline"
    assert not (project / "build").exists()
    assert "Not proved" in (project / "README.md").read_text()
    assert (project / "data").is_symlink()
    assert "rows (count)" in done.stdout  # changed under another name there

    proved = nbrefine(folder, "prove", "rows_pipeline", "--json")
    assert proved.returncode == 0, proved.stderr
    proof = json.loads(proved.stdout)
    assert proof["basis"] == "none"
    assert proof["built"]
    assert proof["counts"]["cells"] == {"not-compared": 5}
    assert not (folder / "out.txt").exists()


def test_an_executed_copy_decides_and_is_believed_once(folder: Path) -> None:
    """A cell that shows something else is named; no other cut is tried, as a run may take hours."""
    executed = document(executed=True)
    (folder / "done.ipynb").write_text(json.dumps(executed))
    executed["cells"][5]["outputs"][0]["text"] = "5\n"
    (folder / "wrong.ipynb").write_text(json.dumps(executed))

    done = nbrefine(folder, "refine", "rows.ipynb", "--record-from", "wrong.ipynb", "--json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["basis"] == "stored"
    assert report["retreats"] == []
    cells = {cell["origin"]: cell["verdict"] for cell in report["proof"]["cells"]}
    assert cells == {0: "equal", 1: "equal", 2: "equal", 3: "different", 4: "equal"}
    assert set(report["proof"]["counts"]["variables"]) == {"not-compared"}

    other = nbrefine(folder, "refine", "rows.ipynb", "--record-from", "done.ipynb", "--force")
    assert other.returncode == 0, other.stderr
    assert "The pipeline shows what the executed notebook shows." in other.stdout


def test_a_copy_of_another_notebook_is_refused_at_its_cell(folder: Path) -> None:
    """Nothing is written."""
    executed = document(executed=True)
    executed["cells"][4]["source"] = "same = [*rows]"
    (folder / "other.ipynb").write_text(json.dumps(executed))
    done = nbrefine(folder, "refine", "rows.ipynb", "--record-from", "other.ipynb")
    assert done.returncode == 2
    assert "other.ipynb:cell 5" in done.stderr
    assert not (folder / "rows_pipeline").exists()
