"""The version that is measured: one commit, installed apart from a checkout that goes on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from io import BytesIO
from typing import TYPE_CHECKING

from benchmarks.results import ROOT
from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from pathlib import Path


def begin(folder: Path, python: Path, *, anew: bool) -> str:
    """Begin to measure the newest commit, or go on with what was begun.

    Parameters
    ----------
    folder
        What belongs to the run. All in it is deleted where one begins.
    python
        Of the environment to install in.
    anew
        Whether to begin where a run could go on.

    Returns
    -------
    str
        The commit.
    """
    state = folder / "run.json"
    if state.is_file() and not anew:
        begun: dict[str, str] = json.loads(state.read_text(encoding="utf-8"))
        return begun["commit"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    commit = _git("rev-parse", "HEAD").decode().strip()
    install(commit, folder / "source", python)
    write_atomic(state, json.dumps({"commit": commit}) + "\n")
    return commit


def install(commit: str, source: Path, python: Path) -> None:
    """Install nbrefine as it was committed.

    Parameters
    ----------
    commit
        The commit.
    source
        Folder for its files.
    python
        Interpreter of the environment that gets it.
    """
    with tarfile.open(fileobj=BytesIO(_git("archive", commit))) as archive:
        archive.extractall(source, filter="data")
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
    options = ["--no-deps", "--no-build-isolation", "--reinstall", "--compile-bytecode"]
    subprocess.run([*install, *options, str(source)], check=True)
    # A commit that does not even import is not worth hours.
    subprocess.run([str(python), "-c", "import nbrefine.refine.refine"], check=True)


def _git(*arguments: str) -> bytes:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout
