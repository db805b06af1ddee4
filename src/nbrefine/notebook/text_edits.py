"""Pieces of a cell's text that others take the place of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Edit:
    """A piece of a cell's text that another takes the place of.

    Parameters
    ----------
    line, column, end_line, end_column
        Where it stands: lines from 1, characters from 0.
    text
        What stands there instead.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with some pieces replaced; a line that is left empty goes."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda each: (each.line, each.column), reverse=True):
        first, last = lines[edit.line - 1], lines[edit.end_line - 1]
        joined = first[: edit.column] + edit.text + last[edit.end_column :]
        lines[edit.line - 1 : edit.end_line] = [joined] if joined.strip() or edit.text else []
    return "\n".join(lines)
