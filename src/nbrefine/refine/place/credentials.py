"""Credentials in a notebook: its steps read them from the environment instead."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.analysis.addresses import password_names
from nbrefine.analysis.scopes import analyse_cell
from nbrefine.analysis.secrets import Secret, find_in_prose, find_secrets, is_distinct
from nbrefine.errors import InputError
from nbrefine.notebook.syntax import to_python
from nbrefine.refine.place.credential_edits import Taken, parsed, with_import, without_values
from nbrefine.refine.place.credential_files import DOTENV, LEAST, dotenv_values
from nbrefine.report.masking import MASK, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbrefine.notebook.document import Cell, Notebook
    from nbrefine.recording.facts import Recording

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Credentials:
    """A notebook without its credentials, and what was taken out.

    Parameters
    ----------
    notebook
        Its code reads them from the environment; in its prose they are masked.
    values
        What they are, by the name of the environment variable. They are for the environment of
        the processes that run the steps, and for finding them in what is to be written.
    importing
        Origin of the cell that imports ``os`` for their sake; None if none had to.
    """

    notebook: Notebook
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    importing: int | None = None

    def seen(self, recording: Recording) -> Recording:
        """Return the original's run as this notebook's: the name ``os`` may be new in it."""
        return replace(
            recording,
            cells=tuple(
                replace(cell, bound=cell.bound | {"os"}) if cell.origin == self.importing else cell
                for cell in recording.cells
            ),
        )


def with_own(credentials: Credentials, recording: Recording) -> dict[str, str]:
    """Return what was taken out, and what the notebook itself reads from the environment.

    Parameters
    ----------
    credentials
        What was taken out.
    recording
        The notebook's run: it says which variables were asked for.

    Returns
    -------
    dict of str to str
        Of the latter those whose names say that they are secret.
    """
    asked = {name for cell in recording.cells for name in cell.environ_read}
    own = {name: os.environ.get(name, "") for name in sorted(asked) if is_secret_name(name)}
    long = {name: value for name, value in own.items() if len(value) >= LEAST}
    return {**long, **credentials.values}


def in_files(recording: Recording) -> tuple[str, ...]:
    """Return the credentials in the ``.env`` files that a notebook has read."""
    files = {Path(path) for cell in recording.cells for path in cell.files_read}
    return tuple(
        value
        for file in sorted(files)
        if file.name == DOTENV
        for value in dotenv_values(file).values()
    )


def take_out(notebook: Notebook) -> Credentials:
    """Take the credentials out of a notebook.

    Parameters
    ----------
    notebook
        The notebook.

    Returns
    -------
    Credentials
        The very same notebook where there are none.

    Raises
    ------
    InputError
        If one stands where nothing can take its place.
    """
    trees = (parsed(to_python(cell.source)) for cell in notebook.code_cells)
    passwords = password_names(tree for tree in trees if tree is not None)
    code = [each for cell in notebook.code_cells for each in _in_code(cell, passwords)]
    prose = [each for cell in notebook.cells for each in _in_prose(cell)]
    if not code and not prose:
        return Credentials(notebook)
    variables = _variables(code)
    masked = [each.value for each in prose if each.value not in variables]
    hidden = _sees_os(notebook.code_cells)
    module = '__import__("os")' if hidden else "os"
    taken = Taken(variables, masked, passwords)
    cells = tuple(
        replace(cell, source=without_values(cell, taken, module)) for cell in notebook.cells
    )
    number = None
    if not hidden:
        cells, number = with_import(notebook.cells, cells)
    for before, after in zip(notebook.cells, cells, strict=True):
        _check(notebook, before, after, taken)
    values = {variable: value for value, variable in variables.items()}
    importing = None if number is None else _origin(notebook, number)
    return Credentials(replace(notebook, cells=cells), values, importing)


def _origin(notebook: Notebook, number: int) -> int:
    """Return the index of a cell over the code cells that are not empty."""
    before = notebook.cells[:number]
    return sum(cell.kind == "code" and bool(cell.source.strip()) for cell in before)


def _in_code(cell: Cell, passwords: Mapping[str, str]) -> tuple[Secret, ...]:
    """Return the credentials that a code cell needs when it runs."""
    python = to_python(cell.source)
    tree = parsed(python)
    magics = "\n".join(f"{each.name} {each.text}" for each in python.magics)
    if tree is None:
        return find_in_prose(cell.source)
    return (*find_secrets(tree, passwords), *find_in_prose(magics))


def _in_prose(cell: Cell) -> tuple[Secret, ...]:
    """Return the credentials in comments and in markdown."""
    if cell.kind == "code":
        comments = re.findall(r"#.*", cell.source)
        return find_in_prose("\n".join(comments))
    return find_in_prose(cell.source)


def _variables(secrets: Iterable[Secret]) -> dict[str, str]:
    """Give each value an environment variable, by what the first place calls it."""
    variables: dict[str, str] = {}
    for secret in secrets:
        if secret.value not in variables:
            stem = "_".join(word.upper() for word in _WORD.findall(secret.name)) or "CREDENTIAL"
            name, number = stem, 2
            while name in variables.values():
                name, number = f"{stem}_{number}", number + 1
            variables[secret.value] = name
    return variables


def _sees_os(cells: Sequence[Cell]) -> bool:
    """Whether a notebook has something else of the name `os`, or would see that there is one."""
    for cell in cells:
        names = analyse_cell(to_python(cell.source))
        imported = {
            each.name
            for each in names.imports
            if each.name == "os" and each.module.split(".")[0] == "os"
        }
        if names.uses_all or "os" in names.binds - imported:
            return True
    return False


def _check(notebook: Notebook, before: Cell, after: Cell, taken: Taken) -> None:
    """See that a cell holds no credential any more, and is still code if it was."""
    values = taken.values
    left = any(value in after.source for value in values if is_distinct(value))
    left = left or (
        after.kind == "code"
        and any(each.value in values for each in _in_code(after, taken.passwords))
    )
    broken = (
        before.kind == "code"
        and to_python(after.source).error is not None
        and to_python(before.source).error is None
    )
    if left or broken:
        raise InputError(
            f"A credential ({MASK}) stands where nothing can take its place.",
            where=notebook.place(before),
            hint='Give it a name of its own, read from the environment: os.environ["..."].',
        )
