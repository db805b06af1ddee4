"""The project's modules that a model needs, told by its code and copied beside it."""

from __future__ import annotations

import ast
import importlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.analysis.modules import Finder, reach
from nbrefine.analysis.pieces import read_module
from nbrefine.analysis.uses import uses_of
from nbrefine.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbrefine.analysis.facts import Module


def copy_modules(names: Iterable[str], target: Path) -> set[str]:
    """Copy modules of the project, and all of the project's that they import.

    Parameters
    ----------
    names
        Dotted names of modules that can be imported.
    target
        The folder that will stand for the import path.

    Returns
    -------
    set of str
        The top-level packages that were copied.
    """
    names = sorted(set(names))
    folder = _import_path(names)
    uses = uses_of(ast.parse("\n".join(f"import {name}" for name in names)).body)
    reached = reach(uses, Finder([folder]), _read, start=_starts(names, folder))
    for file in sorted(reached.files):
        copy = target / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return {file.relative_to(folder).parts[0].removesuffix(".py") for file in reached.files}


def _import_path(names: list[str]) -> Path:
    """Find the one folder that all of the project's modules are below."""
    found = {_folder_of(name) for name in names}
    if len(found) != 1:
        several = ", ".join(sorted(map(str, found)))
        raise ModelError(f"The model's modules come from several folders: {several}.")
    return found.pop()


def _folder_of(name: str) -> Path:
    top = importlib.import_module(name.partition(".")[0])
    if top.__file__ is None:
        raise ModelError(f"The package {top.__name__!r} has no file: it lacks an __init__.py.")
    file = Path(top.__file__).resolve()
    return file.parent.parent if file.name == "__init__.py" else file.parent


def _starts(names: list[str], folder: Path) -> list[tuple[Path, str]]:
    finder = Finder([folder])
    return [(file, "__name__") for name in names for file in finder.find(name)]


def _read(file: Path) -> Module:
    return read_module(file.read_text(encoding="utf-8"))
