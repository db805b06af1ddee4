"""Any notebook that a user may have, read: old formats, scripts, small damages."""

from __future__ import annotations

import importlib
import json
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbrefine.errors import EnvironmentFaultError, NotebookError, Place
from nbrefine.files.paths import shown
from nbrefine.notebook.document import (
    load_document,
    parse_document,
    read_notebook,
    read_text,
)
from nbrefine.notebook.script import read_script

if TYPE_CHECKING:
    from pathlib import Path

    from nbrefine.notebook.document import Cell, Notebook

_SCRIPTS = frozenset({".py", ".md", ".markdown", ".rmd", ".qmd"})
_OTHER_LANGUAGES = {
    ".r": "R",
    ".jl": "Julia",
    ".scala": "Scala",
    ".sh": "Bash",
    ".sql": "SQL",
    ".js": "JavaScript",
    ".ts": "TypeScript",
    ".rs": "Rust",
    ".go": "Go",
    ".cs": "C#",
    ".java": "Java",
}
# Kernels by the beginning of their name, for notebooks that do not say their language.
_KERNELS = {
    "ir": "R",
    "julia": "Julia",
    "scala": "Scala",
    "bash": "Bash",
    "javascript": "JavaScript",
}
_PYTHON = frozenset({"python", "python2", "python3", "ipython", "ipython2", "ipython3", ""})
_NEWEST = 4


def read_any(path: Path) -> Notebook:
    """Read a notebook of any format that Jupyter or jupytext knows.

    Parameters
    ----------
    path
        An ``.ipynb`` file of any nbformat, or a ``.py``, ``.md``, ``.Rmd`` or ``.qmd`` file of
        jupytext.

    Returns
    -------
    Notebook
        Its cells, with outputs and execution counts; `repairs` says what was put right.

    Raises
    ------
    NotebookError
        If it is no notebook, is damaged, or is not in Python.
    EnvironmentFaultError
        If it takes a package to read it that is not installed.
    """
    suffix = path.suffix.lower()
    if suffix in _OTHER_LANGUAGES:
        raise _foreign(_OTHER_LANGUAGES[suffix], path)
    notebook = _read_text_format(path, suffix) if suffix in _SCRIPTS else _read_json(path)
    language = _language(notebook)
    if language.lower() not in _PYTHON:
        raise _foreign(language, path)
    return _with_own_ids(notebook)


def _read_json(path: Path) -> Notebook:
    document = load_document(path)
    version = document.get("nbformat")
    if version == _NEWEST or not isinstance(version, int):
        return read_notebook(path)
    if version > _NEWEST:
        raise NotebookError(
            f"The notebook has format {version}, which is newer than the newest known, {_NEWEST}.",
            where=Place(shown(path)),
            hint="Update nbrefine, or save the notebook in an older format.",
        )
    nbformat = _imported("nbformat", path)
    try:
        with warnings.catch_warnings():
            # Old notebooks lack what newer formats ask for: that is why they are upgraded.
            warnings.simplefilter("ignore")
            upgraded = nbformat.reads(json.dumps(document), as_version=_NEWEST)
    except (AttributeError, KeyError, TypeError, ValueError, nbformat.ValidationError) as error:
        raise NotebookError(
            f"The notebook has format {version} and cannot be upgraded: {error!r}.",
            where=Place(shown(path)),
            hint="It may have been cut short. Open it in JupyterLab, or restore it.",
        ) from None
    repair = f"upgraded from nbformat {version}"
    return replace(parse_document(upgraded, path), repairs=(repair,))


def _read_text_format(path: Path, suffix: str) -> Notebook:
    text = read_text(path)
    marked = any(line.startswith(("# %%", "#%%")) for line in text.split("\n"))
    if suffix == ".py" and marked:
        return read_script(path)
    jupytext = _imported("jupytext", path)
    try:
        document = jupytext.reads(text, fmt=suffix.lstrip("."))
    except (ValueError, TypeError, KeyError) as error:
        raise NotebookError(
            f"The file cannot be read as a notebook: {error}.", where=Place(shown(path))
        ) from None
    return parse_document(document, path)


def _imported(name: str, path: Path) -> Any:  # noqa: ANN401  (a module)
    """Import a package that only few notebooks need."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise EnvironmentFaultError(
            f"To read this notebook takes the package {name}, which is not installed.",
            where=Place(shown(path)),
            hint=f"Install it: pip install {name}",
        ) from None


def _language(notebook: Notebook) -> str:
    spec = notebook.metadata.get("kernelspec")
    said = any(
        isinstance(part := notebook.metadata.get(section), dict) and part.get(key)
        for section, key in (("kernelspec", "language"), ("language_info", "name"))
    )
    name = str(spec.get("name", "")) if isinstance(spec, dict) else ""
    if said or not name:
        return notebook.language
    return next(
        (language for start, language in _KERNELS.items() if name.lower().startswith(start)),
        "python",
    )


def _foreign(language: str, path: Path) -> NotebookError:
    return NotebookError(
        f"The notebook is in {language}, but only notebooks in Python can be used.",
        where=Place(shown(path)),
        hint="If its code is Python, choose a Python kernel in JupyterLab and save it.",
    )


def _with_own_ids(notebook: Notebook) -> Notebook:
    """Give each cell an identifier of its own where two have the same."""
    taken: set[str] = set()
    cells: list[Cell] = []
    repaired: list[int] = []
    for cell in notebook.cells:
        new = cell.id
        while new and new in taken:
            new = f"{cell.id}-{cell.index}" if new == cell.id else f"{new}x"
        if new != cell.id:
            repaired.append(cell.index + 1)
        taken.add(new)
        cells.append(cell if new == cell.id else replace(cell, id=new))
    if not repaired:
        return notebook
    where = ", ".join(map(str, repaired))
    repair = f"gave cells {where} new identifiers: theirs were those of earlier cells"
    return replace(notebook, cells=tuple(cells), repairs=(*notebook.repairs, repair))
