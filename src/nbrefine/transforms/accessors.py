"""What ``.str``, ``.dt`` and ``.cat`` do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import tables
from nbrefine.transforms.tables import words
from nbrefine.transforms.values import Accessor, Shape, Value, combine, first

if TYPE_CHECKING:
    import ast

    from nbrefine.transforms.state import Arguments, State

__all__ = ["through_accessor"]

_KEEPING = words("""
    add_categories as_ordered as_unordered remove_categories reorder_categories
    rename_categories
""")
_COUNTED = "how many columns there are depends on the batch"


def through_accessor(
    state: State, accessor: Accessor, name: str, node: ast.AST, arguments: Arguments | None
) -> Value:
    """Return an attribute, or with arguments a method, of an accessor."""
    base = accessor.base
    given = combine(arguments.all()) if arguments else Value()
    if accessor.name.startswith("method:"):
        return state.not_understood(node, "a method is passed on, not called")
    if base.shape != Shape.ROWS:
        return replace(combine((base, given)), payload=None)
    result = replace(combine((base, given)), dim="series")
    if accessor.name == "cat":
        return _categories(state, base, result, name, node)
    if accessor.name == "str":
        return _text(state, result, name, node, arguments)
    if accessor.name == "plot":
        return Value()
    return replace(result, dim="frame") if name == "isocalendar" else result


def _text(
    state: State, result: Value, name: str, node: ast.AST, arguments: Arguments | None
) -> Value:
    if name == "extractall":
        cause = state.cause(node, tables.RESHAPING[name])
        return replace(result, rows=result.rows or cause)
    if name == "get_dummies":
        cause = state.cause(
            node, "there is a column for each value of the batch", columns_only=True
        )
        return replace(result, dim="frame", batch=first((result.batch, cause)))
    if name == "cat" and arguments is not None and not arguments.positional:
        cause = state.cause(node, "all rows are joined")
        if arguments.get("others") is None:
            return Value(Shape.STAT, batch=cause, unknown=result.unknown)
    expands = arguments is not None and arguments.literal("expand") is True
    if name in tables.STR_DOUBTFUL and (expands or name.endswith("partition")):
        doubt = None
        if not name.endswith("partition"):
            doubt = state.cause(node, _COUNTED, columns_only=True)
        return replace(result, dim="frame", doubt=result.doubt or doubt)
    if name == "extract" and not (arguments and arguments.literal("expand") is False):
        return replace(result, dim="frame")
    return result


def _categories(state: State, base: Value, result: Value, name: str, node: ast.AST) -> Value:
    fixed = "*" in base.fixed
    if name == "codes":
        if fixed or base.batch is not None:
            return replace(result, fixed=frozenset())
        cause = state.cause(
            node, "the codes number the categories, which may be those of the batch"
        )
        return replace(result, doubt=result.doubt or cause)
    if name == "categories":
        cause = state.cause(node, "the categories may be those of the batch")
        shape = Shape.CONST if fixed else Shape.STAT
        return Value(shape, batch=None if fixed else first((base.batch, cause)))
    if name == "set_categories":  # whatever they were before
        learnt = base.batch is not None and base.batch.reason != tables.CATEGORIES
        return replace(result, fixed=frozenset({"*"}), batch=base.batch if learnt else None)
    if name in _KEEPING:
        return replace(result, fixed=base.fixed)
    cause = state.cause(node, tables.CATEGORIES)
    return replace(result, batch=result.batch or cause)
