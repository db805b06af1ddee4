"""What flows between cells: which names a cell needs, and which it leaves changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.refine.flow.recipes import Recipe


@dataclass(frozen=True, order=True)
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
        Statements of the cell that later steps can repeat, in its order.
    made
        Names whose newest value in this cell comes from one of them.
    carries
        For names of which the value may hold functions, classes or instances of the notebook's
        own: the names of these definitions.
    groups
        Names that share an object after the cell, where that can matter later.
    mentions
        All names that the cell's code uses, wherever they get their value.
    last_bound
        For names that the cell's statements bind, and whose objects it does not change: where
        the last statement that binds them begins, by line and column.
    rebound
        Names that have a new value after it, not only another content.
    draws
        Whether it may draw a picture, or look at how pictures are drawn.
    """

    origin: int
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    kills: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    recipes: tuple[Recipe, ...] = ()
    made: Mapping[str, Recipe] = field(default_factory=dict)
    carries: Mapping[str, frozenset[str]] = field(default_factory=dict)
    groups: tuple[frozenset[str], ...] = ()
    mentions: frozenset[str] = frozenset()
    last_bound: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    rebound: frozenset[str] = frozenset()
    draws: bool = True

    def without(self, names: frozenset[str]) -> CellFlow:
        """Return what flows apart from some names."""
        return replace(
            self,
            reads=self.reads - names,
            writes=self.writes - names,
            kills=self.kills - names,
            deletes=self.deletes - names,
            rebound=self.rebound - names,
            recipes=tuple(
                replace(each, eager=each.eager - names, lazy=each.lazy - names)
                for each in self.recipes
            ),
            made={
                name: replace(each, eager=each.eager - names, lazy=each.lazy - names)
                for name, each in self.made.items()
                if name not in names
            },
        )


@dataclass(frozen=True)
class Flow:
    """The data flow of a notebook.

    Parameters
    ----------
    cells
        In the order in which they run.
    bonds
        Cells that no cut may separate.
    """

    cells: tuple[CellFlow, ...]
    bonds: tuple[Bond, ...] = ()

    def writer(self, name: str, before: int) -> int | None:
        """Return the newest cell before another that writes a name."""
        for cell in reversed(self.cells[:before]):
            if name in cell.writes:
                return None if name in cell.deletes else cell.origin
        return None

    def recipe(self, name: str, before: int) -> Recipe | None:
        """Return the statement that made a name's newest value, if it can be repeated."""
        writer = self.writer(name, before)
        return None if writer is None else self.cells[writer].made.get(name)

    def without(self, names: frozenset[str]) -> Flow:
        """Return the flow without some names, since every step that mentions them has them."""
        return replace(self, cells=tuple(cell.without(names) for cell in self.cells))

    def live(self, boundary: int) -> frozenset[str]:
        """Return names that would have to be stored if the notebook were cut before a cell."""
        needed: set[str] = set()
        for cell in reversed(self.cells[boundary:]):
            needed = (needed - cell.kills) | cell.reads
        return frozenset(
            name
            for name in needed
            if self.writer(name, boundary) is not None and self.recipe(name, boundary) is None
        )


def exposed(cells: Iterable[CellFlow]) -> tuple[frozenset[str], frozenset[str]]:
    """Say which names a run of cells needs from before it, and which it surely makes anew.

    Parameters
    ----------
    cells
        Cells that run one after another.

    Returns
    -------
    tuple of frozenset
        Names read before they are made, and names made.
    """
    needed: set[str] = set()
    killed: set[str] = set()
    for cell in cells:
        needed |= cell.reads - killed
        killed |= cell.kills
    return frozenset(needed), frozenset(killed)
