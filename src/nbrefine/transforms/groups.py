"""What is done group by group, or in a window that moves over the rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import tables
from nbrefine.transforms.state import Arguments
from nbrefine.transforms.values import Function, Shape, Value, combine, first

if TYPE_CHECKING:
    import ast

    from nbrefine.transforms.state import State
    from nbrefine.transforms.values import Grouped, Window

__all__ = ["of_groups", "of_window"]

_WINDOWS = frozenset({"rolling", "expanding", "ewm"})


def of_groups(
    state: State, groups: Grouped, name: str, arguments: Arguments, node: ast.Call
) -> Value:
    """Return what a method of groups gives."""
    base = combine((groups.base, *_data(arguments)), dim=groups.base.dim)
    if base.shape != Shape.ROWS:
        return base
    if name in tables.GROUP_KEEPS:
        values = _followed(state, groups.base, arguments, node) if name == "transform" else base
        cause = state.cause(node, "it is computed over the rows of a group")
        return replace(
            combine((base, replace(values, rows=None)), dim=base.dim),
            shape=Shape.ROWS,
            batch=first((base.batch, cause)),
        )
    reason = tables.AGGREGATED
    if name in {"apply", "pipe", "get_group", "items"}:
        reason = tables.BY_GROUP
    if name in {"head", "tail", "nth", "sample", "filter", "nlargest", "nsmallest"}:
        reason = "only some rows of each group are kept"
    if name in _WINDOWS:
        reason = "rows are ordered by group"
    return replace(base, rows=first((base.rows, state.cause(node, reason))), dim="")


def _data(arguments: Arguments) -> list[Value]:
    return [value for value in arguments.all() if value.payload is None]


def _followed(state: State, base: Value, arguments: Arguments, node: ast.Call) -> Value:
    function = arguments.get("func", 0)
    if function is None or not isinstance(function.payload, Function):
        return base
    group = replace(base, dim="series", payload=None, items=None)
    return state.invoke(function.payload, Arguments((group,)), node)


def of_window(
    state: State, window: Window, name: str, arguments: Arguments, node: ast.Call
) -> Value:
    """Return what a method of a rolling, expanding or exponential window gives."""
    base = combine((window.base, *_data(arguments)), dim=window.base.dim)
    if base.shape != Shape.ROWS:
        return base
    cause = state.cause(node, f"`.{name}` looks at the rows of a window")
    return replace(base, batch=first((base.batch, cause)))
