"""Functions that remember their results: the notebook goes on to keep what they remember."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbrefine.refine.extract.definitions import Definition, Occurrence

_CACHES = frozenset({"cache", "lru_cache", "functools.cache", "functools.lru_cache"})


def cache_of(definition: Definition) -> str:
    """Return the decorator of a function that has no other, and remembers; else nothing."""
    decorators = definition.node.decorator_list
    if definition.is_class or len(decorators) != 1:
        return ""
    [decorator] = decorators
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(decorator) if ast.unparse(called) in _CACHES else ""


def refuse_cached(
    definition: Definition, arguments: Sequence[str], others: Iterable[Definition]
) -> str:
    """Say why a decorated function cannot be given variables; empty if it can.

    What it is given is no part of what it is called with, so it need not be hashable: the
    notebook binds it once, and remembers results of what comes of that.

    Parameters
    ----------
    definition
        The function.
    arguments
        Variables that it reads.
    others
        All definitions.
    """
    names = ", ".join(f"`{name}`" for name in arguments)
    reason = f"it is decorated, and uses {names} of the notebook"
    alone = not any(definition.name in each.reads for each in others if each is not definition)
    bound = all(_is_bound(name, place) for name in arguments for place in definition.places)
    return "" if cache_of(definition) and alone and bound else reason


def _is_bound(name: str, place: Occurrence) -> bool:
    """Whether a name has its one value where a function is defined by its author."""
    space = place.namespace
    position = next(i for i, each in enumerate(space.statements) if each is place.statement)
    found = space.bindings.get(name, [])
    return not place.cell.is_added and space.bound_once(name) and found[0].position < position


def decorator_names(definition: Definition) -> frozenset[str]:
    """Return the names that nothing but a definition's decorators read."""
    uses = definition.first.statement.references
    below = {each.name for each in uses if each.line >= definition.node.lineno}
    return frozenset(each.name for each in uses) - below


def binding_line(definition: Definition, arguments: Sequence[str]) -> str:
    """Return the line with which the notebook binds a function to what it looked up."""
    name = definition.name
    given = ", ".join([name, *(f"{each}={each}" for each in arguments)])
    return f"{name} = {cache_of(definition)}(partial({given}))"
