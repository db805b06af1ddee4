"""Plain runs of the originals: what they show, and how long they take."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Outputs = list[dict[str, Any]]

_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_ERROR = re.compile(r"[\w.]*(?:Error|Exception|Interrupt)\w*(?::|\Z)")
# A copy of the notebook's folder is run: notebooks write files.
_LEFT_OUT = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__", ".git")


@dataclass(frozen=True)
class Original:
    """A notebook that runs by itself.

    Parameters
    ----------
    path
        The file, in a folder that nothing has run in.
    runs
        Outputs of each cell (those that are not empty), for each run.
    seconds
        The quickest run's, kernel start included.
    """

    path: Path
    runs: tuple[tuple[Outputs, ...], ...]
    seconds: float


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment, made fit for running notebooks side by side."""
    left_out = {"PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "MPLBACKEND"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"PLOOMBER_STATS_ENABLED": "false", "OMP_NUM_THREADS": "1"} | changes


def copied(notebook: Path, target: Path) -> Path:
    """Copy a notebook with its folder; return the copy."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(notebook.parent, target, ignore=_LEFT_OUT)
    return target / notebook.name


def run_original(
    notebook: Path, python: Path, work: Path, *, runs: int = 2, timeout: float = 300
) -> Original | str:
    """Run a notebook plainly, each time with another hash seed.

    Parameters
    ----------
    notebook
        The file.
    python
        Interpreter of its environment.
    work
        Folder to work in.
    runs
        How often.
    timeout
        Seconds that a cell may take.

    Returns
    -------
    Original or str
        Why it does not run, where it does not.
    """
    outputs, seconds = [], []
    for number in range(runs):
        here = copied(notebook, work / f"run-{number}")
        executed = here.with_name("executed.ipynb")
        script = Path(__file__).with_name("run_notebook.py")
        done = subprocess.run(
            [str(python), str(script), str(here), str(executed), str(timeout)],
            env=environment(PYTHONHASHSEED=str(number)),
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            return why_it_failed(done.stderr)
        outputs.append(cell_outputs(executed))
        seconds.append(float(done.stdout.split()[-1]))
    return Original(copied(notebook, work / "original"), tuple(outputs), min(seconds))


def why_it_failed(stderr: str) -> str:
    """Return the line of a traceback that names the error: a cell's text may follow it."""
    lines = [line for line in _COLOURS.sub("", stderr).splitlines() if line.strip()]
    named = [line for line in lines if _ERROR.match(line)]
    return next(reversed(named or lines), "")


def cell_outputs(notebook: Path) -> tuple[Outputs, ...]:
    """Return the outputs of each code cell that is not empty."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return tuple(
        cell["outputs"]
        for cell in cells
        if cell["cell_type"] == "code" and "".join(cell["source"]).strip()
    )
