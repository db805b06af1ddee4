"""Records what a notebook does: one observed run, and plain ones beside it."""

from __future__ import annotations

import hashlib
import shutil
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.recording.facts import (
    CellRecord,
    Failure,
    PythonFacts,
    Recording,
    ValueFacts,
    WrittenFile,
)
from nbrefine.recording.hints import find_hints
from nbrefine.recording.opened import Openings, opened_unseen
from nbrefine.recording.shadow import Shadow
from nbrefine.recording.single import Interpreter, SingleRun, run_once, translated
from nbrefine.recording.store import values_from_json
from nbrefine.recording.varying import changed_names, random_use, runs_differ, varying_cells
from nbrefine.recording.written import changed, look, look_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.kernels.session import Session
    from nbrefine.notebook.document import Cell, Notebook
    from nbrefine.recording.hints import CellHints

__all__ = ["CellRecord", "Failure", "PythonFacts", "Recording", "ValueFacts", "record"]


def record(  # noqa: PLR0913  (keywords, each with a default that does)
    notebook: Notebook,
    *,
    folder: Path,
    python: str | None = None,
    kernel: str | None = None,
    runs: int = 3,
    timeout: float | None = None,
    keep: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    busy_run: Callable[[Recording], SingleRun | None] | None = None,
) -> Recording:
    """Run a notebook under observation, then plainly, and say what it did.

    Parameters
    ----------
    notebook
        What to run. Its code cells that are not empty run in the order of the document.
    folder
        The notebook's own folder. Nothing in it is changed: the runs work on a shadow of it.
    python
        Interpreter to run in; needs ipykernel. This one if neither is given.
    kernel
        Name of an installed kernel to run in, instead of `python`.
    runs
        Runs in all, at most. The third and later ones happen only where something differs.
    timeout
        Seconds that a cell may take; no limit if None.
    keep
        Folder to keep copies of the files in that the notebook wrote; none are kept if None.
    progress
        Called with the run's name, the number of cells done, and the number of all.
    busy_run
        Runs the notebook for a purpose of its own, given what the observed run showed, with
        ``PYTHONHASHSEED`` 1; None if it has no use for a run. Where that run shows what the
        observed one did, it counts as the plain one; what only it shows does not count.

    Returns
    -------
    Recording
        Also if the notebook fails on its own (`Recording.failed`).

    Raises
    ------
    EnvironmentFaultError
        If the kernel cannot be started.
    """
    cells = runnable_cells(notebook)
    task = _Task(cells, folder, Interpreter(python, kernel), timeout, progress, find_hints(cells))
    observed, observing = _observe(task, keep)
    compared = _Compared(task, observed, observing)
    if observed.failed is not None or runs < 2:  # noqa: PLR2004  (one beside the observed)
        return compared.recording(())
    busy = busy_run(compared.recording(())) if busy_run is not None else None
    if busy is not None and (busy.failed or len(busy.cells) < len(cells)):
        busy = None
    return compared.recording(_plain_runs(compared, runs - 1, busy))


def _plain_runs(compared: _Compared, most: int, busy: SingleRun | None) -> tuple[SingleRun, ...]:
    """Run plainly: once where that shows the same, else twice; return the runs, in their order."""
    task = compared.task
    if busy is not None:
        if not compared.differ((busy,)):
            return (busy,)
        if most > 1:
            second = _run_plain(task, 2)
            if compared.confirms(busy, second):
                return busy, second
            return _run_plain(task, 1), second
    plain: tuple[SingleRun, ...] = (_run_plain(task, 1),)
    while len(plain) < most and compared.differ(plain):
        plain = (*plain, _run_plain(task, len(plain) + 1))
    return plain


def runnable_cells(notebook: Notebook) -> tuple[Cell, ...]:
    """Return the code cells that are not empty; their positions are the origins."""
    return tuple(cell for cell in notebook.code_cells if cell.source.strip())


@dataclass(frozen=True)
class _Task:
    """What is run, and how."""

    cells: Sequence[Cell]
    folder: Path
    interpreter: Interpreter
    timeout: float | None
    progress: Callable[[str, int, int], None] | None
    hints: Sequence[CellHints]

    def tell(self, name: str, done: int) -> None:
        if self.progress is not None:
            self.progress(name, done, len(self.cells))


class _Observing:
    """What is seen of the observed run from outside the kernel."""

    def __init__(self, task: _Task, shadow: Shadow, openings: Openings) -> None:
        self._task, self._shadow, self._openings = task, shadow, openings
        self._before = look(shadow.root)
        self._written: list[set[str]] = []
        self._opened: list[set[str]] = []
        self.read: tuple[tuple[str, ...], ...] = ()
        self.written: tuple[frozenset[str], ...] = ()
        self.files: dict[str, WrittenFile] = {}

    def after_cell(self, origin: int, _: Session | None) -> None:
        """Look which files the cell left other than they were, and which were opened."""
        after = look(self._shadow.root)
        self._opened.append(self._openings.take())
        paths = changed(self._before, after)
        self._written.append({each for each in paths if not self._is_parted(each, after)})
        self._before = after
        self._task.tell("observed", origin + 1)

    def _is_parted(self, path: str, after: Mapping[str, object]) -> bool:
        """Whether a copy took the place of a link to the user's file, and nobody wrote to it."""
        original = look_at(self._shadow.original(path))
        return path not in self._before and original is not None and original == after.get(path)

    def end(self, observed: SingleRun, keep: Path | None) -> None:
        """Gather all that was written, by what either side saw."""
        if len(self._written) < len(observed.cells):
            self.after_cell(len(observed.cells) - 1, None)
        reported = [set(report.get("files_written", ())) for _, report in observed.cells]
        both = [a | b for a, b in zip(reported, self._written, strict=True)]
        for path in sorted(set().union(*both)):
            if Path(path).is_file():
                original = self._shadow.original(path)
                self.files[original] = _kept(Path(path), keep, len(self.files))
        read = [
            set(report.get("files_read", ())) | opened_unseen(opened, report)
            for opened, (_, report) in zip(self._opened, observed.cells, strict=True)
        ]
        self.read = tuple(tuple(sorted(map(self._shadow.original, paths))) for paths in read)
        self.written = tuple(frozenset(map(self._shadow.original, paths)) for paths in both)


def _kept(path: Path, keep: Path | None, number: int) -> WrittenFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = ""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        name = f"{number}{path.suffix}"
        shutil.copyfile(path, keep / name)
    return WrittenFile(digest, path.stat().st_size, name)


def _observe(task: _Task, keep: Path | None) -> tuple[SingleRun, _Observing]:
    """Do the observed run."""
    task.tell("observed", 0)
    sources = [cell.source for cell in task.cells]
    with Shadow(task.folder, sources) as shadow, Openings(shadow.root, sources) as openings:
        observing = _Observing(task, shadow, openings)
        single = run_once(
            task.cells,
            shadow,
            task.interpreter,
            whole=True,
            hash_seed=0,
            timeout=task.timeout,
            after_cell=observing.after_cell,
        )
        single = translated(single, shadow)
        observing.end(single, keep)
    return single, observing


@dataclass(frozen=True)
class _Compared:
    """The observed run, which others are compared with."""

    task: _Task
    observed: SingleRun
    observing: _Observing

    def recording(self, plain: Sequence[SingleRun]) -> Recording:
        """Put together what is known."""
        observed = self.observed
        records, causes = self._known(plain)
        executable = self.task.interpreter.python or ""
        return Recording(
            cells=records,
            final=values_from_json(observed.final),
            python=PythonFacts(**(observed.python or {"executable": executable, "version": ""})),
            reruns=tuple(_outputs(single) for single in plain),
            rerun_finals=tuple(values_from_json(single.final) for single in plain),
            failed=observed.failed,
            observed_seconds=_seconds(observed),
            plain_seconds=statistics.median(map(_seconds, plain)) if plain else 0.0,
            varying=frozenset(causes),
            causes=causes,
            unseen=frozenset(observed.unseen),
            files=self.observing.files,
            folder=str(self.task.folder.resolve()),
        )

    def _known(self, plain: Sequence[SingleRun]) -> tuple[tuple[CellRecord, ...], dict[int, str]]:
        """Return what is known of each cell, and why those that vary do."""
        records = _records(self.task, self.observed, self.observing, plain)
        if not plain:
            return records, {}
        seeds = [_hash_seed(number + 1) for number in range(len(plain))]
        ends = [values_from_json(single.final) for single in (self.observed, *plain)]
        reruns = [_outputs(single) for single in plain]
        return records, varying_cells(records, reruns, seeds, self.task.hints, ends)

    def differ(self, plain: Sequence[SingleRun]) -> bool:
        """Tell whether a further run could explain something."""
        return runs_differ(self.observed, plain[-1], self._known(plain)[1])

    def confirms(self, busy: SingleRun, plain: SingleRun) -> bool:
        """Tell whether all that differs in a run differs in another, which does nothing else."""
        varying = [self._known((single,))[1].keys() for single in (busy, plain)]
        names = [changed_names(self.observed, single) for single in (busy, plain)]
        return varying[0] <= varying[1] and names[0] <= names[1]


def _outputs(single: SingleRun) -> tuple[tuple[dict[str, Any], ...], ...]:
    return tuple(run.outputs for run, _ in single.cells)


def _hash_seed(number: int) -> int:
    """Return the ``PYTHONHASHSEED`` of a plain run: the second has that of the observed run.

    So what differs in the first and not in the second is known to follow it.
    """
    return 0 if number == 2 else number  # noqa: PLR2004  (the second)


def _run_plain(task: _Task, number: int) -> SingleRun:
    """Do one plain run."""
    name = f"plain {number}"
    task.tell(name, 0)
    with Shadow(task.folder, [cell.source for cell in task.cells]) as shadow:
        single = run_once(
            task.cells,
            shadow,
            task.interpreter,
            whole=False,
            hash_seed=_hash_seed(number),
            timeout=task.timeout,
            after_cell=lambda origin, _: task.tell(name, origin + 1),
        )
        return translated(single, shadow)


def _records(
    task: _Task, observed: SingleRun, observing: _Observing, plain: Sequence[SingleRun]
) -> tuple[CellRecord, ...]:
    """Put together what is known of each cell."""
    found = []
    for origin, (run, report) in enumerate(observed.cells):
        others = [single.cells[origin][1] for single in plain if origin < len(single.cells)]
        use, unseeded = random_use(
            task.cells[origin].source,
            report,
            others[0] if others else None,
            imports=task.hints[origin].imports,
        )
        found.append(
            CellRecord(
                origin=origin,
                outputs=run.outputs,
                seconds=report.get("seconds", run.seconds),
                cpu=report.get("cpu", 0.0),
                observing=report.get("observing", 0.0),
                files_read=observing.read[origin],
                files_written=tuple(sorted(observing.written[origin])),
                random=use,
                random_unseeded=unseeded or report.get("entropy", 0) > 0,
                **_names(report),
            )
        )
    return tuple(found)


def _names(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record that the observer alone knows."""
    return {
        "bound": frozenset(report.get("bound", ())),
        "changed": frozenset(report.get("changed", ())),
        "removed": frozenset(report.get("removed", ())),
        "values": values_from_json(report.get("values", {})),
        "aliases": tuple(frozenset(group) for group in report.get("aliases", ())),
        "same_object": tuple(frozenset(group) for group in report.get("same_object", ())),
        "imports": tuple(report.get("imports", ())),
        "environ_read": tuple(sorted(report.get("environ_read", ()))),
        "network": bool(report.get("network")),
        "subprocess": bool(report.get("subprocess")),
        "library": {name: tuple(keys) for name, keys in report.get("library", {}).items()},
    }


def _seconds(single: SingleRun) -> float:
    return float(sum(report.get("seconds", run.seconds) for run, report in single.cells))
