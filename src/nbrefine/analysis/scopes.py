"""Which of the notebook's variables a cell reads, binds and changes."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbrefine.analysis.cell_names import CellNames, Definition, ImportBinding
from nbrefine.analysis.statements import Walker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbrefine.notebook.syntax import PythonCell

__all__ = ["CellNames", "Definition", "ImportBinding", "analyse_cell", "analyse_statement"]

_HISTORY = re.compile(r"_{1,3}|_\d+|_i{1,3}|_i\d+|In|Out|_ih|_oh|_dh|_exit_code")


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
    try:
        tree = ast.parse(python.code)
    except (SyntaxError, ValueError, RecursionError):
        # It fails, or it is of a newer Python's syntax: then it may do anything.
        return CellNames(uses_all=True, binds_unknown=True)
    return _analyse(tree.body, may_fail=may_fail)


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
    return _analyse([node], may_fail=False)


def _analyse(body: Iterable[ast.stmt], *, may_fail: bool) -> CellNames:
    walker = Walker()
    walker.visit_all(body)
    sink, path = walker.sink, walker.path
    unsure = may_fail or path.ended
    done = {name for name in path.done if isinstance(name, str)}
    return CellNames(
        reads=frozenset(sink.reads),
        binds=frozenset(sink.binds),
        kills=frozenset(() if unsure or sink.uses_all else done - sink.reads - sink.string_names),
        deletes=frozenset(() if unsure else path.gone),
        mutates=frozenset(sink.mutates),
        may_mutate=frozenset(sink.may_mutate | sink.changed_through_aliases()) - sink.mutates,
        definitions=tuple(sink.definitions),
        imports=tuple(sink.imports),
        calls=frozenset(sink.calls),
        star_imports=tuple(sink.star_imports),
        uses_all=sink.uses_all,
        binds_unknown=sink.binds_unknown,
        history=frozenset(name for name in sink.reads if _HISTORY.fullmatch(name)),
        string_names=frozenset(sink.string_names),
        carries={name: frozenset(found) for name, found in sorted(sink.carries.items())},
        may_delete=frozenset(sink.may_delete),
    )
