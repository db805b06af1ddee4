"""The exploration notebook, the real input of refine, runs and shows what it has stored."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "exploration" / "flight_delays.ipynb"
# The one cell whose text comes from a draw that nothing seeded.
UNSEEDED = "flights.sample(5)"
# What %time and %%time print differs from run to run.
TIMING = re.compile(r"^(CPU times|Wall time): .*$", re.MULTILINE)
# Decimals may differ in their last digit between processors, whole numbers may not.
DECIMAL = re.compile(r"-?\d+\.\d+(?:e[+-]\d+)?")

Cell = dict[str, Any]


def code_cells(path: Path) -> list[Cell]:
    """Return the notebook's code cells that are not empty, in order."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code" and "".join(cell["source"])]


def shown_text(cell: Cell) -> str:
    """Return all text that the cell shows, without timings and without regard to spacing."""
    text = ""
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            # A stream may arrive in pieces: how it was cut says nothing.
            text += "".join(output["text"])
        else:
            text += "\n" + "".join(output["data"].get("text/plain", "")) + "\n"
    return " ".join(TIMING.sub("", text).split())


def shown_kinds(cell: Cell) -> list[list[str]]:
    """Return the media types of each result or figure that the cell shows."""
    return [sorted(output["data"]) for output in cell["outputs"] if "data" in output]


def assert_same_text(new: str, old: str, source: str) -> None:
    """Hold all but the last digit of decimals equal."""
    assert DECIMAL.sub("#", new) == DECIMAL.sub("#", old), source
    numbers = [float(number) for number in DECIMAL.findall(old)]
    found = [float(number) for number in DECIMAL.findall(new)]
    assert found == pytest.approx(numbers, rel=1e-3, abs=2e-3), source


def run_copy(folder: Path) -> Path:
    """Run a copy of the notebook in a folder with a fresh kernel; return the executed copy."""
    copy = folder / NOTEBOOK.name
    shutil.copy(NOTEBOOK, copy)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace", copy],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    return copy


# One test, so that the notebook runs once however the tests are spread over processes.
@pytest.mark.slow
def test_fresh_run_shows_what_is_stored(tmp_path: Path) -> None:
    """A fresh run shows the stored text, but for the unseeded cell, and writes its files."""
    stored, fresh = code_cells(NOTEBOOK), code_cells(run_copy(tmp_path))
    assert len(stored) == len(fresh) >= 45
    assert ["".join(cell["source"]) for cell in stored].count(UNSEEDED) == 1
    for before, after in zip(stored, fresh, strict=True):
        source = "".join(before["source"])
        assert shown_kinds(after) == shown_kinds(before), source
        if source != UNSEEDED:
            assert_same_text(shown_text(after), shown_text(before), source)
    written = {path.name: path.stat().st_size for path in (tmp_path / "output").iterdir()}
    assert sorted(written) == ["model.joblib", "predictions.csv"]
    assert min(written.values()) > 100_000


def test_stored_notebook_is_fit_to_publish() -> None:
    """It ran in order without an error, is small, and names no folder of anyone's machine."""
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert len(text) < 1_500_000
    assert not re.findall(r"/site-packages/|/home/|/Users/|/tmp/|ipykernel_\d+", text)
    cells = code_cells(NOTEBOOK)
    kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
    assert kinds == {"stream", "execute_result", "display_data"}
    counts = [cell["execution_count"] for cell in cells]
    assert counts == sorted(set(counts))
