"""Where a cell failed, read from what the kernel shows of the exception."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbrefine.compare.normalise import strip_ansi
from nbrefine.recording.facts import Failure

if TYPE_CHECKING:
    from nbrefine.kernels.session import CellRun

_LAST_LINES = 15
# IPython has written where in a cell something happened in several ways since 7.
_IN_CELL = (
    r"Cell In ?\[{count}\], line (\d+)",
    r"Input In \[{count}\], in <cell line: (\d+)>",
    r"<ipython-input-{count}-\w+>[^\n]*\n(?:[^\n]*\n)*?-+> (\d+)",
    r"Input In \[{count}\][^\n]*\n(?:[^\n]*\n)*?-+> (\d+)",
)


def failure_of(origin: int, run: CellRun) -> Failure:
    """Return where and how a cell failed.

    Parameters
    ----------
    origin
        The cell.
    run
        What came of it; it has an error.

    Returns
    -------
    Failure
        Its line is that of the cell's own statement, however deep below it the error was raised.
    """
    error = run.error
    if error is None:
        raise ValueError("The cell did not fail.")
    text = strip_ansi("\n".join(error.traceback))
    count = r"\d+" if run.execution_count is None else str(run.execution_count)
    found = (re.search(pattern.format(count=count), text) for pattern in _IN_CELL)
    line = next((int(match[1]) for match in found if match), None)
    tail = tuple(text.splitlines()[-_LAST_LINES:])
    return Failure(origin, line, error.ename, strip_ansi(error.evalue), tail)
