"""Any notebook that a user may have, read: old formats, scripts, small damages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.notebook.document import read_notebook

if TYPE_CHECKING:
    from pathlib import Path

    from nbrefine.notebook.document import Notebook


def read_any(path: Path) -> Notebook:
    """Read a notebook of any format that Jupyter or jupytext knows.

    Parameters
    ----------
    path
        An ``.ipynb`` file of nbformat 3 or 4, or a ``.py`` or ``.md`` file of jupytext.

    Returns
    -------
    Notebook
        Its cells, with outputs and execution counts.

    Raises
    ------
    NotebookError
        If it is no notebook, is damaged, or is not in Python.
    """
    return read_notebook(path)
