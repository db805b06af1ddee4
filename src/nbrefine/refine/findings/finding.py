"""A finding: what is wrong, where exactly, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """The notebook fails or is wrong when it is run from top to bottom, or gives away a secret."""
    WARNING = "warning"
    """A result can be wrong, or another one next time."""
    INFO = "info"
    """Worth to know, and harmless where it is meant."""


@dataclass(frozen=True)
class Finding:
    """Something about a notebook that its author should know.

    Parameters
    ----------
    code, name
        Of the rule: ``NBR201`` and ``fit-before-split``.
    severity
        How bad it is.
    message
        What is so, in one sentence.
    hint
        What to do about it.
    cell
        Index over all cells of the document, from 0; None if it is about the whole notebook.
    line, end_line
        Lines in the cell, from 1.
    column, end_column
        Characters in the first and the last line, from 0; the last is the first one after it.
    """

    code: str
    name: str
    severity: Severity
    message: str
    hint: str = ""
    cell: int | None = None
    line: int | None = None
    end_line: int | None = None
    column: int = 0
    end_column: int = 0
