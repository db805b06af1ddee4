"""Which tables statements join to a frame."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["joined_tables"]

_JOINING = frozenset({"merge", "join", "merge_asof", "merge_ordered"})
_TABLES = frozenset({"left", "right", "other"})


def joined_tables(nodes: Sequence[ast.stmt], arguments: Sequence[str]) -> tuple[str, ...]:
    """Return those of the arguments that are tables to be joined, in their order.

    Parameters
    ----------
    nodes
        The statements.
    arguments
        Names that they read beside their frame.
    """
    calls = [each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Call)]
    given = {
        each.id
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in _JOINING
        for value in _tables(call)
        for each in ast.walk(value)
        if isinstance(each, ast.Name)
    }
    return tuple(each for each in arguments if each in given)


def _tables(call: ast.Call) -> Iterator[ast.expr]:
    # `pd.merge(left, right)` has two of them; a method has one, and then a text.
    yield from call.args[:2]
    yield from (each.value for each in call.keywords if each.arg in _TABLES)
