"""What flows between cells: which names a cell needs, and which it leaves changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbrefine.refine.recipes import Recipe


@dataclass(frozen=True)
class Finding:
    """Something about the notebook that its author should know.

    Parameters
    ----------
    code
        Its code, such as ``NBR101``.
    cell
        Origin of the cell; None if it is about the whole notebook.
    line
        Line in the cell, from 1.
    message, hint
        What is so, and what to do about it.
    """

    code: str
    cell: int | None
    line: int | None
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Bond:
    """Cells that have to stay in one step.

    Parameters
    ----------
    first, last
        Origins of the first and the last of them.
    reason
        Why, as a clause that follows "because".
    """

    first: int
    last: int
    reason: str


@dataclass(frozen=True)
class CellFlow:
    """One cell as the flow sees it.

    Names in angle brackets are not variables: ``<random:numpy>`` is the state of a random stream,
    ``<file:data/x.csv>`` the content of a file.

    Parameters
    ----------
    origin
        Which cell.
    reads
        Names whose value at the cell's entry it may need.
    writes
        Names whose value may be another one afterwards, also through an alias.
    kills
        Names that surely have a new value before their old one is read.
    deletes
        Names that are gone afterwards.
    recipes
        Statements of the cell that later steps repeat.
    values
        Names whose newest value in this cell is not made by one of the recipes.
    """

    origin: int
    reads: frozenset[str]
    writes: frozenset[str]
    kills: frozenset[str]
    deletes: frozenset[str]
    recipes: tuple[Recipe, ...]
    values: frozenset[str]


@dataclass(frozen=True)
class Flow:
    """The data flow of a notebook.

    Parameters
    ----------
    cells
        In the order in which they run.
    bonds
        Cells that no cut may separate.
    findings
        What the author should know.
    """

    cells: tuple[CellFlow, ...]
    bonds: tuple[Bond, ...]
    findings: tuple[Finding, ...]
