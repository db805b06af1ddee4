"""What the functions of numpy and scipy make of rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import tables
from nbrefine.transforms.rows import apply_to_each
from nbrefine.transforms.tables import words
from nbrefine.transforms.values import CONST, Shape, Value, combine, first

if TYPE_CHECKING:
    import ast

    from nbrefine.transforms.state import Arguments, State

__all__ = ["function"]

_JOINING = words("concatenate vstack hstack stack r_ row_stack dstack")
_ARRAYS = words("linspace arange geomspace logspace array asarray concatenate append sort unique")
_AXIS_SECOND = words("""
    mean median std var sum prod min max amin amax ptp argmin argmax any all nanmean nanmedian
    nanstd nanvar nansum nanmin nanmax nanargmax nanargmin average cumsum cumprod nancumsum
    nancumprod argsort sort count_nonzero
""")
_TOGETHER = frozenset({"softmax", "log_softmax", "logsumexp"})  # of scipy.special, over an axis
_WITH_EXPONENT = frozenset({"boxcox", "yeojohnson"})  # which they return beside the rows
_FILLED = frozenset({"zeros", "ones", "full", "empty"})


def function(state: State, dotted: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: PLR0911 - one a case
    """Return what a function of numpy or scipy gives."""
    name = dotted.rpartition(".")[2]
    given = combine(arguments.all())
    if name in _FILLED:
        return _filled(name, arguments)
    if not given.of_batch:
        return replace(given, dim="array" if name in _ARRAYS else "")
    if name in _SPECIAL:
        return _SPECIAL[name](state, name, arguments, node)
    if name in _JOINING:
        return _joined(state, name, arguments, node)
    if _of_columns(arguments) and name in tables.NP_REDUCING:
        if arguments.literal("axis", 1) == 0:
            return replace(given, dim="array")
        return _over_rows(state, name, given, node)
    if _along_the_row(name, arguments):
        return replace(given, dim="array")
    if dotted.startswith("scipy.special.") and name not in _TOGETHER:
        return given
    if name in tables.NP_ELEMENTWISE or given.shape == Shape.STAT:
        return replace(given, literal=CONST.literal)
    return _over_rows(state, name, given, node)


def _over_rows(state: State, name: str, given: Value, node: ast.Call) -> Value:
    if name in tables.NP_POSITIONAL:
        cause = first((given.batch, state.cause(node, tables.NP_POSITIONAL[name])))
        learnt = Value(Shape.STAT, batch=cause, unknown=given.unknown)
        items = (replace(given, batch=cause), learnt) if name in _WITH_EXPONENT else None
        return replace(given, batch=cause, items=items)
    if name in tables.NP_RESHAPING:
        cause = state.cause(node, tables.NP_RESHAPING[name])
        return replace(given, rows=first((given.rows, cause)))
    if name in tables.NP_REDUCING:
        return state.statistic(node, given, tables.NP_REDUCING[name])
    if name in {"arange", "linspace"}:
        cause = state.cause(node, "rows are numbered by their place in the batch")
        return Value(Shape.ROWS, "array", batch=cause, unknown=given.unknown)
    return state.not_understood(node, f"`{name}` is not known here")


def _along_the_row(name: str, arguments: Arguments) -> bool:
    """Return whether ``axis=1`` keeps each row by itself."""
    known = tables.NP_REDUCING.keys() | tables.NP_POSITIONAL.keys() | {"sort", "diff", "softmax"}
    place = 2 if name in {"quantile", "percentile", "nanpercentile", "nanquantile"} else None
    axis = arguments.literal("axis", 1 if name in _AXIS_SECOND else place)
    rows = arguments.positional[0] if arguments.positional else CONST
    return name in known and (axis == 1 or (axis == -1 and rows.dim == "frame"))


def _of_columns(arguments: Arguments) -> bool:
    """Return whether a function is given a list of columns: its axes are the other way round."""
    items = arguments.positional[0].items if arguments.positional else None
    return items is not None and any(each.shape == Shape.ROWS for each in items)


def _filled(name: str, arguments: Arguments) -> Value:
    """Return an array of one value: as long as the batch where a size of it is asked for."""
    size = arguments.get("shape", 0) or CONST
    value = (arguments.get("fill_value", 1) if name == "full" else None) or CONST
    if any(each.payload == tables.COUNT for each in (size, *(size.items or ()))):
        return replace(value, shape=Shape.ROWS, dim="array", unknown=size.unknown)
    return replace(combine((size, value)), dim="")


def _where(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:
    del name
    given = combine(arguments.all(), dim="array")
    if len(arguments.all()) == 1:
        cause = state.cause(node, "only some rows are kept")
        part = replace(given, rows=first((given.rows, cause)))
        return replace(part, items=(part,))
    return given


def _in_edges(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """``searchsorted``, ``digitize``, ``interp``: in which the edges must not be the batch's."""
    names = {"searchsorted": ("v", 1), "digitize": ("x", 0), "interp": ("x", 0), "isin": ("", 0),
             "in1d": ("", 0)}  # fmt: skip
    values = arguments.get(*names[name]) or CONST
    others = [each for each in arguments.all() if each is not values]
    given = combine(arguments.all(), dim="array")
    if any(each.of_batch for each in others):
        cause = state.cause(node, "the values are set against those of the batch")
        return replace(given, shape=Shape.ROWS, batch=first((given.batch, cause)))
    return given


def _product(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:
    given = combine(arguments.all(), dim="array")
    right = arguments.get("b", 1)
    if name == "dot" and right is not None and right.shape == Shape.CONST:
        return given
    return state.statistic(node, given, "a product is summed")


def _along_axis(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:
    applied, over = arguments.get("func1d", 0) or CONST, arguments.get("arr", 2) or CONST
    if arguments.literal("axis", 1) in {1, -1}:
        return replace(apply_to_each(state, applied, over, node), dim="array")
    return state.not_understood(node, f"`{name}` over the rows is not followed")


def _array_of_rows(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:
    values = arguments.positional[0] if arguments.positional else CONST
    if values.items is not None and name in {"array", "asarray"}:
        if values.shape == Shape.ROWS:
            cause = state.cause(node, tables.TURNED)
            return replace(values, items=None, dim="array", rows=first((values.rows, cause)))
        return replace(values, items=None)
    return replace(values, dim="array", items=None)


def _joined(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:
    parts = arguments.positional[0] if arguments.positional else CONST
    given = replace(combine(arguments.all(), dim="array"), refs=frozenset())
    side_by_side = name == "hstack" or arguments.literal("axis", 1) in {1, -1}
    shapes = {each.shape for each in parts.items or ()}
    if side_by_side and name != "vstack" and shapes <= {Shape.ROWS}:
        return given
    turned = name == "vstack" and all(each.dim == "series" for each in parts.items or ())
    cause = state.cause(node, tables.TURNED if turned else "rows are added")
    return replace(given, rows=first((given.rows, cause)))


def _reshaped(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:
    given = combine(arguments.all(), dim="array")
    cause = state.cause(node, "the shape of the array decides what is a row")
    return replace(given, doubt=given.doubt or cause) if name != "atleast_2d" else given


_SPECIAL = {
    "where": _where,
    "searchsorted": _in_edges,
    "digitize": _in_edges,
    "interp": _in_edges,
    "isin": _in_edges,
    "in1d": _in_edges,
    "dot": _product,
    "matmul": _product,
    "inner": _product,
    "outer": _product,
    "apply_along_axis": _along_axis,
    "array": _array_of_rows,
    "asarray": _array_of_rows,
    "ravel": _reshaped,
    "reshape": _reshaped,
    "squeeze": _reshaped,
    "atleast_2d": _reshaped,
    "expand_dims": _reshaped,
}
