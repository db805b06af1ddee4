"""Take statements out of a cell, put others in, and leave the rest as it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.refine.extract.cells import IMPORTS
from nbrefine.refine.extract.definitions import comments_above
from nbrefine.refine.extract.rewrite import Changes, rewrite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.extract.cells import CodeCell, Statement


@dataclass(frozen=True)
class Removal:
    """A statement to take out, with the comments right above it, and what stands there instead."""

    statement: Statement
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellEdit:
    """What changes in a cell.

    Parameters
    ----------
    removals
        Statements to take out.
    changes
        Statements whose calls change.
    imports
        Lines to put in: behind the cell's imports, or else at its top.
    """

    removals: tuple[Removal, ...] = ()
    changes: tuple[tuple[Statement, Changes], ...] = ()
    imports: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changes."""
        return bool(self.removals or self.changes or self.imports)


def edit_cell(cell: CodeCell, edit: CellEdit) -> str:
    """Return the text of a cell after an edit.

    Parameters
    ----------
    cell
        The cell.
    edit
        What changes.

    Returns
    -------
    str
        Without blank lines at its beginning and end.
    """
    replaced: dict[int, tuple[int, list[str]]] = {}
    shared: dict[tuple[int, int], Changes] = {}
    for removal in edit.removals:
        statement = removal.statement
        if not statement.alone:
            known = shared.get(statement.group, Changes())
            shared[statement.group] = known.joined(Changes(removed=frozenset({statement.place})))
            continue
        first = statement.first - len(comments_above(cell.lines, statement.first))
        replaced[first] = statement.last, list(removal.lines)
    for statement, changes in edit.changes:
        shared[statement.group] = shared.get(statement.group, Changes()).joined(changes)
    for (first, last), changes in shared.items():
        text = rewrite("\n".join(cell.lines[first - 1 : last]), changes)
        replaced[first] = last, text.split("\n") if text else []
    after = _place(cell, edit)
    lines: list[str] = [] if after else [*edit.imports, *([""] if edit.imports else [])]
    number = 1
    while number <= len(cell.lines):
        last, new = replaced.get(number, (number, [cell.lines[number - 1]]))
        if not new:
            last = _skip_blank(cell.lines, last, lines)
        lines += new
        if number <= after <= last:
            lines += edit.imports
        number = last + 1
    return "\n".join(lines).strip("\n")


def _place(cell: CodeCell, edit: CellEdit) -> int:
    """Return the line behind which imports go; 0 for the top."""
    definitions = [
        each.statement.first
        for each in edit.removals
        if not isinstance(each.statement.node, IMPORTS)
    ]
    end = min(definitions, default=len(cell.lines) + 1)
    statements = cell.statements or ()
    imports = [each.last for each in statements if isinstance(each.node, IMPORTS)]
    before = [line for line in imports if line < end]
    if before:
        return max(before)
    # A heading in disguise, and magics, stay on top.
    top = 0
    for line in cell.lines[: end - 1]:
        if not line.startswith(("#", "%")):
            break
        top += 1
    return top - len(comments_above(cell.lines, end)) if top == end - 1 else top


def _skip_blank(lines: Sequence[str], last: int, written: Sequence[str]) -> int:
    """Return the last of the blank lines that would double those before what is taken out."""
    if written and written[-1].strip():
        return last
    while last < len(lines) and not lines[last].strip():
        last += 1
    return last
