"""When in a notebook a definition may be used for the first time."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from nbrefine.refine.extract.cells import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.extract.cells import Statement


def first_uses(statements: Sequence[Statement], *, loads_objects: bool) -> dict[str, int]:
    """Find for each definition the first statement that may run it, or look at it.

    Parameters
    ----------
    statements
        All statements of the notebook, in order.
    loads_objects
        Whether the notebook gets objects from elsewhere, which may call a definition unseen.

    Returns
    -------
    dict of str to int
        Positions in `statements`; that behind the last where there is no use. A class may be
        used from where it is defined, since its instances do not name it.
    """
    found = _direct(statements, loads_objects=loads_objects)
    reads = _lazy_reads(statements)
    todo = list(found)
    while todo:
        name = todo.pop()
        for read in reads[name] & found.keys():
            if found[name] < found[read]:
                found[read] = found[name]
                todo.append(read)
    return found


def _direct(statements: Sequence[Statement], *, loads_objects: bool) -> dict[str, int]:
    """Find the first statement at the top of a cell that uses each definition by its name."""
    found: dict[str, int] = {}
    for position, statement in enumerate(statements):
        for known in statement.names.definitions:
            unseen = known.kind == "class" or loads_objects
            first = position + 1 if unseen else len(statements)
            found[known.name] = min(first, found.get(known.name, first))
    for position, statement in enumerate(statements):
        used = found.keys() if statement.names.uses_all else used_now(statement) & found.keys()
        found |= {name: min(found[name], position) for name in used}
    return found


def _lazy_reads(statements: Sequence[Statement]) -> dict[str, set[str]]:
    """Return for each definition what it reads when it is called."""
    reads: dict[str, set[str]] = defaultdict(set)
    for statement in statements:
        for known in statement.names.definitions:
            reads[known.name] |= known.reads - known.eager
    return reads


def used_now(statement: Statement) -> set[str]:
    """Return the names whose values a statement may use when it is executed."""
    names = set(statement.names.reads) | statement.names.string_names
    if isinstance(statement.node, DEFINITIONS):
        return names.union(*(each.eager for each in statement.names.definitions))
    return names | {each.name for each in statement.references if each.how != "bind"}
