"""The wheel installs into an empty environment, and its core works there."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path | None = None, code: int = 0) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=cwd)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target, cwd=ROOT)
    (made,) = target.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def empty_environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and what its core needs, and nothing else."""
    environment = tmp_path_factory.mktemp("empty") / "env"
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / "bin" / "python"
    versions = tmp_path_factory.mktemp("lock") / "constraints.txt"
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line.split()[0] for line in lock if line.startswith(("click==", "pyyaml=="))]
    versions.write_text("\n".join(pins), encoding="utf-8")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    run(*install, "-c", versions, wheel)
    return environment


def test_wheel_holds_the_toolkit_and_the_mend_alone(wheel: Path) -> None:
    """Neither the reference project nor tests are shipped; Jupyter's configuration is."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".data" not in name} == {
        "nbrefine",
        f"{wheel.name.split('-py3')[0]}.dist-info",
    }
    assert any(name.endswith("jupyter_server_config.d/zz_nbrefine.json") for name in names)
    assert "nbrefine/py.typed" in names


def test_core_works_where_nothing_else_is_installed(
    empty_environment: Path, tmp_path: Path
) -> None:
    """Help, version and plot need the core alone; doctor says what is missing and how to get it."""
    nbrefine = empty_environment / "bin" / "nbrefine"
    assert "doctor" in run(nbrefine, "--help")
    assert run(nbrefine, "--version").startswith("nbrefine, version ")
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "metadata": {"tags": ["parameters"]},
                "source": "upstream = None\nproduct = None",
                "outputs": [],
                "execution_count": None,
            }
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    (tmp_path / "load.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (tmp_path / "pipeline.yaml").write_text(
        "tasks:\n  - source: load.ipynb\n    product: {nb: build/load.ipynb}\n", encoding="utf-8"
    )
    assert "load" in run(nbrefine, "plot", cwd=tmp_path)
    assert 'pip install "nbrefine[' in run(nbrefine, "doctor", cwd=tmp_path, code=1)


def test_a_command_that_needs_an_extra_says_which(empty_environment: Path, tmp_path: Path) -> None:
    """Refining needs kernels; without them the command names the extra, without a traceback."""
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    cell = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []}
    notebook["cells"] = [cell | {"execution_count": None}]
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    nbrefine = empty_environment / "bin" / "nbrefine"
    said = run(nbrefine, "refine", "a.ipynb", cwd=tmp_path, code=1)
    assert "Traceback" not in said
    assert 'pip install "nbrefine[refine]"' in said
