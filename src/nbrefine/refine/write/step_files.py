"""The notebooks of steps as Jupyter's JSON, also those that jupytext keeps as scripts or texts."""

from __future__ import annotations

import importlib
import json
import re
from typing import TYPE_CHECKING, Any

from nbrefine.errors import EnvironmentFaultError, NotebookError, Place
from nbrefine.files.paths import shown
from nbrefine.notebook.document import load_document, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import ModuleType

__all__ = ["read_step", "step_text", "why_unreadable"]

_FORMAT = 4
_TEXTS = frozenset({".py", ".md"})
_HEADER = re.compile(r"\A(?:# )?---\n.*?^(?:# )?---\n", re.DOTALL | re.MULTILINE)


def why_unreadable(path: Path) -> str:
    """Say why a step's file cannot be changed and written again; empty if it can.

    Parameters
    ----------
    path
        The step's source.
    """
    if path.suffix == ".ipynb":
        return ""
    if path.suffix not in _TEXTS:
        return "it is neither a notebook nor a script of jupytext in Python"
    if step_text(path, read_step(path)) != read_text(path):
        return "jupytext would write it otherwise than it is: open it in JupyterLab and save it"
    return ""


def read_step(path: Path) -> dict[str, Any]:
    """Read a step's notebook.

    Parameters
    ----------
    path
        An ``.ipynb`` file of nbformat 4, or a ``.py`` or ``.md`` file of jupytext.

    Returns
    -------
    dict
        nbformat's JSON; the source of a cell may be a text.

    Raises
    ------
    NotebookError
        If it is of an old format, or damaged.
    EnvironmentFaultError
        If it takes jupytext to read it, and that is not installed.
    """
    if path.suffix != ".ipynb":
        document = json.loads(_nbformat().writes(_jupytext().read(path)))
        return dict(document)
    document = load_document(path)
    if document.get("nbformat") != _FORMAT or not isinstance(document.get("cells"), list):
        raise NotebookError(
            "The notebook is of an old format.",
            where=Place(shown(path)),
            hint="Open it in JupyterLab and save it.",
        )
    return document


def step_text(path: Path, notebook: Mapping[str, Any]) -> str:
    """Return a step's notebook as its file has it.

    Parameters
    ----------
    path
        Its file, whose ending says the format.
    notebook
        nbformat's JSON; keys stay in the order that they have.
    """
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    if path.suffix == ".ipynb":
        return text
    document = _nbformat().reads(text, as_version=_FORMAT)
    written = str(_jupytext().writes(document, fmt=path.suffix.removeprefix(".")))
    # The header names jupytext's version: it stays as it is, like all that nobody has changed.
    header = _HEADER.match(read_text(path))
    return (header[0] if header else "") + _HEADER.sub("", written, count=1)


def _jupytext() -> ModuleType:
    try:
        return importlib.import_module("jupytext")
    except ImportError:
        raise EnvironmentFaultError(
            "Steps that are scripts or texts take jupytext, and it is not installed.",
            hint="pip install jupytext",
        ) from None


def _nbformat() -> ModuleType:
    return importlib.import_module("nbformat")
