"""What the functions of pandas make of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import tables
from nbrefine.transforms.merges import merged
from nbrefine.transforms.state import Arguments
from nbrefine.transforms.tables import words
from nbrefine.transforms.values import CONST, UNSET, Dim, Shape, Value, combine, first

if TYPE_CHECKING:
    import ast

    from nbrefine.transforms.state import State

__all__ = ["function"]

_ELEMENTWISE = words("""
    to_datetime to_numeric to_timedelta isna isnull notna notnull Series DataFrame array
    Index DatetimeIndex Timestamp Timedelta Period DateOffset json_normalize
""")
_RESHAPING = words("""
    melt pivot pivot_table crosstab wide_to_long lreshape merge_asof merge_ordered
""")
_WHOLE = frozenset({"unique", "value_counts"})


def function(state: State, dotted: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: PLR0911 - one a case
    """Return what a function of pandas gives."""
    name = dotted.rpartition(".")[2]
    given = combine(arguments.all())
    handler = _SPECIAL.get(name)
    if handler is not None:
        return handler(state, arguments, node)
    if name == "eval":
        return state.not_understood(node, "what `pd.eval` reads is not followed")
    if not given.of_batch:
        return replace(given, dim="")
    if name in _ELEMENTWISE:
        return _made(name, given, arguments)
    if name in _RESHAPING:
        reason = tables.RESHAPING.get(name, "rows are aggregated or matched")
        changed = first((given.rows, state.cause(node, reason)))
        return replace(given, dim="frame", rows=changed)
    if name in _WHOLE:
        reason = f"{tables.REDUCING[name]} over the batch"
        cause = first((given.batch, state.cause(node, reason)))
        return Value(Shape.STAT, batch=cause, unknown=given.unknown)
    return state.not_understood(node, f"`pd.{name}` is not known here")


def _made(name: str, given: Value, arguments: Arguments) -> Value:
    """Return a series or frame of given entries."""
    data = arguments.get("data", 0)
    if name in {"Series", "DataFrame"} and data is not None:
        dim: Dim = "frame" if name == "DataFrame" else "series"
        fixed = frozenset(each for each in data.fixed if (each == "*") == (name == "Series"))
        if given.shape == Shape.STAT:
            return replace(given, dim=dim)
        return replace(given, dim=dim, fixed=fixed, refs=frozenset())
    return given


def _cut(state: State, arguments: Arguments, node: ast.Call) -> Value:
    given = combine(arguments.all(), dim="series")
    if given.shape != Shape.ROWS:
        return given
    bins = arguments.get("bins", 1) or CONST
    fixed = replace(given, fixed=frozenset({"*"}))
    if bins.batch is not None or bins.of_batch:
        return replace(fixed, batch=first((given.batch, bins.batch)))
    if isinstance(bins.literal, int):
        cause = state.cause(node, "the edges are laid between the extremes of the batch")
        return replace(fixed, batch=first((given.batch, cause)))
    if bins.literal is UNSET and bins.items is None and bins.dim != "array":
        cause = state.cause(node, "the bins may be a number, and laid over the batch")
        return replace(fixed, doubt=given.doubt or cause)
    return fixed


def _learnt(reason: str) -> _Handler:
    def handler(state: State, arguments: Arguments, node: ast.Call) -> Value:
        given = combine(arguments.all(), dim="series")
        if given.shape != Shape.ROWS:
            return given
        cause = first((given.batch, state.cause(node, reason)))
        result = replace(given, batch=cause)
        if not _returns_two(node):
            return result
        whole = Value(Shape.STAT, batch=cause, unknown=given.unknown)
        return replace(result, items=(result, whole))

    return handler


def _returns_two(node: ast.Call) -> bool:
    asked = any(each.arg == "retbins" for each in node.keywords)
    return asked or getattr(node.func, "attr", "") == "factorize"


def _get_dummies(state: State, arguments: Arguments, node: ast.Call) -> Value:
    data = arguments.get("data", 0) or CONST
    given = combine(arguments.all(), dim="frame")
    if given.shape != Shape.ROWS:
        return given
    columns = arguments.literal("columns")
    fixed = "*" in data.fixed or (
        isinstance(columns, list) and bool(columns) and set(columns) <= data.fixed
    )
    if fixed:
        return given
    reason = "there is a column for each value of the batch"
    cause = state.cause(node, reason, columns_only=True)
    return replace(given, batch=first((given.batch, cause)))


def _categorical(state: State, arguments: Arguments, node: ast.Call) -> Value:
    given = combine(arguments.all(), dim="series")
    categories = arguments.get("categories", 1) or arguments.get("dtype")
    if given.shape != Shape.ROWS:
        return given
    if categories is not None and not categories.of_batch and categories.literal is not None:
        return replace(given, fixed=frozenset({"*"}))
    return replace(given, batch=first((given.batch, state.cause(node, tables.CATEGORIES))))


def _categorical_type(state: State, arguments: Arguments, node: ast.Call) -> Value:
    categories = arguments.get("categories", 0)
    if categories is None or categories.literal is None:
        return Value(batch=state.cause(node, tables.CATEGORIES))
    if categories.of_batch:
        cause = categories.batch or state.cause(node, tables.CATEGORIES)
        return Value(Shape.STAT, batch=cause, unknown=categories.unknown)
    return Value(fixed=frozenset({"*"}))


def _concat(state: State, arguments: Arguments, node: ast.Call) -> Value:
    parts = arguments.get("objs", 0) or CONST
    given = replace(combine((parts,)), dim="frame", items=None, payload=None)
    if arguments.literal("axis", 1) in {1, "columns"}:
        if parts.shape == Shape.ROWS and any(each.foreign for each in parts.items or ()):
            cause = state.cause(node, "a table from outside is put beside the rows by label")
            given = replace(given, rows=given.rows or cause)
        fixed = frozenset[str]().union(*(each.fixed - {"*"} for each in parts.items or ()))
        return replace(given, fixed=fixed)
    if parts.items is not None and len(parts.items) == 1:
        return given
    cause = state.cause(node, "rows are added")
    return replace(given, rows=first((given.rows, cause)))


def _merge(state: State, arguments: Arguments, node: ast.Call) -> Value:
    left = arguments.get("left", 0) or CONST
    rest = Arguments(
        arguments.positional[1:],
        {name: each for name, each in arguments.keywords.items() if name != "left"},
    )
    return merged(state, left, "merge", rest, node)


_Handler = Callable[["State", Arguments, "ast.Call"], Value]

_SPECIAL: dict[str, _Handler] = {
    "cut": _cut,
    "qcut": _learnt("the edges are quantiles of the batch"),
    "factorize": _learnt("the codes number the values of the batch"),
    "get_dummies": _get_dummies,
    "Categorical": _categorical,
    "CategoricalDtype": _categorical_type,
    "concat": _concat,
    "merge": _merge,
}
