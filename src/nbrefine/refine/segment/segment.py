"""Where a notebook is cut into steps: the author's marks, else what crosses least."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbrefine.refine.flow.flow import Bond

# In the coin of `boundaries`. What nobody would call a step outweighs whatever crosses.
_STEP = 6.0
_SINGLE = 1.5
_TRIVIAL = 120.0
_OVER_HALF = 100.0
_LACKING = 100.0
_UNEVEN = 0.75
SMALL = 10
"""From so many code cells on a notebook is cut into three steps at least, where it can be."""
FEW_NAMES = 3
"""So many names that cross from one step to another a reader keeps in mind."""
_FEW = 3
_FEWEST = 3
# How strongly to avoid places where much crosses: not at all, somewhat, nearly always.
_AVOIDING = (0.0, 6.0, 20.0, 60.0)


@dataclass(frozen=True)
class Segment:
    """One step: a run of consecutive cells.

    Parameters
    ----------
    name
        The step's name, a valid identifier.
    title
        Its heading, as the author wrote it or as the name says it.
    cells
        Origins of its cells.
    """

    name: str
    title: str
    cells: tuple[int, ...]


@dataclass(frozen=True)
class Segmentation:
    """The notebook as steps.

    Parameters
    ----------
    segments
        In the notebook's order.
    remarks
        What the author should know about the cuts, such as why there are none.
    """

    segments: tuple[Segment, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Boundaries:
    """What speaks for and against each cut.

    Parameters
    ----------
    costs
        For each cell what a cut before it costs; the first is not used.
    trivial
        For each cell whether it is too little for a step of its own.
    forced
        Cells before which the author demands a cut; if there are any, there are no others.
    marked
        Cells before which the author has a heading.
    heavy
        Cells before which more names cross than a reader keeps in mind.
    """

    costs: tuple[float, ...]
    trivial: tuple[bool, ...]
    forced: frozenset[int] = frozenset()
    marked: frozenset[int] = frozenset()
    heavy: frozenset[int] = frozenset()


@dataclass(frozen=True, order=True)
class Proposal:
    """A way to cut a notebook.

    Parameters
    ----------
    cost
        In the coin of `Boundaries`.
    cuts
        For each step the origins of its cells.
    """

    cost: float
    cuts: tuple[tuple[int, ...], ...]


def cut(
    boundaries: Boundaries, bonds: Sequence[Bond], steps: int | None = None
) -> tuple[tuple[int, ...], ...]:
    """Cut a notebook into runs of cells, in the cheapest way.

    Parameters
    ----------
    boundaries, bonds, steps
        As for `propose`.

    Returns
    -------
    tuple of tuple of int
        Origins of the cells of each run.
    """
    return propose(boundaries, bonds, steps)[0].cuts


def propose(
    boundaries: Boundaries, bonds: Sequence[Bond], steps: int | None = None
) -> tuple[Proposal, ...]:
    """Propose ways to cut a notebook into runs of cells.

    Parameters
    ----------
    boundaries
        What each cut costs.
    bonds
        Cells that have to stay together.
    steps
        How many runs are wanted; as many as suit the notebook if None.

    Returns
    -------
    tuple of Proposal
        The cheapest first: for each number of runs the best way, and the best ways that avoid
        places where much crosses.
    """
    count = len(boundaries.costs)
    forbidden = {cell for bond in bonds for cell in range(bond.first + 1, bond.last + 1)}
    allowed = [cell for cell in range(1, count) if cell not in forbidden]
    if boundaries.forced:
        runs = _runs([cell for cell in allowed if cell in boundaries.forced], count)
        return (Proposal(0.0, runs),)
    possible, fewest = len(allowed) + 1, 1
    if steps is not None:
        counts = [min(steps, possible)]
    else:
        fewest = _FEWEST if count >= SMALL else 1
        sections = min(len(boundaries.marked) + 1, count // 2)
        most = max(fewest, min(12, max(count // 3, sections)))
        # Where there cannot be so many, one that nobody would call a step is no gain.
        start = fewest if fewest <= possible else 1
        counts = [*range(start, min(most, possible) + 1)]
    found: dict[tuple[int, ...], float] = {}
    for more in _AVOIDING if boundaries.heavy else _AVOIDING[:1]:
        costs = list(boundaries.costs)
        for cell in boundaries.heavy:
            costs[cell] += more
        for total, cuts in _cheapest(replace(boundaries, costs=tuple(costs)), allowed, counts):
            lacking = max(fewest - len(cuts) - 1, 0)
            avoided = more * len(boundaries.heavy.intersection(cuts))
            found[cuts] = total + _LACKING * lacking - avoided
    proposals = (Proposal(total, _runs(cuts, count)) for cuts, total in found.items())
    return tuple(sorted(proposals))


def ideal_steps(count: int, marked: int) -> float:
    """Return how many steps suit a notebook of some cells, of which some have a heading."""
    plain = min(8.0, max(3.0, count / 6))
    return max(plain, min(float(marked + 1), 10.0)) if marked >= 2 else plain  # noqa: PLR2004


def _cheapest(
    boundaries: Boundaries, allowed: Sequence[int], counts: Sequence[int]
) -> list[tuple[float, tuple[int, ...]]]:
    """Return the cheapest cuts into each of some numbers of runs, with what they cost."""
    count = len(boundaries.costs)
    size = count / min(max(counts), ideal_steps(count, len(boundaries.marked)))
    run = _run_cost(boundaries, size)
    places = [0, *allowed, count]

    @cache
    def best(end: int, runs: int) -> tuple[float, tuple[int, ...]]:
        if runs == 1:
            return run(0, places[end]), ()
        options = []
        for start in range(runs - 1, end):
            cost, cuts = best(start, runs - 1)
            place = places[start]
            total = cost + boundaries.costs[place] + run(place, places[end])
            options.append((total, (*cuts, place)))
        return min(options)

    last = len(places) - 1
    return [best(last, runs) for runs in counts if runs <= last]


def _run_cost(boundaries: Boundaries, size: float) -> Callable[[int, int], float]:
    count = len(boundaries.costs)

    def cost(start: int, end: int) -> float:
        length = end - start
        total = _STEP + _UNEVEN * abs(math.log(length / size))
        few = 1 if start in boundaries.marked else _FEW
        if all(boundaries.trivial[start:end]) and (length <= few or start == 0):
            total += _TRIVIAL
        elif length == 1:
            total += _SINGLE
        if length * 2 > count >= SMALL:
            total += _OVER_HALF
        return total

    return cost


def _runs(cuts: Sequence[int], count: int) -> tuple[tuple[int, ...], ...]:
    edges = [0, *sorted(cuts), count]
    return tuple(tuple(range(a, b)) for a, b in itertools.pairwise(edges) if a < b)
