"""One run of a notebook in a fresh kernel, on a shadow of its folder."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nbrefine.kernels.session import CellRun, Session
from nbrefine.recording.channel import Channel
from nbrefine.recording.failure import failure_of
from nbrefine.recording.inject import calling_code, loading_code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.notebook.document import Cell
    from nbrefine.recording.facts import Failure
    from nbrefine.recording.shadow import Shadow

RAISES = "raises-exception"
"""Tag of a cell that is meant to fail, as nbclient and nbconvert know it."""


@dataclass(frozen=True)
class Interpreter:
    """What to run a notebook in.

    Parameters
    ----------
    python
        Interpreter.
    kernel
        Name of an installed kernel, instead of `python`.
    """

    python: str | None = None
    kernel: str | None = None


@dataclass(frozen=True)
class SingleRun:
    """What one run gave.

    Parameters
    ----------
    cells
        Of each cell that ran, what came of it, and what the observer reported.
    final
        What all names stood at in the end, as the observer reported it.
    unseen
        Names that changed without being seen.
    python
        The interpreter, as the observer reported it.
    failed
        Set if the notebook failed.
    """

    cells: tuple[tuple[CellRun, Mapping[str, Any]], ...]
    final: Mapping[str, Any] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    python: Mapping[str, Any] = field(default_factory=dict)
    failed: Failure | None = None


def run_once(  # noqa: PLR0913  (a run has that many sides)
    cells: Sequence[Cell],
    shadow: Shadow,
    interpreter: Interpreter,
    *,
    whole: bool,
    hash_seed: int,
    timeout: float | None = None,
    after_cell: Callable[[int, Session], None] | None = None,
) -> SingleRun:
    """Run a notebook once.

    Parameters
    ----------
    cells
        Its code cells that are not empty.
    shadow
        Where to run it.
    interpreter
        What to run it in.
    whole
        Whether to observe it; else only time, random streams and the names at the end are.
    hash_seed
        ``PYTHONHASHSEED`` of the kernel.
    timeout
        Seconds that a cell may take.
    after_cell
        Called after each cell with its origin and the session.

    Returns
    -------
    SingleRun
        Also if the notebook fails.
    """
    channel = Channel(shadow.backup / "channel", timeout)
    env = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    done: list[tuple[CellRun, Mapping[str, Any]]] = []
    failed = None
    with Session(
        shadow.folder, python=interpreter.python, kernel=interpreter.kernel, env=env
    ) as session:
        _start(session, shadow, whole=whole)
        for origin, cell in enumerate(cells):
            run = session.run_cell(cell.source, overtime=channel.overtime)
            done.append((run, channel.receive("report").get("report", {})))
            expected = RAISES in cell.tags and not (run.timed_out or run.kernel_died)
            if run.error is not None and not expected:
                failed = failure_of(origin, run)
                break
            if after_cell is not None:
                after_cell(origin, session)
        if done and done[-1][0].kernel_died:
            return SingleRun(tuple(done), failed=failed)
        session.run_cell(calling_code("entry.final()"), silent=True, timeout=_LAST_SECONDS)
        final = channel.receive("final")
        session.run_cell(calling_code("entry.python()"), silent=True, timeout=_LAST_SECONDS)
        python = channel.receive("python").get("python", {})
    return SingleRun(
        tuple(done), final.get("final", {}), tuple(final.get("unseen", ())), python, failed
    )


_LAST_SECONDS = 120.0


def _start(session: Session, shadow: Shadow, *, whole: bool) -> None:
    """Bring the observer into the kernel."""
    free = [os.path.realpath(folder) for folder in ("/tmp", "/var/tmp", "/dev/shm")]  # noqa: S108
    places = (str(shadow.backup / "channel"), str(shadow.root), str(shadow.backup), free)
    arguments = ", ".join(repr(place) for place in places)
    code = loading_code() + "\n" + calling_code(f"entry.start({arguments}, whole={whole})")
    run = session.run_cell(code, silent=True, timeout=_LAST_SECONDS)
    if run.error is not None:
        lines = "\n".join(run.error.traceback)
        raise RuntimeError(f"The observer does not start in {sys.platform}'s kernel:\n{lines}")


def translated(single: SingleRun, shadow: Shadow) -> SingleRun:
    """Name the notebook's own folder where outputs, values and a failure name the shadow.

    Parameters
    ----------
    single
        What a run gave.
    shadow
        Where it ran.
    """

    def translate(run: CellRun, report: Mapping[str, Any]) -> tuple[CellRun, Mapping[str, Any]]:
        outputs: tuple[dict[str, Any], ...] = _in_texts(run.outputs, shadow)
        values = _in_texts(report.get("values", {}), shadow)
        return replace(run, outputs=outputs), {**report, "values": values}

    failed = single.failed
    if failed is not None:
        lines: tuple[str, ...] = _in_texts(failed.traceback, shadow)
        failed = replace(failed, evalue=shadow.original(failed.evalue), traceback=lines)
    cells = tuple(translate(run, report) for run, report in single.cells)
    return replace(single, cells=cells, final=_in_texts(single.final, shadow), failed=failed)


def _in_texts(value: Any, shadow: Shadow) -> Any:  # noqa: ANN401  (JSON is of any type)
    if isinstance(value, str):
        return shadow.original(value)
    if isinstance(value, dict):
        return {key: _in_texts(part, shadow) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_in_texts(part, shadow) for part in value)
    return value
