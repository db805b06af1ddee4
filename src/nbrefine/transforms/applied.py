"""Functions that are applied: to each entry, to each row, or to each column as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import tables
from nbrefine.transforms.rows import apply_to_each
from nbrefine.transforms.state import Arguments
from nbrefine.transforms.tables import words
from nbrefine.transforms.values import (
    CONST,
    Accessor,
    Function,
    Shape,
    Value,
    alike,
    combine,
    first,
)

if TYPE_CHECKING:
    import ast

    from nbrefine.transforms.state import State

__all__ = ["aggregated", "applied", "cell_by_cell", "entry_by_entry"]

_OWN = words("func axis args raw result_type by_row engine na_action convert_dtype")


def entry_by_entry(state: State, base: Value, arguments: Arguments, node: ast.Call) -> Value:
    """Return what a function gives that is applied to each entry of a series."""
    function = _function(arguments)
    return apply_to_each(state, function, base, node, _extra(arguments))


def cell_by_cell(
    state: State, base: Value, name: str, arguments: Arguments, node: ast.Call
) -> Value:
    """Return what ``applymap`` gives."""
    del name
    return replace(entry_by_entry(state, base, arguments, node), dim="frame")


def _function(arguments: Arguments) -> Value:
    return arguments.get("func", 0) or arguments.get("arg", 0) or CONST


def _extra(arguments: Arguments) -> list[Value]:
    """Return what else the function is given."""
    args = arguments.get("args")
    more = [value for name, value in arguments.keywords.items() if name not in _OWN]
    listed = list(args.items) if args is not None and args.items else []
    return [*arguments.positional[1:], *listed, *more]


def applied(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """Return what ``apply`` or ``transform`` gives."""
    function = _function(arguments)
    axis = arguments.literal("axis", 1)
    if isinstance(function.literal, str):
        return _by_name(state, base, function.literal, arguments, node)
    if name == "apply" and axis in {1, "columns"}:
        narrowed = Arguments((function, *arguments.positional[2:]), arguments.keywords)
        column = entry_by_entry(state, base, narrowed, node)
        return replace(column, dim="")
    if base.dim == "series":
        if name == "transform":
            return _whole_column(state, base, function, arguments, node)
        return entry_by_entry(state, base, arguments, node)
    by_column = _whole_column(state, base, function, arguments, node)
    if base.dim == "frame":
        return replace(by_column, dim="frame")
    return alike(by_column, entry_by_entry(state, base, arguments, node))


def _by_name(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """Return what a method gives that is named by a string."""
    if name in tables.REDUCING and arguments.literal("axis", 1) in {1, "columns"}:
        return combine((base,), dim="series")
    for table in (tables.POSITIONAL, tables.REDUCING):
        if name in table:
            cause = state.cause(node, f"{table[name]} over the batch")
            shape = Shape.STAT if table is tables.REDUCING else Shape.ROWS
            return Value(shape, base.dim, batch=first((base.batch, cause)), unknown=base.unknown)
    if name in tables.ELEMENTWISE | tables.NP_ELEMENTWISE:
        return combine((base,))
    return state.not_understood(node, f"`{name}` is not known here")


def _whole_column(
    state: State, base: Value, function: Value, arguments: Arguments, node: ast.Call
) -> Value:
    """Return what a function makes of each column as a whole."""
    column = replace(base, dim="series", payload=None, items=None, fixed=frozenset())
    given = Arguments((column, *_extra(arguments)))
    payload = function.payload
    if isinstance(payload, Function):
        return replace(state.invoke(payload, given, node), dim="")
    if isinstance(payload, Accessor) or (isinstance(payload, str) and "bound:" not in payload):
        return state.call(state, function, given, node)
    return state.not_understood(node, "the function that is applied is not to be seen")


def aggregated(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """Return what ``agg`` gives: one value of all rows, or along each row."""
    given = combine((base,), dim=base.dim)
    if arguments.literal("axis", 1) in {1, "columns"}:
        return replace(applied(state, base, "apply", arguments, node), dim="series")
    cause = first((given.batch, state.cause(node, f"{tables.REDUCING[name]} over the batch")))
    return Value(Shape.STAT, batch=cause, unknown=given.unknown, doubt=given.doubt)
