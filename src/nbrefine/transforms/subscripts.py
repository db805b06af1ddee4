"""What ``value[key]`` takes: columns, rows, or one entry."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms.stores import counted, is_full_slice
from nbrefine.transforms.values import (
    UNSET,
    Accessor,
    Dim,
    Grouped,
    Shape,
    Value,
    Window,
    combine,
    first,
    tainted,
)

if TYPE_CHECKING:
    from nbrefine.transforms.state import State

__all__ = ["subscript"]

_MASKED = "only the rows that satisfy the condition are kept"
_PLACED = "rows are chosen by their place in the batch"


def subscript(state: State, node: ast.Subscript) -> Value:  # noqa: PLR0911 - one a case
    """Return the abstract value of a subscript."""
    base = state.evaluate(state, node.value)
    if isinstance(base.payload, (Grouped, Window)):
        return base
    if isinstance(base.payload, Accessor):
        accessor = base.payload
        if accessor.name == "str":
            return _clean(accessor.base)
        if accessor.base.shape == Shape.ROWS:
            return _located(state, accessor, node)
        return combine((accessor.base, state.evaluate(state, node.slice)))
    if isinstance(base.payload, str) and base.payload != "dict":
        key = state.evaluate(state, node.slice)  # np.c_[a, b], or a mapping that is global
        return combine((base, *(key.items or (key,))))
    if base.items is not None and base.payload != "dict":
        place = state.evaluate(state, node.slice).literal
        if isinstance(place, int) and -len(base.items) <= place < len(base.items):
            return base.items[place]
    if base.shape != Shape.ROWS:
        key = state.evaluate(state, node.slice)
        return replace(combine((base, key)), refs=base.refs)
    if base.payload == "dict" or base.items is not None:
        return replace(_clean(base), refs=base.refs)
    return _of_rows(state, base, node)


def _clean(value: Value) -> Value:
    return replace(value, payload=None, literal=UNSET, items=None)


def _of_rows(state: State, base: Value, node: ast.Subscript) -> Value:  # noqa: PLR0911 - one a case
    """Return what ``frame[key]``, ``series[key]`` or ``array[key]`` takes."""
    key = node.slice
    if isinstance(key, ast.Slice):
        if is_full_slice(key):
            return base
        return _fewer(base, state, node, _PLACED)
    if isinstance(key, ast.Tuple) and any(
        isinstance(each, ast.Slice) or is_full_slice(each) or _is_none(each) for each in key.elts
    ):
        return _of_array(state, base, key, node)
    chosen = state.evaluate(state, key)
    if chosen.shape == Shape.ROWS:
        return _fewer(tainted(base, replace(chosen, rows=None)), state, node, _MASKED)
    if chosen.shape == Shape.STAT or chosen.batch is not None:
        if base.dim in {"series", "array", "index"}:
            return _fewer(tainted(base, chosen), state, node, _PLACED)
        cause = chosen.batch or state.cause(node, "which columns are taken depends on the batch")
        return replace(_clean(base), dim="frame", batch=first((base.batch, cause)))
    if base.dim in {"series", "array", "index"}:
        if chosen.shape == Shape.CONST and not isinstance(chosen.literal, str):
            return _one(tainted(base, chosen), state, node)
        return tainted(_clean(base), chosen)
    return _column(tainted(base, chosen), chosen, state, node)


def _column(base: Value, chosen: Value, state: State, node: ast.Subscript) -> Value:
    """Return columns of a frame."""
    name = chosen.literal
    if isinstance(name, str):
        fixed = frozenset({"*"}) if name in base.fixed else frozenset()
        return replace(_clean(counted(base)), dim="series", fixed=fixed)
    if isinstance(name, list):
        kept = base.fixed & {each for each in name if isinstance(each, str)}
        return replace(_clean(base), dim="frame", fixed=kept)
    if isinstance(name, int) and base.dim == "frame":
        return replace(_clean(counted(base)), dim="series")
    if isinstance(name, int) and base.dim == "":
        cause = state.cause(node, "it takes a column of a frame, or a row of an array")
        return replace(_clean(base), doubt=base.doubt or cause)
    return replace(_clean(base), dim="frame" if chosen.items is not None else "")


def _of_array(state: State, base: Value, key: ast.Tuple, node: ast.Subscript) -> Value:
    """Return what ``array[rows, columns]`` takes."""
    first_key, *others = key.elts
    for each in others:
        if not isinstance(each, ast.Slice):
            base = tainted(base, replace(state.evaluate(state, each), rows=None))
    if is_full_slice(first_key):
        return replace(_clean(base), dim="array")
    if _is_none(first_key):
        cause = state.cause(node, "each row is set against all rows of the batch")
        return replace(_clean(base), batch=base.batch or cause)
    chosen = state.evaluate(state, first_key)
    reason = _MASKED if chosen.shape == Shape.ROWS else _PLACED
    return _fewer(tainted(base, replace(chosen, rows=None)), state, node, reason)


def _is_none(node: ast.expr) -> bool:
    return (isinstance(node, ast.Constant) and node.value is None) or (
        isinstance(node, ast.Attribute) and node.attr == "newaxis"
    )


def _located(state: State, accessor: Accessor, node: ast.Subscript) -> Value:
    """Return what ``frame.loc[rows, columns]`` or ``iloc`` takes."""
    base, key = accessor.base, node.slice
    selector = key.elts[0] if isinstance(key, ast.Tuple) else key
    columns = key.elts[1] if isinstance(key, ast.Tuple) and len(key.elts) > 1 else None
    part = _clean(base)
    if columns is not None and not isinstance(columns, ast.Slice):
        chosen = state.evaluate(state, columns)
        part = tainted(base, replace(chosen, rows=None))
        if chosen.of_batch and part.batch is None:
            cause = state.cause(node, "which columns are taken depends on the batch")
            part = replace(part, batch=cause)
        if accessor.name in {"loc", "at"}:
            part = _column(part, chosen, state, node)
        else:
            dim: Dim = "series" if isinstance(chosen.literal, int) else "frame"
            part = replace(_clean(part), dim=dim, fixed=frozenset())
    if is_full_slice(selector):
        return part
    chosen = state.evaluate(state, selector)
    part = tainted(part, replace(chosen, rows=None))
    if chosen.shape == Shape.ROWS:
        return _fewer(part, state, node, _MASKED)
    if isinstance(selector, (ast.Slice, ast.List)) or chosen.of_batch:
        return _fewer(part, state, node, _PLACED)
    return _one(part, state, node)


def _fewer(base: Value, state: State, node: ast.AST, reason: str) -> Value:
    return replace(_clean(base), rows=first((base.rows, state.cause(node, reason))))


def _one(base: Value, state: State, node: ast.AST) -> Value:
    """Return one entry of all rows: the same for each of them."""
    cause = first((base.batch, state.cause(node, "one row of the batch is taken")))
    return replace(_clean(base), shape=Shape.STAT, batch=cause, refs=frozenset())
