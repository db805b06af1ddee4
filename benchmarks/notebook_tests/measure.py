"""Measures one case: false alarms where nothing has changed, and faults that are caught."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.notebook_tests import tools
from benchmarks.notebook_tests.faults import faults
from benchmarks.notebook_tests.truth import first_changed, shown, steady

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.notebook_tests.cases import Case
    from benchmarks.notebook_tests.faults import Fault

UNCHANGED, IN_PYTEST = "ours_unchanged", "ours_in_pytest"
"""Our own, where nothing has to be run; and as a plugin of pytest, where all is."""
_OTHER_THREADS = 2


@dataclass
class Measured:
    """What is known of a case; as JSON it says where to go on.

    Parameters
    ----------
    refused
        Why there is nothing to measure.
    recorded
        Whether the baselines are recorded.
    alarms
        By tool, the cells that were not as they were in each repeat, though nothing had changed;
        -1 where the tool said nothing.
    cpu
        By tool, the CPU seconds of each repeat.
    shown
        By step, digests of the lines that the cells showed in each repeat.
    tried
        Faults that were tried, by step, number and kind.
    faults
        Those that change an output: what they are, and by tool whether they were caught.
    done
        Whether all is measured.
    """

    refused: str = ""
    recorded: bool = False
    alarms: dict[str, list[int]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    shown: dict[str, list[dict[str, list[str]]]] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    done: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True)
class Trial:
    """The measuring of one case.

    Parameters
    ----------
    case
        The case.
    root
        Its project; made anew where nothing is recorded yet.
    measured
        What is known, and is added to.
    keep
        Called whenever there is something new.
    """

    case: Case
    root: Path
    measured: Measured
    keep: Callable[[], None]

    def run(self, repeats: int, most: int) -> None:
        """Measure what is not known yet.

        Parameters
        ----------
        repeats
            How often nothing is changed; once more with another number of threads.
        most
            How many faults are tried.
        """
        measured = self.measured
        if not measured.recorded:
            shutil.rmtree(self.root, ignore_errors=True)
            try:
                self.case.write(self.root)
                _record(self.case, self.root)
                # No project around it counts; pytest-notebook writes it into its own notebooks.
                ini = "[pytest]\nnb_diff_ignore =\n    /metadata/language_info\n"
                (self.root / "pytest.ini").write_text(ini)
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                measured.refused, measured.done = str(error)[-300:], True
                self.keep()
                return
            measured.recorded = True
            self.keep()
        steps = [file.stem for file in sorted((self.root / "tests/notebooks").glob("*.ipynb"))]
        for step in steps:
            tools.write_plain(self.root, step)
        for repeat in range(len(measured.alarms.get(tools.OURS, ())), repeats + 1):
            self._repeat(steps, 1 if repeat < repeats else _OTHER_THREADS)
        each = -(-most // len(steps))
        for step in steps:
            self._try_faults(step, each)
        measured.done = True
        self.keep()

    def _repeat(self, steps: Sequence[str], threads: int) -> None:
        measured, python = self.measured, self.case.python
        answers = {tools.OURS: tools.ours(self.root, python, everything=True, threads=threads)}
        for step in steps:
            executed = shown(self.root / ".nbrefine" / "executed" / f"{step}.ipynb")
            measured.shown.setdefault(step, []).append(executed)
        answers[UNCHANGED] = tools.ours(self.root, python, everything=False, threads=threads)
        if self.case.original is None:  # it compares what `check` compares, and in a longer time
            answers[IN_PYTEST] = tools.in_pytest(self.root, python, threads=threads)
        for tool in tools.OTHERS:
            answers[tool] = tools.other(tool, self.root, python, steps, threads=threads)
        for tool, answer in answers.items():
            number = -1 if answer.broken else len(answer.cells)
            measured.alarms.setdefault(tool, []).append(number)
            measured.cpu.setdefault(tool, []).append(round(answer.spent.cpu, 2))
        self.keep()

    def _try_faults(self, step: str, most: int) -> None:
        file = self.root / "notebooks" / f"{step}.ipynb"
        cells = json.loads(file.read_text("utf-8"))["cells"]
        sources = ["".join(c["source"]) if c["cell_type"] == "code" else "" for c in cells]
        before = steady(self.measured.shown[step])
        for number, fault in enumerate(faults(sources, most)):
            name = f"{step} {number} {fault.kind}"
            if name in self.measured.tried:
                continue
            found = _try(self.case, self.root, step, fault, before)
            self.measured.tried.append(name)
            self.measured.faults += [] if found is None else [found]
            self.keep()


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


def _try(
    case: Case, root: Path, step: str, fault: Fault, before: Mapping[str, Sequence[str | None]]
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
