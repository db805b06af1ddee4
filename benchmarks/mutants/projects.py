"""Refines what is measured if nobody says what: the flights, and hard notebooks with functions."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.results import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "build" / "bench" / "mutants"
_HARD = (
    *("ApplyReadsGlobal", "DecoratorFromNotebook", "DocstringsAndDoctest", "EstimatorPipeline"),
    *("FunctionRedefined", "NestedAlias", "SubclassAcrossSections", "WarningFilters"),
)
_NOTEBOOKS = (
    ROOT / "notebooks" / "exploration" / "flight_delays.ipynb",
    *(ROOT / "tests" / "fixtures" / "notebooks" / "hard" / f"{name}.ipynb" for name in _HARD),
)


def refined() -> list[Path]:
    """Refine the notebooks, those that are not refined yet, and return their projects."""
    projects = []
    for notebook in _NOTEBOOKS:
        project = FOLDER / notebook.stem
        command = [*(sys.executable, "-m", "nbrefine", "refine"), str(notebook), "--no-tests"]
        if not (project / ".nbrefine" / "moved.json").is_file():
            subprocess.run([*command, "-o", str(project), "--force"], check=True)
        projects.append(project)
    return projects
