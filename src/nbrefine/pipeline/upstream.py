"""What a step builds on, read from its source without running it."""

from __future__ import annotations

import ast
import fnmatch
import re
from typing import TYPE_CHECKING

from nbrefine.errors import NotebookError, PipelineSpecError, Place
from nbrefine.files.paths import shown
from nbrefine.notebook.document import Cell, Notebook, read_notebook, read_text
from nbrefine.pipeline.functions import function_node

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nbrefine.pipeline.model import Step

_TEMPLATE_USE = re.compile(r"\bupstream(?:\[\s*['\"]([^'\"]+)['\"]\s*\]|\.([A-Za-z_]\w*))")
_TEMPLATE_CODE = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)


def document_of(source: Path) -> Notebook:
    """Read a notebook, or a script with cells."""
    if source.suffix == ".ipynb":
        return read_notebook(source)
    from nbrefine.notebook.script import read_script  # noqa: PLC0415  (most sources are none)

    return read_script(source)


def upstream_of_notebook(source: Path) -> tuple[str, ...]:
    """Return the names in ``upstream = [...]`` of a notebook's ``parameters`` cell.

    Raises
    ------
    NotebookError
        If there is no such cell, or what it says is not a literal.
    """
    return upstream_said_in(document_of(source))


def upstream_said_in(notebook: Notebook) -> tuple[str, ...]:
    """Return what `upstream_of_notebook` does, of a notebook that has been read."""
    cell = _parameters_cell(notebook)
    found, value, line = _assigned(notebook, cell, "upstream")
    if not found:
        raise NotebookError(
            "The cell tagged 'parameters' does not say what the step builds on.",
            where=notebook.place(cell),
            hint='Add a line such as upstream = ["load"], or upstream = None for a first step.',
        )
    if value is None:
        return ()
    if isinstance(value, list | tuple | set | dict) and all(isinstance(v, str) for v in value):
        return tuple(sorted(value) if isinstance(value, set) else dict.fromkeys(value))
    raise NotebookError(
        f"'upstream' has to be a list of steps' names or None, but is {value!r}.",
        where=notebook.place(cell, line),
    )


def product_of_notebook(source: Path) -> object:
    """Return what ``product = ...`` of a notebook's ``parameters`` cell says.

    Raises
    ------
    NotebookError
        If it says nothing, or not as a literal.
    """
    notebook = document_of(source)
    cell = _parameters_cell(notebook)
    found, value, line = _assigned(notebook, cell, "product")
    if not found or value is None:
        raise NotebookError(
            "The cell tagged 'parameters' does not say what the step makes.",
            where=notebook.place(cell, line),
            hint='meta.extract_product asks for: product = {"nb": "out.ipynb", "data": "x.csv"}.',
        )
    return value


def upstream_of_function(source: Path, name: str) -> tuple[str, ...]:
    """Return the names that a function looks up in ``upstream``, in order of appearance."""
    uses = [
        (node.lineno, node.col_offset, node.slice.value)
        for node in ast.walk(function_node(source, name))
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "upstream"
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    ]
    return tuple(dict.fromkeys(use[2] for use in sorted(uses)))


def upstream_of_template(source: Path) -> tuple[str, ...]:
    """Return the names that an SQL or shell template looks up in ``upstream``."""
    code = " ".join(a or b for a, b in _TEMPLATE_CODE.findall(read_text(source)))
    return tuple(dict.fromkeys(a or b for a, b in _TEMPLATE_USE.findall(code)))


def upstream_place(step: Step) -> Place:
    """Return where a step's source says what it builds on."""
    if step.kind in {"notebook", "script"}:
        notebook = document_of(step.source)
        cell = _parameters_cell(notebook)
        return notebook.place(cell, _assigned(notebook, cell, "upstream")[2])
    if step.kind == "function":
        node = function_node(step.source, step.dotted_path.rpartition(".")[2])
        return Place(shown(step.source), node.lineno)
    return Place(shown(step.source))


def resolve(
    wanted: Iterable[str], names: Iterable[str]
) -> tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]:
    """Replace wildcards by the steps that they match.

    Parameters
    ----------
    wanted
        Names and wildcards.
    names
        All steps.

    Returns
    -------
    tuple
        The steps; for each that a wildcard brought in, the wildcard; what matches nothing.
    """
    known = dict.fromkeys(names)
    steps: dict[str, None] = {}
    groups: dict[str, str] = {}
    unknown = []
    for want in wanted:
        matches = fnmatch.filter(known, want) if "*" in want else [want] * (want in known)
        if not matches:
            unknown.append(want)
        for match in matches:
            steps[match] = None
            groups.pop(match, None)
            if "*" in want:
                groups[match] = want
    return tuple(steps), groups, tuple(unknown)


def _parameters_cell(notebook: Notebook) -> Cell:
    if notebook.language != "python":
        raise PipelineSpecError(
            f"What a step in {notebook.language} builds on cannot be read from its source.",
            where=notebook.place(),
            hint="Set meta.extract_upstream to false, and give each task its upstream key.",
        )
    cell = notebook.parameters_cell
    if cell is None:
        raise NotebookError(
            "No cell has the tag 'parameters'.",
            where=Place(shown(notebook.path)),
            hint="Tag the cell that says upstream = ... and the parameters' defaults.",
        )
    return cell


def _assigned(notebook: Notebook, cell: Cell, name: str) -> tuple[bool, object, int | None]:
    """Find the last plain assignment to a name: whether there is one, its value, its line."""
    result: tuple[bool, object, int | None] = (False, None, None)
    for node in _parse(notebook, cell).body:
        if not (isinstance(node, ast.Assign) and len(node.targets) == 1):
            continue
        target = node.targets[0]
        if not (isinstance(target, ast.Name) and target.id == name):
            continue
        try:
            result = True, ast.literal_eval(node.value), node.lineno
        except (ValueError, TypeError):
            raise NotebookError(
                f"'{name}' has to be written out, but is: {ast.unparse(node.value)}",
                where=notebook.place(cell, node.lineno),
                hint="Nothing is run to find out what a step builds on.",
            ) from None
    return result


def _parse(notebook: Notebook, cell: Cell) -> ast.Module:
    # Magics and shell lines are no Python; they assign nothing here.
    rows = ["" if row.startswith(("%", "!")) else row for row in cell.source.split("\n")]
    try:
        return ast.parse("\n".join(rows))
    except SyntaxError as error:
        raise NotebookError(
            f"The cell tagged 'parameters' is not valid Python: {error.msg}.",
            where=notebook.place(cell, error.lineno),
        ) from None
