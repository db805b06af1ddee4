"""Cells that need the network: a step of their own keeps what they fetched for all others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.facts import CellFacts
    from nbrefine.refine.segment import Boundaries

# As strong as a heading of the author's: in the coin of one name that crosses.
_AFTER = -14.0
_BEFORE = -3.0


def set_apart(boundaries: Boundaries, cells: Sequence[CellFacts]) -> Boundaries:
    """Prefer cuts after the cells that need the network, and before them.

    Parameters
    ----------
    boundaries
        What each cut costs.
    cells
        The notebook's cells.

    Returns
    -------
    Boundaries
        With the cuts after them marked as if the author had a heading there. What is edited
        behind such a cut runs again without the network.
    """
    needing = [needs_network(facts) for facts in cells]
    costs = list(boundaries.costs)
    marked = set(boundaries.marked)
    for index in range(1, len(cells)):
        if needing[index - 1] and not needing[index]:
            costs[index] += _AFTER
            marked.add(index)
        elif needing[index] and not needing[index - 1]:
            costs[index] += _BEFORE
    return replace(boundaries, costs=tuple(costs), marked=frozenset(marked))


def needs_network(facts: CellFacts) -> bool:
    """Tell whether a cell has used the network; without a run, whether its code would."""
    if facts.record is not None:
        return facts.record.network
    return any(effect.kind == "network" for effect in facts.effects)
