"""Run new tests where nothing but the project's code and data is."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.refine.prove.interpreter import interpreter_of
from nbrefine.refine.prove.prove import RECORDING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_SECONDS = 600


@dataclass(frozen=True)
class Verification:
    """What running tests came to.

    Parameters
    ----------
    passed
        How many cases passed.
    failed
        Names of the tests that failed, and the first line of why.
    trouble
        Why they could not be run; empty if they could.
    """

    passed: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


def verify(root: Path, files: Mapping[str, str | bytes]) -> Verification:
    """Run tests that are not in the project yet.

    Parameters
    ----------
    root
        The project's folder. Tests run in it, so that they find its data, and see its ``src/``;
        nothing is written there.
    files
        The tests and their fixtures: path relative to the root, and content.
    """
    python = interpreter_of(root / RECORDING) or sys.executable
    if not _has_pytest(python):
        place = "" if python == sys.executable else f" in {python}"
        return Verification(trouble=f"pytest is not installed{place}")
    with tempfile.TemporaryDirectory(prefix="nbrefine-") as name:
        folder = Path(name)
        _link(root / "src", folder / "src", {path for path in files if path.startswith("src/")})
        # So that pytest looks for no settings further up.
        write_atomic(folder / "pytest.ini", "[pytest]\n")
        for path, content in files.items():
            write_atomic(folder / path, content)
        report = folder / "report.xml"
        trouble = _run(python, root, folder, report)
        if trouble:
            return Verification(trouble=trouble)
        cases = _cases(report)
    failed = {test.partition("[")[0]: why for test, why in cases.items() if why}
    return Verification(sum(not why for why in cases.values()), failed)


def _link(source: Path, target: Path, new: Collection[str]) -> None:
    """Link to a folder; to what is in it where new files of its own go there."""
    if not any(path.startswith(f"{target.name}/") for path in new):
        target.symlink_to(source.resolve(), target_is_directory=source.is_dir())
        return
    target.mkdir()
    below = {path.partition("/")[2] for path in new if path.startswith(f"{target.name}/")}
    for entry in source.iterdir():
        if entry.name not in below:
            _link(entry, target / entry.name, below)


def _has_pytest(python: str) -> bool:
    if python == sys.executable:
        return importlib.util.find_spec("pytest") is not None
    command = [python, "-c", "import pytest"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603  (the notebook's own interpreter)


def _run(python: str, root: Path, folder: Path, report: Path) -> str:
    """Run pytest, with another hash seed than the recorded calls had; return why it could not."""
    command = [python, "-m", "pytest", str(folder / "tests"), "-q", "-c"]
    command += [str(folder / "pytest.ini"), "-p", "no:cacheprovider"]
    command += ["-W", "ignore", f"--junitxml={report}"]
    environment = {name: value for name, value in os.environ.items() if not is_pytests(name)}
    try:
        done = subprocess.run(  # noqa: S603  (this interpreter, pytest)
            command,
            cwd=root,
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"they took longer than {_SECONDS // 60} minutes"
    if report.is_file():
        return ""
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    return f"pytest could not run them: {lines[-1] if lines else done.returncode}"


def is_pytests(name: str) -> bool:
    """Whether a variable is one by which an outer pytest would tell an inner one what to do.

    Parameters
    ----------
    name
        The environment variable's.
    """
    return name.startswith("PYTEST_")


def _cases(report: Path) -> dict[str, str]:
    """Return the cases of a run, and why those that failed did so."""
    found = {}
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314  (pytest wrote it)
        said = [each for each in case if each.tag in {"failure", "error"}]
        name = case.get("name") or ""
        found[name] = _first_line(said[0]) if said else ""
    return found


def _first_line(said: ET.Element) -> str:
    lines = (said.get("message") or said.text or "it failed").strip().splitlines()
    return re.sub(r"\s+", " ", lines[0])[:200]
