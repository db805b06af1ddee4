"""What an assignment does to a name, a column, a part of the rows."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import tables
from nbrefine.transforms.values import (
    CONST,
    UNSET,
    Accessor,
    Shape,
    Value,
    combine,
    first,
    tainted,
)

if TYPE_CHECKING:
    from nbrefine.transforms.model import Cause
    from nbrefine.transforms.state import State

__all__ = ["counted", "is_full_slice", "store", "written"]


def store(state: State, target: ast.expr, value: Value) -> None:
    """Assign a value to a target of any kind."""
    if isinstance(target, ast.Name):
        state.bind(target.id, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(state, target, value)
    elif isinstance(target, ast.Starred):
        store(state, target.value, replace(value, items=None, literal=UNSET))
    elif isinstance(target, ast.Subscript):
        base = state.evaluate(state, target.value)
        state.change(target.value, _put(state, base, target, value))
    elif isinstance(target, ast.Attribute):
        base = state.evaluate(state, target.value)
        if target.attr == "columns":  # new names for the columns
            base = counted(base) if value.items is not None else base
            state.change(target.value, tainted(base, replace(value, rows=None)))
        elif target.attr == "index" and base.shape == Shape.ROWS:
            own = value.shape == Shape.ROWS and value.rows is None
            cause = None if own else state.cause(target, "rows are labelled anew")
            state.change(target.value, replace(tainted(base, value), rows=base.rows or cause))
        else:
            state.change(target.value, written(state, base, value, target))


def _unpack(state: State, target: ast.Tuple | ast.List, value: Value) -> None:
    items = value.items
    if items is None or len(items) != len(target.elts):
        part = replace(value, items=None, literal=UNSET, payload=None)
        if value.shape == Shape.ROWS:
            unseen = state.not_understood(target, "what is unpacked may be rows, one by one")
            part = tainted(part, unseen)
        items = (part,) * len(target.elts)
    for each, item in zip(target.elts, items, strict=True):
        store(state, each, item)


def counted(value: Value) -> Value:
    """Return a value of which as many columns are taken as the code says; others would fail."""
    open_columns = value.doubt is not None and value.doubt.columns_only
    return replace(value, doubt=None) if open_columns else value


def is_full_slice(node: ast.expr) -> bool:
    """Return whether a subscript takes everything: ``:`` or ``...``."""
    if isinstance(node, ast.Slice):
        return node.lower is None and node.upper is None and _is_plain_step(node.step)
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _is_plain_step(step: ast.expr | None) -> bool:
    return step is None or (isinstance(step, ast.Constant) and step.value in {1, None})


def written(state: State, base: Value, value: Value, node: ast.AST) -> Value:
    """Return a frame after a value was written into a column of it."""
    if base.shape != Shape.ROWS:
        return combine((base, value)) if value.shape != Shape.CONST else tainted(base, value)
    if value.foreign and value.shape == Shape.CONST:
        cause = state.cause(node, "what is put into each row may be a column of its own")
        value = replace(value, doubt=value.doubt or cause)
    if value.items and value.shape == Shape.CONST and value.payload != "dict":
        cause = state.cause(node, "a list gives each row a value by its position")
        value = replace(value, batch=value.batch or cause)
    if value.shape == Shape.ROWS and value.rows is not None and value.batch is None:
        value = _written_back(state, value, value.rows, node)
    if value.shape == Shape.STAT and value.batch is None:
        reason = "a value of the whole batch is written into each row"
        value = replace(value, batch=state.cause(node, reason))
    return tainted(base, replace(value, rows=None))


def _written_back(state: State, value: Value, rows: Cause, node: ast.AST) -> Value:
    """Return what is written beside all rows, and was made of fewer or other ones."""
    by_place = value.dim in {"array", "index"} and rows.reason != tables.TURNED
    if rows.reason == tables.AGGREGATED or by_place:
        return replace(value, batch=rows)
    reason = "what was made of a part of the rows is written back by label"
    return replace(value, unknown=value.unknown or state.cause(node, reason))


def _put(state: State, base: Value, target: ast.Subscript, value: Value) -> Value:
    """Return what an object is after ``object[key] = value``."""
    key = target.slice
    accessor = base.payload if isinstance(base.payload, Accessor) else None
    if accessor is not None:
        base = accessor.base
    if isinstance(key, (ast.List, ast.Constant)):
        value = counted(value)
    result = written(state, base, value, target)
    if base.shape != Shape.ROWS:
        return tainted(result, state.evaluate(state, key))
    return _placed(state, base, target, result, value)


def _placed(state: State, base: Value, target: ast.Subscript, result: Value, value: Value) -> Value:
    """Return rows after a value was written in a place of them."""
    key = target.slice
    parts = list(key.elts) if isinstance(key, ast.Tuple) else [key]
    held = state.evaluate(state, target.value)
    by_rows = isinstance(held.payload, Accessor) or isinstance(key, ast.Slice)
    by_rows = by_rows or (isinstance(key, ast.Tuple) and _has_slice(key))
    first_key = parts[0]
    if by_rows and is_full_slice(first_key):
        for part in parts[1:]:
            result = tainted(result, _plain(state, part))
        return result
    selector = _plain(state, first_key)
    if selector.shape in {Shape.ROWS, Shape.ELEMENT}:  # a mask
        result = tainted(result, replace(selector, rows=None))
        if selector.shape == Shape.ELEMENT:
            cause = state.cause(target, "a row is looked up by its label")
            result = replace(result, doubt=result.doubt or cause)
        return result
    if by_rows or selector.shape == Shape.STAT:
        cause = state.cause(target, "a row is chosen by its place in the batch")
        return replace(result, batch=first((result.batch, selector.batch, cause)))
    name = selector.literal
    if isinstance(name, str):
        fixed = result.fixed | {name} if value.fixed else result.fixed - {name}
        return replace(result, fixed=fixed)
    if base.dim in {"array", "series"}:
        cause = state.cause(target, "a row is chosen by its place in the batch")
        return replace(result, batch=result.batch or cause)
    return result


def _plain(state: State, node: ast.expr) -> Value:
    if isinstance(node, ast.Slice):
        parts = [part for part in (node.lower, node.upper, node.step) if part is not None]
        return combine([CONST, *(state.evaluate(state, part) for part in parts)])
    return state.evaluate(state, node)


def _has_slice(node: ast.Tuple) -> bool:
    return any(isinstance(each, ast.Slice) or is_full_slice(each) for each in node.elts)
