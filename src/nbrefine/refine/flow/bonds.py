"""Cells that cannot be separated, for reasons that no value crossing a cut would mend."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbrefine.refine.flow.flow import Bond
from nbrefine.refine.flow.settings import unplaced_effects
from nbrefine.refine.flow.stateful import find_stateful

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.flow import CellFlow, Flow

# How many cells back the names of earlier outputs reach.
_REACH = {"_": 1, "__": 2, "___": 3}
_KEEPS_FIGURES = re.compile(r"close_figures\s*=\s*False")
_UPDATES = re.compile(r"update_display\(|\.update\(")
_TELLS_IPYTHON = re.compile(r"get_ipython\(\)|\.for_type")
_SETS_LOGGER = re.compile(r"\b(\w+)\.(?:(?:add|remove)(?:Handler|Filter)|setLevel)\(")


def find_bonds(cells: Sequence[CellFacts], flows: Sequence[CellFlow]) -> tuple[Bond, ...]:
    """Find cells that have to stay in one step.

    Parameters
    ----------
    cells
        All cells.
    flows
        What each of them reads and writes.

    Returns
    -------
    tuple of Bond
        Sorted, each once.
    """
    found: set[Bond] = set()
    for facts in cells:
        found.update(_of_names(facts, len(cells) - 1))
        found.update(_of_session(facts, cells))
        found.update(_of_process(facts, flows))
    found.update(_of_definitions(cells, flows))
    return tuple(sorted(bond for bond in found if bond.first < bond.last))


def unseen_bonds(flow: Flow, names: Iterable[str]) -> list[Bond]:
    """Bind the cells around names that changed in a way which no record of a cell shows.

    Parameters
    ----------
    flow
        The notebook's flow.
    names
        Names whose final content is not what the records lead to.

    Returns
    -------
    list of Bond
        One for each name that several cells use.
    """
    found = []
    for name in sorted(names):
        users = [cell.origin for cell in flow.cells if name in cell.writes | cell.reads]
        if users:
            found.append(Bond(users[0], users[-1], f"`{name}` changes in a way that was not seen"))
    return [bond for bond in found if bond.first < bond.last]


def _of_names(facts: CellFacts, end: int) -> Iterator[Bond]:
    """Yield the bonds of cells that reach for more than the names that they spell out."""
    here = facts.origin
    if facts.names.history:
        back = max(_REACH.get(name, here) for name in facts.names.history)
        yield Bond(max(0, here - back), here, "it uses the output of earlier cells")
    if facts.names.uses_all:
        yield Bond(0, here, "it looks at all variables at once")
    if facts.names.binds_unknown and facts.record is None:
        yield Bond(here, end, "only a run can tell which names it binds")
    changed = facts.record is None or bool(facts.record.library)
    if unplaced_effects(facts) and changed:
        yield Bond(here, end, "it changes global settings inside of a loop or a condition")


def _of_session(facts: CellFacts, cells: Sequence[CellFacts]) -> Iterator[Bond]:
    """Yield the bonds of what lives in the running session alone."""
    here, source = facts.origin, facts.cell.source
    if _KEEPS_FIGURES.search(source):
        yield Bond(here, len(cells) - 1, "figures stay open between its cells")
    if "display_id" in source:
        users = [each.origin for each in cells[here:] if _UPDATES.search(each.cell.source)]
        yield Bond(here, max([here, *users]), "its output is updated later")


def _of_process(facts: CellFacts, flows: Sequence[CellFlow]) -> Iterator[Bond]:
    """Yield the bonds of what a cell sets in the process in a way that no later step can repeat."""
    here = facts.origin
    repeated = [recipe for recipe in flows[here].recipes if recipe.kind == "setting"]
    lines = {line for each in repeated for line in range(each.line, each.end_line + 1)}
    code = facts.python.code
    told = [
        (match[1], code.count("\n", 0, match.start()) + 1) for match in _SETS_LOGGER.finditer(code)
    ]
    for name in sorted({name for name, line in told if line not in lines}):
        users = [
            flow.origin
            for flow in flows[here:]
            if {name, "logging"} & (flow.reads | flow.mentions) and name in flows[here].mentions
        ]
        yield Bond(here, max([here, *users]), f"handlers and level of `{name}` live in the process")
    keys = facts.record.library.get("ipython", ()) if facts.record else ()
    tells = any(_TELLS_IPYTHON.search(recipe.source) for recipe in repeated)
    if any("'__main__." in key for key in keys) and not tells:
        yield Bond(here, len(flows) - 1, "it says how its own objects are shown")


def _of_definitions(cells: Sequence[CellFacts], flows: Sequence[CellFlow]) -> Iterator[Bond]:
    """Yield bonds of definitions with a state of their own to all cells that may use them."""
    stateful = find_stateful(cells)
    for flow in flows:
        for name, recipe in flow.made.items():
            if name in stateful and recipe.is_definition:
                users = [each.origin for each in flows[flow.origin :] if _may_use(each, name)]
                yield Bond(flow.origin, max([flow.origin, *users]), stateful[name])


def _may_use(flow: CellFlow, name: str) -> bool:
    held = {each for names in flow.carries.values() for each in names}
    return name in flow.mentions or name in flow.reads or name in held
