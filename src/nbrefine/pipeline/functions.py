"""Functions that the spec names by a dotted path, found without importing anything."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.errors import PipelineSpecError, Place, did_you_mean
from nbrefine.files.paths import shown
from nbrefine.notebook.document import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator


def module_file(dotted: str, root: Path) -> Path | None:
    """Return the file of a module, if it is below the project or on the import path.

    Parameters
    ----------
    dotted
        The module's name.
    root
        The project, which Ploomber puts first on the import path.

    Returns
    -------
    Path or None
        The source file.
    """
    parts = dotted.split(".")
    for folder in (root, *(Path(entry) for entry in sys.path if entry)):
        package = folder.joinpath(*parts, "__init__.py")
        module = folder.joinpath(*parts[:-1], f"{parts[-1]}.py")
        for file in (package, module):
            if file.is_file():
                return file
    return None


def function_node(source: Path, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """Return a function's definition.

    Parameters
    ----------
    source
        The file of its module.
    name
        The function.

    Returns
    -------
    ast.FunctionDef or ast.AsyncFunctionDef
        The last definition of that name at the module's top level.

    Raises
    ------
    PipelineSpecError
        If the file is not Python, or does not define the function.
    """
    try:
        module = ast.parse(read_text(source))
    except SyntaxError as error:
        raise PipelineSpecError(
            f"This is not valid Python: {error.msg}.", where=Place(shown(source), error.lineno)
        ) from None
    defined = {node.name: node for node in _definitions(module)}
    if name not in defined:
        hint = did_you_mean(name, defined) or "The file defines no function."
        if any(
            (alias.asname or alias.name) == name
            for node in ast.walk(module)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        ):
            hint = "It is imported there: name the module that defines it."
        raise PipelineSpecError(
            f"The module does not define a function {name!r}.",
            where=Place(shown(source)),
            hint=hint,
        )
    return defined[name]


def _definitions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
