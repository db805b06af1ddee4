"""Whether the kernel ``python3`` can start, and whether nbrefine is installed where it runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from nbrefine.environment.diagnosis import Diagnosis, Verdict
from nbrefine.environment.packages import INSTALL_ALL, installed_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KERNEL = "python3"
# Jupyter starts a kernel of one of these names on the Python that it runs on itself.
OWN_PYTHON = {"python", "python3", f"python3.{sys.version_info.minor}"}
TIMEOUT = 60


def find_kernelspec(name: str, folders: Sequence[Path]) -> Path | None:
    """Find the file that describes a kernel.

    Parameters
    ----------
    name
        Of the kernel, as in a notebook's metadata.
    folders
        Jupyter's data path, the most important folder first.

    Returns
    -------
    Path or None
        The ``kernel.json`` that Jupyter would use, if there is one.
    """
    for folder in folders:
        for candidate in sorted((folder / "kernels").glob("*/kernel.json")):
            if candidate.parent.name.lower() == name.lower():
                return candidate
    return None


def diagnose_kernel(folders: Sequence[Path]) -> Diagnosis:
    """Say whether notebooks find the Python that their kernel is to run on.

    Parameters
    ----------
    folders
        Jupyter's data path, the most important folder first.

    Returns
    -------
    Diagnosis
        A problem if the kernel cannot start.
    """
    name = f"kernel {KERNEL}"
    file = find_kernelspec(KERNEL, folders)
    repair = f"Run {sys.executable} -m ipykernel install --sys-prefix"
    if file is None and installed_version("ipykernel") is None:
        return Diagnosis(name, Verdict.PROBLEM, "not installed", remedy=f"Run {INSTALL_ALL}")
    if file is None:
        return Diagnosis(name, Verdict.OK, f"ipykernel's own, on {sys.executable}")
    command = _command(file)
    if command is None:
        return Diagnosis(name, Verdict.PROBLEM, f"{file} cannot be read", remedy=repair)
    python = _interpreter(command)
    if python is None:
        found = f"{file} starts {command}, which does not exist"
        return Diagnosis(name, Verdict.PROBLEM, found, remedy=repair)
    return Diagnosis(name, Verdict.OK, f"runs on {python}, by {file}")


def diagnose_magics(folders: Sequence[Path]) -> Diagnosis:
    """Say whether ``%load_ext nbrefine`` would work, by importing it where the kernel runs.

    Parameters
    ----------
    folders
        Jupyter's data path, the most important folder first.

    Returns
    -------
    Diagnosis
        A problem if a notebook could not load the magics.
    """
    file = find_kernelspec(KERNEL, folders)
    python = _interpreter((file and _command(file)) or "python") or sys.executable
    code = "import nbrefine.lab.magics"
    try:
        run = subprocess.run(  # noqa: S603  (the kernel's own interpreter, as Jupyter runs it)
            [python, "-c", code], capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Diagnosis("magics", Verdict.PROBLEM, f"{python} does not run: {error}")
    if run.returncode == 0:
        return Diagnosis("magics", Verdict.OK, "%load_ext nbrefine and %step can be loaded")
    reason = run.stderr.strip().splitlines()[-1] if run.stderr.strip() else "no message"
    return Diagnosis(
        "magics",
        Verdict.PROBLEM,
        f"%load_ext nbrefine fails on {python}: {reason}",
        remedy=f'Run {python} -m pip install "nbrefine[lab]"',
    )


def _command(file: Path) -> str | None:
    """Return what a kernelspec starts; None if it does not say."""
    try:
        argv = json.loads(file.read_text(encoding="utf-8"))["argv"]
        return str(argv[0])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _interpreter(command: str) -> str | None:
    """Return the full path of what a kernelspec starts; None if it does not exist."""
    return sys.executable if command in OWN_PYTHON else shutil.which(command)
