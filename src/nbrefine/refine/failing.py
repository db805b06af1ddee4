"""Notebooks that fail on their own are refused, with what would help."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.errors import NotebookError, NotebookFailsError
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.notebook.document import Cell, Notebook
    from nbrefine.recording.facts import Failure, Recording
    from nbrefine.refine.facts import CellFacts

# Packages whose distribution has another name than the module.
_DISTRIBUTIONS = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
# What newer versions no longer have; the pattern matches the error's message.
_REMOVED = (
    (r"numpy.*has no attribute '(float|int|bool|object|str|complex)'", "NumPy 1.24"),
    (r"numpy.*has no attribute '(NaN|Inf|float_|unicode_)'", "NumPy 2.0"),
    (r"'(DataFrame|Series)' object has no attribute '(append|iteritems)'", "pandas 2.0"),
    (r"unexpected keyword argument '(line_terminator|squeeze|error_bad_lines)'", "pandas 2.0"),
    (r"cannot import name 'load_boston'", "scikit-learn 1.2"),
    (r"has no attribute 'get_feature_names'", "scikit-learn 1.2"),
    (r"unexpected keyword argument 'sparse'", "scikit-learn 1.4"),
    (r"seaborn.*not a valid package style", "Matplotlib 3.8"),
)
_SEARCHED = 20_000


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
    where = notebook.place(cells[failed.origin], failed.line)
    tail = "\n".join(f"    {line}" for line in failed.traceback[-5:])
    raise NotebookFailsError(
        f"The notebook fails on its own: {failed.ename}: {_first(failed.evalue)}\n{tail}".rstrip(),
        where=where,
        hint=_hint(failed, notebook.path.parent),
    )


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
                hint="Run all cells from the top in a fresh kernel, and mend this one first.",
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
    return text.split("\n", 1)[0][:300]


def _hint(failed: Failure, folder: Path) -> str:
    """Say what would help, where that can be told from the error."""
    if module := re.search(r"No module named '([\w.]+)'", failed.evalue):
        name = module[1].split(".")[0]
        return f"Install the package: pip install {_DISTRIBUTIONS.get(name, name)}"
    if failed.ename == "FileNotFoundError" and (path := re.search(r"'([^']+)'", failed.evalue)):
        return _where_is(path[1], folder)
    for pattern, version in _REMOVED:
        if re.search(pattern, failed.evalue, re.DOTALL):
            return f"{version} removed this: change the cell, or run an older version by --python."
    if "timed out" in failed.evalue.lower() or failed.ename == "TimeoutError":
        return "Allow more time with --timeout."
    return "Run all cells from the top in a fresh kernel, and mend this one first."


def _where_is(missing: str, folder: Path) -> str:
    """Say where a file of that name lies."""
    name = Path(missing).name
    for number, path in enumerate(folder.rglob("*")):
        if path.name == name:
            return f"A file of that name is here: {shown(path)}"
        if number > _SEARCHED:
            break
    return f"No file {name!r} lies beside the notebook or below: put it there."
