"""A notebook that runs in another interpreter is refined, proved and tested in that one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CELLS = (
    "import sys\n\nprint(sys.prefix)",
    "def twice(x):\n    total = x + x\n    return total\n\n\nrows = [twice(1), twice(2)]",
    "print(rows, sys.prefix)",
)


def test_the_steps_run_where_the_notebook_ran(tmp_path: Path) -> None:
    """What the notebook shows of its interpreter, the steps show too."""
    other = tmp_path / "other"
    venv.create(other, with_pip=False)
    place = Path(sysconfig.get_path("purelib", "venv", {"base": str(other)}))
    (place / "here.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = other / Path(sysconfig.get_path("scripts", "venv", {"base": ""})).name
    cells = [
        {"cell_type": "code", "id": str(number), "metadata": {}, "outputs": [], "source": source}
        | {"execution_count": None}
        for number, source in enumerate(CELLS)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "n.ipynb").write_text(json.dumps(document))
    options = ["--python", str(python / Path(sys.executable).name), "--steps", "2", "--runs", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "nbrefine", "refine", "n.ipynb", "--no-baselines", *options],
        cwd=tmp_path,
        env={**os.environ, "PLOOMBER_STATS_ENABLED": "false"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cells: 3 equal" in done.stdout
    assert "cases pass, of twice" in done.stdout
