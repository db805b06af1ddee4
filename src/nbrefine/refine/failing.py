"""Notebooks that fail on their own are refused, with what would help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbrefine.errors import NotebookError, NotebookFailsError
from nbrefine.refine.hints import MEND, hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.notebook.document import Cell, Notebook
    from nbrefine.recording.facts import Failure, Recording
    from nbrefine.refine.flow.facts import CellFacts

_LAST_LINES = 6
# Errors whose place is in the text itself; of all others the frames say where.
_OF_TEXT = frozenset({"SyntaxError", "IndentationError", "TabError"})
_FRAME = re.compile(r"File |Cell In|Input In|-+> ")
# IPython names a cell's code by a number of its own.
_FILE = re.compile(r" \((?:<[^>]*>|\d+\.py), line \d+\)$")


def refuse_failing(notebook: Notebook, recording: Recording) -> None:
    """Refuse a notebook that failed when it was recorded.

    Parameters
    ----------
    notebook
        The notebook.
    recording
        Its run.

    Raises
    ------
    NotebookFailsError
        With the cell, the last lines of the error, and what would help.
    NotebookError
        If a cell raises by intention (the tag ``raises-exception``).
    """
    cells = [cell for cell in notebook.code_cells if cell.source.strip()]
    failed = recording.failed
    if failed is None:
        _refuse_raising(notebook, cells, recording)
        return
    message = [f"The notebook fails on its own: {failed.ename}: {_first(failed.evalue)}".rstrip()]
    raise NotebookFailsError(
        "\n".join([*message, *_shown(failed, cells[failed.origin])]),
        where=notebook.place(cells[failed.origin], failed.line),
        hint=hint(failed, notebook),
    )


def refuse_empty(notebook: Notebook) -> None:
    """Refuse a notebook without code.

    Raises
    ------
    NotebookError
        If no code cell has anything in it.
    """
    if not any(cell.source.strip() for cell in notebook.code_cells):
        raise NotebookError("The notebook has no code.", where=notebook.place())


def refuse_broken(notebook: Notebook, cells: Sequence[CellFacts]) -> None:
    """Refuse a notebook of which the code alone says that it fails.

    Parameters
    ----------
    notebook
        The notebook.
    cells
        What is known of its code cells.

    Raises
    ------
    NotebookFailsError
        With the cell that is no Python.
    """
    for facts in cells:
        if facts.python.error:
            raise NotebookFailsError(
                f"The notebook fails on its own: SyntaxError: {facts.python.error}",
                where=notebook.place(facts.cell, facts.python.error_line),
                hint=MEND,
            )


def _refuse_raising(notebook: Notebook, cells: Sequence[Cell], recording: Recording) -> None:
    """Refuse a notebook with a cell that fails by intention: Papermill ends a build there."""
    for record in recording.cells:
        if any(output.get("output_type") == "error" for output in record.outputs):
            raise NotebookError(
                "The cell raises an exception by intention, but a build ends where a cell raises.",
                where=notebook.place(cells[record.origin]),
                hint="Catch the exception in the cell and print it; then refine again.",
            )


def _first(text: str) -> str:
    """Return the first line of a message that says something, without a number of IPython's."""
    line = next((each.strip() for each in text.splitlines() if each.strip()), "")
    return _FILE.sub("", line)[:300]


def _shown(failed: Failure, cell: Cell) -> list[str]:
    """Return the lines that failed, the cell's own among them, and what the message says more."""
    tail = failed.traceback
    if failed.ename not in _OF_TEXT:
        tail = tuple(line for line in tail if _FRAME.match(line))
    said = f"{failed.ename}: {_first(failed.evalue)}"
    lines = [line for line in tail if line.strip() and _FILE.sub("", line) != said]
    if failed.line is not None and not any("Cell In" in line for line in lines):
        lines.insert(0, f"{failed.line} | {cell.source.splitlines()[failed.line - 1]}")
    more = [line.strip() for line in failed.evalue.splitlines() if line.strip()][1:]
    return [f"    {line}" for line in (*lines[-_LAST_LINES:], *more[:_LAST_LINES])]
