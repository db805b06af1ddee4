"""Runs the notebook of a step in a fresh kernel, from its first cell to its last or to a failure.

What it writes down follows papermill's conventions, so that other tools read it as papermill's.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

from nbrefine.engine.results import CellFailure
from nbrefine.errors import EnvironmentFaultError
from nbrefine.kernels.channels import needs_channels
from nbrefine.kernels.session import COLD_KERNEL_NEEDED, CellError, CellRun, Session
from nbrefine.recording.channel import Channel
from nbrefine.recording.inject import USAGE, calling_code, loading_code, quick_loading_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.engine.stop import Stop

MOST_PRINTED = 2_000_000
"""Characters of printed text that are kept of a cell."""
_LAST_SECONDS = 60.0
_DEAD = frozenset({"DeadKernelError", COLD_KERNEL_NEEDED})
_BETWEEN_LOOKS = 0.25


@dataclass(frozen=True)
class Surroundings:
    """What a notebook runs in.

    Parameters
    ----------
    root
        The project's folder.
    folder
        Working directory of the kernel.
    staging
        Where the step's products are written to.
    undo
        Folder for copies of what it overwrites elsewhere.
    kernel
        Name of an installed kernel; this interpreter if empty.
    env
        Variables that the kernel gets beside this process's.
    ahead
        Modules that the kernel finds imported, where it can be forked; None for a cold kernel.
    """

    root: Path
    folder: Path
    staging: Path
    undo: Path
    kernel: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    ahead: Sequence[str] | None = None


@dataclass(frozen=True)
class NotebookRun:
    """What came of running a notebook.

    Parameters
    ----------
    document
        The notebook with its outputs, also where it failed.
    usage
        What it used, as the observer reported it; empty where it could not.
    failure
        Set if it failed.
    memory
        The most that its kernel's process held at a time, in bytes.
    """

    document: dict[str, Any]
    usage: Mapping[str, Any]
    failure: CellFailure | None
    memory: int

    @property
    def needs_cold_kernel(self) -> bool:
        """Whether it has to be run again, in a kernel that is not forked."""
        return self.failure is not None and self.failure.error.ename == COLD_KERNEL_NEEDED


def run_notebook(
    document: Mapping[str, Any],
    where: Surroundings,
    *,
    timeout: float,
    stop: Stop,
    progress: Callable[[int, int, int], None] | None = None,
) -> NotebookRun:
    """Run a notebook.

    Parameters
    ----------
    document
        In nbformat 4, with its parameters.
    where
        What it runs in.
    timeout
        Seconds that the whole notebook may take.
    stop
        Ends it before its time.
    progress
        Called with the number of code cells that have run, that of all, and the most memory that
        the kernel has held, in bytes; from several threads.

    Returns
    -------
    NotebookRun
        Also if it fails, is stopped, or its kernel dies.

    Raises
    ------
    EnvironmentFaultError
        If no kernel can be started.
    """
    sources = (_source(cell) for cell in document["cells"] if _is_run(cell))
    with tempfile.TemporaryDirectory(prefix="nbrefine-") as private:
        channel = Channel(Path(private, "channel"))
        with (
            Session(
                where.folder,
                python=None if where.kernel else sys.executable,
                kernel=where.kernel or None,
                env={**os.environ, **where.env},
                most_printed=MOST_PRINTED,
                ahead=None if where.kernel else where.ahead,
                direct=not needs_channels(sources),
            ) as session,
            _Course(session.pid, progress) as course,
            stop.ending(session.kill),
        ):
            _watch(session, Path(private), where)
            cells, failure = _run_cells(document, session, timeout, course)
            if failure is None or failure.error.ename not in _DEAD:
                session.run_cell(calling_code("usage.finish()"), silent=True, timeout=_LAST_SECONDS)
        usage = channel.receive("usage").get("usage", {})
    return NotebookRun(_executed(document, cells, failure), usage, failure, course.memory)


def _watch(session: Session, private: Path, where: Surroundings) -> None:
    """Let the kernel tell what is used in it."""
    places = (private / "channel", where.root, where.staging, where.undo)
    arguments = ", ".join(repr(os.path.realpath(place)) for place in places)
    loading = loading_code(USAGE) if where.kernel else quick_loading_code(private / "code", USAGE)
    code = f"{loading}\n{calling_code(f'usage.start({arguments})')}"
    run = session.run_cell(code, silent=True, timeout=_LAST_SECONDS)
    if run.error is not None:
        raise EnvironmentFaultError(
            f"What the kernel reads cannot be watched: {run.error.ename}: {run.error.evalue}",
            hint="Its interpreter has to be Python 3.9 or later.",
        )


def _run_cells(
    document: Mapping[str, Any],
    session: Session,
    timeout: float,
    course: _Course,
) -> tuple[list[dict[str, Any]], CellFailure | None]:
    """Run the code cells in their order until one fails."""
    cells = [dict(cell) for cell in document["cells"]]
    course.total = sum(_is_run(cell) for cell in cells)
    end = time.monotonic() + timeout
    for index, cell in enumerate(cells):
        started = datetime.now(UTC)
        if not _is_run(cell):
            cells[index] = _with_times(_emptied(cell), started, "completed")
            continue
        source = _source(cell)
        run = session.run_cell(source, timeout=max(end - time.monotonic(), 0.01))
        failed = _failed(run)
        outputs = [*run.outputs]
        if run.error is not None and not any(each["output_type"] == "error" for each in outputs):
            outputs.append(_error_output(run.error))
        ran = {**_emptied(cell), "execution_count": run.execution_count, "outputs": outputs}
        cells[index] = _with_times(ran, started, "failed" if failed else "completed")
        course.cell_has_run()
        if failed and run.error is not None:
            rest = [_with_times(_emptied(each), None, "pending") for each in cells[index + 1 :]]
            return [*cells[: index + 1], *rest], CellFailure(index, source, run.error)
    return cells, None


def _is_run(cell: Mapping[str, Any]) -> bool:
    return cell["cell_type"] == "code" and bool(_source(cell).strip())


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


def _failed(run: CellRun) -> bool:
    """Whether a notebook ends here: Ploomber too goes on after ``sys.exit(0)``, and no other."""
    if run.error is None:
        return False
    if run.timed_out or run.kernel_died:
        return True
    return not (run.error.ename == "SystemExit" and run.error.evalue in {"", "0"})


def _error_output(error: CellError) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": error.ename,
        "evalue": error.evalue,
        "traceback": [*error.traceback],
    }


def _emptied(cell: Mapping[str, Any]) -> dict[str, Any]:
    empty: dict[str, Any] = {"execution_count": None, "outputs": []}
    return {**cell, **(empty if cell["cell_type"] == "code" else {})}


def _with_times(cell: dict[str, Any], started: datetime | None, status: str) -> dict[str, Any]:
    """Return a cell with papermill's notes about its run."""
    ended = datetime.now(UTC) if started else None
    notes = {
        "duration": (ended - started).total_seconds() if started and ended else None,
        "end_time": ended.isoformat() if ended else None,
        "exception": status == "failed" if started else None,
        "start_time": started.isoformat() if started else None,
        "status": status,
    }
    metadata = {**cell.get("metadata", {}), "papermill": notes}
    metadata.setdefault("tags", [])
    return {**cell, "metadata": metadata}


def _executed(
    document: Mapping[str, Any], cells: list[dict[str, Any]], failure: CellFailure | None
) -> dict[str, Any]:
    """Put the executed notebook together."""
    times = [cell["metadata"]["papermill"] for cell in cells]
    starts = [each["start_time"] for each in times if each["start_time"]]
    ends = [each["end_time"] for each in times if each["end_time"]]
    notes: dict[str, Any] = {
        "default_parameters": {},
        "environment_variables": {},
        "parameters": {},
        "start_time": min(starts, default=None),
        "end_time": max(ends, default=None),
        "duration": sum(each["duration"] or 0.0 for each in times),
        "exception": True if failure else None,
    }
    metadata = {**document.get("metadata", {}), "papermill": notes}
    return {**document, "cells": cells, "metadata": metadata}


class _Course:
    """How far a notebook is, and how much memory its kernel holds, which is looked at at times."""

    def __init__(self, pid: int | None, tell: Callable[[int, int, int], None] | None) -> None:
        self.total = self.memory = 0
        self._done, self._tell, self._pid = 0, tell, pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def cell_has_run(self) -> None:
        self._done += 1
        self._say()

    def _look(self) -> None:
        if self._pid is None:
            return
        try:
            process = psutil.Process(self._pid)
            while not self._over.wait(_BETWEEN_LOOKS):
                held = process.memory_info().rss
                if held > self.memory:
                    self.memory = held
                    self._say()
        except psutil.Error:
            return

    def _say(self) -> None:
        if self._tell is not None:
            self._tell(self._done, self.total, self.memory)
