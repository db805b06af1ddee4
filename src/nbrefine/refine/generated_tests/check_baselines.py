"""Run baselines under plain nbval, and ignore the outputs that it finds different."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.kernels.provisioner import IMPORTS_VARIABLE
from nbrefine.refine.generated_tests.verify import is_pytests
from nbrefine.refine.prove.interpreter import kernels_in
from nbrefine.testing.baseline import FOLDER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from nbrefine.refine.generated_tests.baselines import Baseline

_SECONDS = 3600
_MISMATCH = re.compile(r"Cell outputs differ|dissimilar number|mismatch '|output fields")


def check_baselines(
    root: Path, baselines: Sequence[Baseline], python: str = "", ahead: Collection[str] = ()
) -> tuple[tuple[Baseline, ...], dict[str, str]]:
    """Run baselines, and leave out of the comparison what differs.

    Once is enough: a cell whose outputs are ignored cannot differ again, and the others agreed.
    Forked kernels save most of the time; where anything differs in them, kernels that are started
    cold, as whoever runs nbval later has them, decide.

    Parameters
    ----------
    root
        A copy of the project that was built; files are added to it.
    baselines
        One a step.
    python
        Interpreter to run the notebooks in; this one if empty.
    ahead
        Modules that their kernels find imported; with none, they are started cold.

    Returns
    -------
    baselines : tuple of Baseline
        Those that pass, with what has to be ignored for it.
    refused : dict of str to str
        Steps whose notebook nbval cannot run, and why.
    """
    if not baselines:
        return (), {}
    if importlib.util.find_spec("nbval") is None:
        return (), {each.step: "nbval is not installed" for each in baselines}
    passing: list[Baseline] = []
    refused: dict[str, str] = {}
    environ = kernels_in(python, root / ".nbrefine" / "jupyter")
    warm = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "nbrefine-warm", IMPORTS_VARIABLE: " ".join(ahead)}
    found = _run(root, baselines, environ | warm) if ahead else {}
    if any(found.get(each.step) != {} for each in baselines):
        found = _run(root, baselines, environ)
    for each in baselines:
        cells = found.get(each.step)
        if cells is None:
            refused[each.step] = "nbval could not run it"
        elif (broken := _broken(cells)) is not None:
            refused[each.step] = broken
        else:
            more = {_index(each, number): "nbval sees other outputs" for number in cells}
            passing.append(replace(each, ignored={**each.ignored, **more}))
    return tuple(sorted(passing, key=lambda each: each.step)), refused


def _broken(cells: Mapping[int, str]) -> str | None:
    """Return why a cell failed, if not for what it shows."""
    for number, said in sorted(cells.items()):
        if not _MISMATCH.search(said):
            lines = [line for line in said.splitlines() if line.strip()]
            return (
                f"its code cell {number + 1} fails under nbval: {lines[-1][:150] if lines else ''}"
            )
    return None


def _index(baseline: Baseline, number: int) -> int:
    """Return the index among all cells of a code cell that nbval counts."""
    code = [index for index, cell in enumerate(baseline.cells) if cell["cell_type"] == "code"]
    return code[number]


def _run(
    root: Path, baselines: Sequence[Baseline], kernels: Mapping[str, str]
) -> dict[str, dict[int, str]]:
    """Run nbval once; return for each step the code cells that failed, and what was said."""
    folder = root / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    for each in baselines:
        write_atomic(root / each.path, each.text())
    write_atomic(root / "tests" / "pytest.ini", "[pytest]\n")
    report = root / "tests" / "nbval.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "nbrefine.refine.prove.deferred", "pytest"]
    command += ["--nbval", str(folder), "-q", f"--junitxml={report}"]
    command += ["-p", "nbval.plugin", "-p", "no:cacheprovider"]
    command += ["-c", str(root / "tests" / "pytest.ini"), "--nbval-cell-timeout=3600"]
    environment = {name: text for name, text in os.environ.items() if not is_pytests(name)}
    # No other plugin has a say in it, such as one that changes the order of the cells.
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    environment |= kernels
    with contextlib.suppress(subprocess.TimeoutExpired):  # then there is no report
        subprocess.run(  # noqa: S603  (this interpreter, pytest)
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    if not report.is_file():
        return {}
    found: dict[str, dict[int, str]] = {}
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314  (pytest wrote it)
        match = re.search(r"(\w[^/]*?)\.ipynb", f"{case.get('classname')} {case.get('file') or ''}")
        number = re.search(r"Cell (\d+)", case.get("name") or "")
        if match is None or number is None:
            continue
        cells = found.setdefault(match[1].rpartition(".")[2], {})
        for said in case:
            if said.tag in {"failure", "error"}:
                cells[int(number[1])] = (said.get("message") or "") + "\n" + (said.text or "")
    return found
