"""Which of the notebook's variables a cell reads, binds and changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.analysis.cell_names import CellNames, Definition, ImportBinding

if TYPE_CHECKING:
    import ast

    from nbrefine.notebook.syntax import PythonCell

__all__ = ["CellNames", "Definition", "ImportBinding", "analyse_cell", "analyse_statement"]


def analyse_cell(python: PythonCell, *, may_fail: bool = False) -> CellNames:
    """Analyse one cell.

    Parameters
    ----------
    python
        Its code as plain Python.
    may_fail
        Whether the notebook goes on where the cell fails (the tag ``raises-exception``): then
        nothing is sure to be bound.

    Returns
    -------
    CellNames
        How it uses global names. Of code that cannot be parsed, that it may do anything.
    """
    del python, may_fail
    return CellNames()


def analyse_statement(node: ast.stmt) -> CellNames:
    """Analyse one statement that stands at the top of a cell.

    Parameters
    ----------
    node
        The statement.

    Returns
    -------
    CellNames
        How it uses global names.
    """
    del node
    return CellNames()
