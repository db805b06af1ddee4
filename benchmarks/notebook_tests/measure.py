"""Measures one case: false alarms where nothing has changed, and faults that are caught."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.notebook_tests import tools
from benchmarks.notebook_tests.faults import faults
from benchmarks.notebook_tests.truth import first_changed, shown, steady

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.notebook_tests.cases import Case
    from benchmarks.notebook_tests.faults import Fault
    from benchmarks.notebook_tests.tools import Answer

_OTHER_THREADS = 2


@dataclass
class Measured:
    """What is known of a case; as JSON it says where to go on.

    Parameters
    ----------
    refused
        Why there is nothing to measure.
    alarms
        By tool, the cells that were not as they were in each repeat, though nothing had changed.
    cpu
        By tool, the CPU seconds of each repeat.
    faults
        Faults that change an output: what they are, and by tool whether they were caught.
    """

    refused: str = ""
    alarms: dict[str, list[int]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


def measure(case: Case, root: Path, repeats: int, most: int) -> Measured:
    """Measure a case.

    Parameters
    ----------
    case
        The case.
    root
        A folder that is not there; left for readers.
    repeats
        How often nothing is changed; once more with other thread counts.
    most
        How many faults are tried.
    """
    measured = Measured()
    try:
        case.write(root)
        _record(case, root)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        measured.refused = str(error)[-300:]
        return measured
    steps = [file.stem for file in sorted((root / "tests" / "notebooks").glob("*.ipynb"))]
    for step in steps:
        tools.write_plain(root, step)
    runs: dict[str, list[dict[str, str]]] = {step: [] for step in steps}
    for repeat in range(repeats + 1):
        threads = 1 if repeat < repeats else _OTHER_THREADS
        answers = {tools.OURS: tools.ours(root, case.python, everything=True, threads=threads)}
        for step in steps:
            runs[step].append(shown(root / ".nbrefine" / "executed" / f"{step}.ipynb"))
        for tool in tools.OTHERS:
            answers[tool] = tools.other(tool, root, case.python, steps, threads=threads)
        for tool, answer in answers.items():
            _add(measured, tool, answer)
    _try_faults(case, root, runs, most, measured)
    return measured


def _add(measured: Measured, tool: str, answer: Answer) -> None:
    if answer.broken:
        measured.alarms.setdefault(tool, []).append(-1)
    else:
        measured.alarms.setdefault(tool, []).append(len(answer.cells))
        measured.cpu.setdefault(tool, []).append(round(answer.spent.cpu, 2))


def _record(case: Case, root: Path) -> None:
    done = subprocess.run(
        [str(case.python), "-m", "nbrefine", "baseline", "record", "-C", str(root)],
        check=False,
        capture_output=True,
        text=True,
        timeout=3600,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-300:])


def _try_faults(
    case: Case,
    root: Path,
    runs: dict[str, list[dict[str, str]]],
    most: int,
    measured: Measured,
) -> None:
    each = -(-most // len(runs))
    for step, shown_before in runs.items():
        file = root / "notebooks" / f"{step}.ipynb"
        document = json.loads(file.read_text("utf-8"))
        sources = [
            "".join(cell["source"]) if cell["cell_type"] == "code" else ""
            for cell in document["cells"]
        ]
        before = steady(shown_before)
        for fault in faults(sources, each):
            found = _try(case, root, step, fault, before)
            if found is not None:
                measured.faults.append(found)


def _try(
    case: Case, root: Path, step: str, fault: Fault, before: dict[str, str]
) -> dict[str, Any] | None:
    """Put a fault into a step, and see who names the first cell that shows it, if one does."""
    file = root / "notebooks" / f"{step}.ipynb"
    clean = file.read_text("utf-8")
    document = json.loads(clean)
    cell = document["cells"][fault.cell]
    cell["source"] = fault.source
    order = [each["id"] for each in document["cells"]]
    file.write_text(json.dumps(document, indent=1))
    try:
        mine = tools.ours(root, case.python, [step], everything=False)
        executed = root / ".nbrefine" / "executed" / f"{step}.ipynb"
        # A fault that ends the notebook is found by whoever runs it.
        place = None if mine.broken else first_changed(executed, before, order)
        if place is None:
            return None
        tools.write_plain(root, step, {cell["id"]: fault.source})
        answers = {tool: tools.other(tool, root, case.python, [step]) for tool in tools.OTHERS}
    finally:
        file.write_text(clean)
        tools.write_plain(root, step)
    caught = {tool: (step, place) in answer.cells for tool, answer in answers.items()}
    kept = {"step": step, "kind": fault.kind, "what": fault.what, "shown_at": place}
    return kept | {"caught": {tools.OURS: (step, place) in mine.cells, **caught}}
