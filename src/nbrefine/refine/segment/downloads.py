"""Cells that need the network: a step of their own keeps what they fetched for all others."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.analysis.addresses import begins_with_address

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.flow import Flow
    from nbrefine.refine.segment.segment import Boundaries

_READERS = re.compile(r"\.(?:(?:read|scan)_\w+|loadtxt|genfromtxt)\Z")
# As strong as a heading of the author's: in the coin of one name that crosses.
_APART = -14.0
_BEFORE = -3.0


def set_apart(
    boundaries: Boundaries,
    cells: Sequence[CellFacts],
    flow: Flow,
    addresses: Collection[str] = (),
) -> Boundaries:
    """Prefer cuts after the cells that need the network, and before them.

    Parameters
    ----------
    boundaries
        What each cut costs.
    cells
        The notebook's cells.
    flow
        What flows between them.
    addresses
        Variables that hold addresses.

    Returns
    -------
    Boundaries
        With the cuts after them marked as if the author had a heading there: what is edited
        behind such a cut runs again without the network. What needs nothing of the cells before
        it is cut off from these, too: so it is a first step, wherever it stands.
    """
    needing = [needs_network(facts, addresses) for facts in cells]
    costs = list(boundaries.costs)
    marked = set(boundaries.marked)
    for index in range(1, len(cells)):
        if needing[index - 1] and not needing[index]:
            costs[index] += _APART
            marked.add(index)
        elif needing[index] and not needing[index - 1]:
            first = not needs_of(flow, index) and not all(boundaries.trivial[:index])
            costs[index] += _APART if first else _BEFORE
            marked |= {index} if first else set()
    trivial = (each and not needs for each, needs in zip(boundaries.trivial, needing, strict=True))
    return replace(boundaries, costs=tuple(costs), marked=frozenset(marked), trivial=tuple(trivial))


def needs_of(flow: Flow, origin: int) -> dict[str, int]:
    """Return what a cell needs that cells before it compute, and which cells these are.

    Parameters
    ----------
    flow
        What flows between the cells.
    origin
        The cell.

    Returns
    -------
    dict of str to int
        Without imports, definitions and constants: each step has those by itself.
    """
    found: dict[str, int] = {}
    todo = [(name, origin) for name in flow.cells[origin].reads]
    seen = set(todo)
    while todo:
        name, before = todo.pop()
        writer = flow.writer(name, before)
        if writer is None:
            continue
        made = flow.cells[writer].made.get(name)
        if made is None:
            found[name] = writer
            continue
        new = {(other, writer) for other in (made.eager | made.lazy) - {name}} - seen
        todo += new
        seen |= new
    return dict(sorted(found.items()))


def needs_network(facts: CellFacts, addresses: Collection[str] = ()) -> bool:
    """Tell whether a cell has used the network; without a run, whether its code would.

    Parameters
    ----------
    facts
        The cell.
    addresses
        Variables that hold addresses.
    """
    if facts.record is not None:
        return facts.record.network
    return any(effect.kind == "network" for effect in facts.effects) or any(
        begins_with_address(each.args[0], addresses)
        for each in ast.walk(facts.tree)
        if isinstance(each, ast.Call) and each.args and _READERS.search(ast.unparse(each.func))
    )
