"""A failed step in words: the cell, its source, the error's last lines, where the rest is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbrefine.errors import Place
from nbrefine.files.paths import shown
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.engine.outcome import Outcome
    from nbrefine.engine.results import CellFailure

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


def _lines(outcome: Outcome) -> Iterator[str]:
    failure = outcome.failure
    if failure is None:
        return
    yield f"{outcome.step} failed: {failure.reason}"
    if failure.cell is not None:
        yield from _cell(failure.cell, shown(failure.kept) if failure.kept else outcome.step)
    if failure.kept is not None:
        yield f"  as far as it ran: {shown(failure.kept)}"


def _cell(cell: CellFailure, notebook: str) -> Iterator[str]:
    traceback = [
        line for part in cell.error.traceback for line in _COLOURS.sub("", part).split("\n")
    ]
    line = _failing_line(traceback)
    yield f"  at {Place(notebook, line, cell.index + 1)}"
    rows = cell.source.rstrip().split("\n")
    first = max(0, min((line or 1) - _SHOWN_LINES // 2, len(rows) - _SHOWN_LINES))
    for number, row in enumerate(rows[first : first + _SHOWN_LINES], first + 1):
        yield f"  {'>' if number == line else ' '} {number:>3} | {row}"
    said = [row for row in traceback if row.strip()][-_LAST_LINES:]
    for row in said:
        yield f"    {row}"


def _failing_line(traceback: list[str]) -> int | None:
    """Return the line of the cell that the traceback marks first."""
    if not any("Cell In" in row or "<ipython-input" in row for row in traceback):
        return None
    for row in traceback:
        match = _MARKED.match(row)
        if match:
            return int(match[1])
    return None
