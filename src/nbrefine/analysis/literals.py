"""Literals of a cell, with the exact places where they stand in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbrefine.notebook.syntax import PythonCell


@dataclass(frozen=True)
class Literal:
    """A constant, or a list or tuple of constants, that the code spells out.

    Parameters
    ----------
    line, column
        Where it begins in the cell's source: line from 1, character from 0.
    end_line, end_column
        Where it ends; the column is the first character after it.
    value
        What it is.
    context
        ``assignment`` (the whole right side), ``call-argument``, ``comparison``, ``operation``,
        ``index``, ``item`` (of a display such as a dict), ``default`` (of a parameter),
        ``return`` or ``other``.
    callee
        For a call's argument, what is called, dotted: ``pd.read_csv``.
    keyword
        For a keyword argument its name, for a dict's item its key, for a default the parameter.
    position
        For a positional argument, its position from 0.
    target
        The dotted name that the statement assigns to, if it assigns to one.
    scope
        The function or class that it stands in; empty at the top of the cell.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    value: bool | int | float | str | list[object] | tuple[object, ...] | None
    context: str
    callee: str | None = None
    keyword: str | None = None
    position: int | None = None
    target: str | None = None
    scope: str = ""


def find_literals(python: PythonCell) -> tuple[Literal, ...]:
    """Find the literals of a cell.

    Parameters
    ----------
    python
        Its code as plain Python.

    Returns
    -------
    tuple of Literal
        In the order of the text. Docstrings, parts of f-strings, and what stands in lines that
        are not Python are left out.
    """
    del python
    return ()
