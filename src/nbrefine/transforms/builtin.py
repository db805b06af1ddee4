"""What Python's own functions make of rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import tables
from nbrefine.transforms.rows import apply_to_each
from nbrefine.transforms.state import Arguments
from nbrefine.transforms.tables import words
from nbrefine.transforms.values import CONST, UNSET, Shape, Value, combine, first

if TYPE_CHECKING:
    import ast

    from nbrefine.transforms.state import State

__all__ = ["function"]

_UNSEEN = words("eval exec compile globals locals vars input open")
_SILENT = words("print display input help id breakpoint")


def function(state: State, dotted: str, arguments: Arguments, node: ast.Call) -> Value:
    """Return what a builtin function, or a method of a builtin type, gives."""
    name = dotted.removeprefix("builtins.")
    given = combine(arguments.all())
    if name in _SILENT:
        return CONST
    if name in _UNSEEN or (name == "next" and not given.of_batch):
        return state.not_understood(node, f"what `{name}` gives is not to be seen")
    if name == "range":
        return replace(given, dim="array") if given.shape == Shape.CONST else given
    if "." in name or not given.of_batch:
        return _of_entries(name, given, arguments)
    return _of_batch(state, name, arguments, node)


def _of_batch(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: PLR0911 - one a case
    given = combine(arguments.all())
    if name in {"map", "filter"}:
        return _each(state, name, arguments, node)
    first_argument = arguments.positional[0] if arguments.positional else CONST
    if name in tables.BUILTIN_REDUCING:
        return _reduced(state, name, first_argument, arguments, node)
    if name in tables.BUILTIN_KEEPING:
        return _kept(state, name, arguments, node)
    if name == "getattr" and arguments.get("", 1) is not None:
        return replace(given, dim="")
    if name in tables.BUILTIN_ELEMENTWISE or name in {"slice", "iter"}:
        if name in {"isinstance", "type", "hasattr", "callable", "issubclass"}:
            return CONST
        if given.shape == Shape.STAT or name in {"abs", "round", "pow", "divmod"}:
            return given
    return state.not_understood(node, f"`{name}` of the batch is not understood")


def _of_entries(name: str, given: Value, arguments: Arguments) -> Value:
    """Return a result that is made of constants, or of one row."""
    kept = name in tables.BUILTIN_KEEPING | {"sorted", "set", "frozenset"}
    only = arguments.positional[0] if len(arguments.positional) == 1 else None
    if name == "dict" and given.shape == Shape.CONST:
        keywords = arguments.keywords
        names: object = list(keywords) if keywords and not arguments.positional else UNSET
        return Value(payload="dict", literal=names, items=tuple(keywords.values()) or None)
    if name == "zip" and all(each.items is not None for each in arguments.positional):
        pairs = zip(*(each.items or () for each in arguments.positional), strict=False)
        return replace(given, items=tuple(_tuple(pair) for pair in pairs))
    if name == "enumerate" and only is not None and only.items is not None:
        numbered = enumerate(only.items)
        return replace(given, items=tuple(_tuple((Value(literal=i), each)) for i, each in numbered))
    if name in {"list", "tuple"} and only is not None:
        return replace(given, items=only.items, literal=only.literal)
    return replace(given, items=None, refs=given.refs if kept else frozenset())


def _tuple(parts: tuple[Value, ...]) -> Value:
    refs = frozenset().union(*(part.refs for part in parts))
    return replace(combine(parts), items=parts, refs=refs)


def _each(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:
    mapped, *over = arguments.positional or (CONST,)
    if name == "map" and len(over) == 1 and over[0].items is not None:
        return _tuple(
            tuple(state.call(state, mapped, Arguments((each,)), node) for each in over[0].items)
        )
    column = apply_to_each(state, mapped, combine(over), node)
    if name == "filter":
        cause = state.cause(node, "only the rows that satisfy the condition are kept")
        return replace(column, rows=first((column.rows, cause)))
    return replace(column, dim="array")


def _reduced(
    state: State, name: str, argument: Value, arguments: Arguments, node: ast.Call
) -> Value:
    if name in {"sum", "min", "max"}:
        many = argument.items if argument.items is not None else arguments.positional[1:] or None
        if many is not None:  # of columns, entry by entry
            return combine((*arguments.positional, *many))
    if name == "len" and argument.items is not None:
        return CONST
    if argument.shape == Shape.ROWS and argument.dim == "frame" and name in {"sorted", "set"}:
        return Value(
            batch=argument.batch if argument.batch and argument.batch.columns_only else None
        )
    reason = f"{tables.BUILTIN_REDUCING[name]} over the batch"
    cause = first((argument.batch, state.cause(node, reason)))
    given = combine(arguments.all())
    count = tables.COUNT if name == "len" and argument.shape == Shape.ROWS else None
    return Value(Shape.STAT, "", cause, None, given.unknown, given.doubt, payload=count)


def _column_names(frame: Value) -> Value:
    return Value(batch=frame.batch if frame.batch and frame.batch.columns_only else None)


def _kept(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:
    given = combine(arguments.all())
    positional = arguments.positional
    if name in {"zip", "enumerate"} and all(each.items is not None for each in positional):
        return _of_entries(name, given, arguments)
    if name in {"list", "tuple", "iter"} and positional:
        only = positional[0]
        if only.shape == Shape.ROWS and only.dim == "frame":  # the names of the columns
            return _column_names(only)
        return replace(only, dim=only.dim if only.items is not None else "array")
    if name == "dict":
        reason = "values are collected over the batch"
        cause = first((given.batch, state.cause(node, reason)))
        return Value(Shape.STAT, batch=cause, unknown=given.unknown, payload="dict")
    if name == "enumerate":
        cause = state.cause(node, "rows are numbered by their place in the batch")
        return replace(given, dim="array", batch=first((given.batch, cause)), items=None)
    return replace(given, dim="array", items=None)
