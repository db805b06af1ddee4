"""A failed step in words: the cell, its source, the error's last lines, where the rest is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.errors import Place
from nbrefine.files.paths import shown
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.engine.outcome import Outcome
    from nbrefine.engine.results import CellFailure, StepFailure

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_MARKED = re.compile(r"-+>\s*(\d+)")
_SHOWN_LINES = 12
_LAST_LINES = 6


def failure_text(outcome: Outcome) -> str:
    """Say why a step failed.

    Parameters
    ----------
    outcome
        Of a step with a failure.

    Returns
    -------
    str
        Several lines, credentials masked.
    """
    return mask_text("\n".join(_lines(outcome)))


def failing_place(failure: StepFailure) -> Place | None:
    """Return the cell and line at which a step ended; None if it was no cell.

    Parameters
    ----------
    failure
        Why it has not come to its end.
    """
    if failure.cell is None:
        return None
    notebook = shown(failure.kept) if failure.kept else "the notebook"
    return Place(notebook, _failing_line(_traceback(failure.cell)), failure.cell.index + 1)


def _lines(outcome: Outcome) -> Iterator[str]:
    failure = outcome.failure
    if failure is None:
        return
    kept = shown(failure.kept) if failure.kept else outcome.step
    place = None if failure.cell is None else Place(kept, None, failure.cell.index + 1)
    yield from failure_lines(f"{outcome.step} failed: {failure.reason}", failure, place)


def failure_lines(first: str, failure: StepFailure, place: Place | None) -> Iterator[str]:
    """Say why a step failed: the cell, its source and the error's last lines.

    Parameters
    ----------
    first
        The first line.
    failure
        What ended it.
    place
        The cell at which it ended, without a line; None if it was none.

    Yields
    ------
    str
        Lines, credentials not masked.
    """
    yield first
    if failure.cell is not None and place is not None:
        yield from _cell(failure.cell, place)
    if failure.kept is not None:
        yield f"  as far as it ran: {shown(failure.kept)}"


def _cell(cell: CellFailure, place: Place) -> Iterator[str]:
    traceback = _traceback(cell)
    line = _failing_line(traceback)
    yield f"  at {replace(place, line=line)}"
    rows = cell.source.rstrip().split("\n")
    first = max(0, min((line or 1) - _SHOWN_LINES // 2, len(rows) - _SHOWN_LINES))
    for number, row in enumerate(rows[first : first + _SHOWN_LINES], first + 1):
        yield f"  {'>' if number == line else ' '} {number:>3} | {row}"
    said = [row for row in traceback if row.strip()][-_LAST_LINES:]
    for row in said:
        yield f"    {row}"


def _traceback(cell: CellFailure) -> list[str]:
    return [line for part in cell.error.traceback for line in _COLOURS.sub("", part).split("\n")]


def _failing_line(traceback: list[str]) -> int | None:
    """Return the line of the cell that the traceback marks first."""
    if not any("Cell In" in row or "<ipython-input" in row for row in traceback):
        return None
    for row in traceback:
        match = _MARKED.match(row)
        if match:
            return int(match[1])
    return None
