"""The tools that are measured: each says which cells of which steps are not as they were."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from benchmarks.engine.spent import Spent
from benchmarks.results import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

OURS, NBVAL, SANITISED, PYTEST_NOTEBOOK = "ours", "nbval", "nbval_sanitized", "pytest_notebook"
OTHERS = (NBVAL, SANITISED, PYTEST_NOTEBOOK)
FOLDER = ROOT / "build" / "bench" / "notebook_tests"
_EXTRA = FOLDER / "pytest_notebook"
# What a user would write who has had enough of false alarms.
_SANITIZE = """\
[addresses]
regex: 0x[0-9a-f]{6,}
replace: ADDRESS

[times]
regex: \\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?
replace: TIME

[durations]
regex: \\d+(\\.\\d+)? ?(s|ms|seconds)\\b
replace: DURATION

[digits]
regex: (\\d\\.\\d{6})\\d+
replace: \\1
"""
_DIFFERS = re.compile(r"/cells/(\d+)/outputs")
_LONGEST = 1800


@dataclass(frozen=True)
class Answer:
    """What a tool says.

    Parameters
    ----------
    cells
        Step and id of each cell that is not as it was.
    spent
        What it took.
    broken
        Why it says nothing; empty if it does.
    """

    cells: frozenset[tuple[str, str]]
    spent: Spent
    broken: str = ""


def ours(
    root: Path, python: Path, steps: Sequence[str] = (), *, everything: bool, threads: int = 1
) -> Answer:
    """Check a project's baselines.

    Parameters
    ----------
    root
        The project.
    python
        Interpreter that has nbrefine, and what the notebooks import.
    steps
        The steps; all if none is named.
    everything
        Whether all of them are run.
    threads
        How many threads libraries of linear algebra use.
    """
    command = [python, "-m", "nbrefine", "baseline", "check", "--json", "-C", root, *steps]
    done, spent = _run([*command, *(["--all"] if everything else [])], root, _environ(threads))
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return Answer(frozenset(), spent, done.stderr[-300:])
    cells = set()
    for step in found["steps"]:
        document = json.loads((root / "notebooks" / f"{step['name']}.ipynb").read_text("utf-8"))
        ids = [cell["id"] for cell in document["cells"]]
        bad = [cell for cell in step["cells"] if cell["verdict"] in {"different", "missing"}]
        cells |= {(step["name"], ids[cell["number"] - 1] if cell["number"] else "") for cell in bad}
        if step["failure"]:
            return Answer(frozenset(cells), spent, step["failure"])
    return Answer(frozenset(cells), spent)


def in_pytest(root: Path, python: Path, *, threads: int = 1) -> Answer:
    """Check a project's baselines by the plugin: each step is run.

    Parameters
    ----------
    root, python, threads
        As for `ours`.
    """
    options = ["--nbval", "--nbrefine-all", root / "tests" / "notebooks"]
    spent, report = _pytest(root, python, options, threads)
    if isinstance(report, str):
        return Answer(frozenset(), spent, report)
    cells = {(str(test.get("classname")), str(test.get("name"))) for test, _ in _problems(report)}
    return Answer(frozenset(cells), spent)


def other(tool: str, root: Path, python: Path, steps: Iterable[str], *, threads: int = 1) -> Answer:
    """Run one of the other tools on plain executed notebooks (`write_plain`).

    Parameters
    ----------
    tool
        One of `OTHERS`.
    root, python, threads
        As for `ours`.
    steps
        The steps.
    """
    # Our plugin would load what it needs to tell that these notebooks are not its own.
    options: list[object] = ["-p", "no:nbrefine"]
    more: dict[str, str] = {}
    if tool == PYTEST_NOTEBOOK:
        more["PYTHONPATH"] = str(_EXTRA)
        options += ["--nb-test-files", "-p", "no:nbval"]
    else:
        options += ["--nbval"]
    if tool == SANITISED:
        config = FOLDER / "sanitize.cfg"
        config.write_text(_SANITIZE)
        options += ["--nbval-sanitize-with", config]
    files = [plain_file(root, step) for step in steps]
    spent, report = _pytest(root, python, [*options, *files], threads, more)
    if isinstance(report, str):
        return Answer(frozenset(), spent, report)
    return Answer(frozenset(_failed(tool, root, report)), spent)


def _pytest(
    root: Path,
    python: Path,
    options: Sequence[object],
    threads: int,
    more: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Spent, ET.ElementTree[ET.Element] | str]:
    """Run pytest, and return what it spent and its report; what it said where there is none."""
    file = FOLDER / "junit.xml"
    file.unlink(missing_ok=True)
    plain = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", f"--junitxml={file}"]
    command = [python, "-m", "pytest", *plain, *options]
    done, spent = _run(command, root, _environ(threads) | dict(more))
    if not file.is_file():
        return spent, (done.stdout + done.stderr)[-300:]
    return spent, ET.parse(file)  # noqa: S314  (pytest has written it)


def _problems(report: ET.ElementTree[ET.Element]) -> Iterator[tuple[ET.Element, ET.Element]]:
    """Give the tests that failed, each with what is wrong."""
    for test in report.iter("testcase"):
        problem = next((each for each in test if each.tag in {"failure", "error"}), None)
        if problem is not None:
            yield test, problem


def _failed(tool: str, root: Path, report: ET.ElementTree[ET.Element]) -> set[tuple[str, str]]:
    cells = set()
    for test, problem in _problems(report):
        said = re.split(r"[./:]+", f"{test.get('classname')}.{test.get('name')}")
        step = next(f.stem for f in sorted(_folder(root).glob("*.ipynb")) if f.stem in said)
        document = json.loads(plain_file(root, step).read_text("utf-8"))["cells"]
        if tool == PYTEST_NOTEBOOK:
            places = {int(each) for each in _DIFFERS.findall(problem.text or "")}
            cells |= {(step, document[place]["id"]) for place in places} or {(step, "")}
        else:
            code = [cell["id"] for cell in document if cell["cell_type"] == "code"]
            number = re.search(r"Cell (\d+)", test.get("name") or "")
            cells.add((step, code[int(number[1])] if number else ""))
    return cells


def plain_file(root: Path, step: str) -> Path:
    """Return where the plain executed notebook of a step is."""
    return _folder(root) / f"{step}.ipynb"


def _folder(root: Path) -> Path:
    return root / "plain" / "executed"


def write_plain(root: Path, step: str, changed: Mapping[str, str] | None = None) -> None:
    """Write the executed notebook of a step for the other tools.

    Parameters
    ----------
    root
        The project; its baselines are recorded.
    step
        The step.
    changed
        Texts of cells with a fault, by id.
    """
    baseline = json.loads((root / "tests" / "notebooks" / f"{step}.ipynb").read_text("utf-8"))
    setting = next((cell for cell in baseline["cells"] if _sets(cell)), None)
    source = _folder(root).parent / f"{step}.json"
    if not source.is_file():
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes((root / ".nbrefine" / "executed" / f"{step}.ipynb").read_bytes())
    document: dict[str, Any] = json.loads(source.read_text("utf-8"))
    for cell in document["cells"]:
        cell["metadata"] = {}
        if setting is not None and cell["id"] == "injected-parameters":
            cell["source"] = setting["source"]
        elif changed and cell["id"] in changed:
            cell["source"] = changed[cell["id"]]
        for output in cell.get("outputs", ()):
            output.get("metadata", {}).clear()
    file = plain_file(root, step)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1))


def _sets(cell: Mapping[str, Any]) -> bool:
    return "injected-parameters" in cell["metadata"].get("tags", ())


def install_pytest_notebook() -> None:
    """Put pytest-notebook into a folder of its own: it is in no environment of ours."""
    if not _EXTRA.is_dir():
        command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*command, "--target", str(_EXTRA), "pytest-notebook"], check=True)


def _environ(threads: int) -> dict[str, str]:
    dropped = ("PYTEST", "NBREFINE", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    return kept | limits | {"PLOOMBER_STATS_ENABLED": "false"}


def _run(
    command: Sequence[object], folder: Path, environ: Mapping[str, str]
) -> tuple[subprocess.CompletedProcess[str], Spent]:
    """Run a command, and see what it and all processes below it have spent."""
    before, began = os.times(), time.monotonic()
    done = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        env=dict(environ),
        check=False,
        capture_output=True,
        text=True,
        timeout=_LONGEST,
    )
    after = os.times()
    cpu = (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )
    return done, Spent(cpu, time.monotonic() - began)
