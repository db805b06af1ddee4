"""The abstract value of an expression."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nbrefine.transforms import calls, methods, rows, stores, tables
from nbrefine.transforms.accessors import through_accessor
from nbrefine.transforms.state import State
from nbrefine.transforms.statements import decision, is_plainly_decorated
from nbrefine.transforms.subscripts import subscript
from nbrefine.transforms.values import (
    CONST,
    ELEMENT,
    UNSET,
    Accessor,
    Estimator,
    Function,
    Grouped,
    Shape,
    Value,
    alike,
    combine,
    first,
)

__all__ = ["evaluate"]

UNROLLED = 50  # members of a comprehension that are followed one by one
_ACCESSORS = {"str", "dt", "cat", "loc", "iloc", "at", "iat", "sparse", "list", "struct"}
_SCHEMA = {"columns", "dtypes", "dtype", "ndim", "name", "names", "empty", "keys", "nlevels"}
_WHOLE = {"is_unique", "size", "is_monotonic_increasing", "is_monotonic_decreasing", "hasnans",
          "has_duplicates", "nbytes", "is_monotonic"}  # fmt: skip
_METHODS = (
    tables.ELEMENTWISE | tables.POSITIONAL.keys() | tables.REDUCING.keys() | tables.RESHAPING.keys()
)


def evaluate(state: State, node: ast.expr) -> Value:
    """Return the abstract value of an expression."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        return state.not_understood(node, "this expression is not understood")
    value = handler(state, node)
    state.seen[id(node)] = value
    return value


def _constant(state: State, node: ast.Constant) -> Value:  # noqa: ARG001 - a handler's signature
    return Value(literal=node.value)


def _name(state: State, node: ast.Name) -> Value:  # noqa: PLR0911 - one a case
    value = state.lookup(node.id)
    if value is not None:
        return value
    if node.id in state.helpers:
        if not is_plainly_decorated(state.helpers[node.id]):
            return state.not_understood(node, "a decorator may change it")
        return Value(payload=Function(state.helpers[node.id], (state.scopes[0],)))
    if node.id in state.modules:
        return Value(payload=state.modules[node.id])
    if hasattr(builtins, node.id):
        return Value(payload=f"builtins.{node.id}")
    if node.id in tables.SKLEARN_FUNCTIONS or (
        node.id[0].isupper() and node.id.endswith(tables.ESTIMATOR_ENDINGS)
    ):
        return Value(payload=f"sklearn.{node.id}")
    state.scopes[0][node.id] = state.outsider()  # a global of the module
    return state.scopes[0][node.id]


def _attribute(state: State, node: ast.Attribute) -> Value:  # noqa: PLR0911 - one a case
    base = evaluate(state, node.value)
    if isinstance(base.payload, str) and ":" not in base.payload and base.payload != "dict":
        return Value(payload=f"{base.payload}.{node.attr}")
    if isinstance(base.payload, Accessor):
        return through_accessor(state, base.payload, node.attr, node, None)
    if isinstance(base.payload, Grouped):
        return base
    if isinstance(base.payload, Estimator):
        if node.attr in tables.FITTING | tables.APPLYING:
            return replace(base, payload=Accessor(f"method:{node.attr}", base))
        return replace(base, payload=None, shape=Shape.STAT if base.batch else Shape.CONST)
    if base.shape == Shape.CONST:
        if node.attr in _ACCESSORS:
            return replace(base, payload=Accessor(node.attr, base), literal=UNSET, items=None)
        return replace(base, payload=f"bound:{node.attr}", literal=UNSET, items=None)
    if node.attr in _ACCESSORS:
        return replace(base, payload=Accessor(node.attr, base))
    if base.shape == Shape.ROWS:
        return _attribute_of_rows(state, base, node)
    return replace(base, literal=UNSET, items=None, payload=None)


def _attribute_of_rows(state: State, base: Value, node: ast.Attribute) -> Value:  # noqa: PLR0911 - one a case
    name = node.attr
    if name in _SCHEMA:
        only_columns = base.batch if base.batch and base.batch.columns_only else None
        return Value(batch=only_columns, unknown=base.unknown, doubt=base.doubt)
    if name in {"values", "array"}:
        return replace(base, dim="array", payload=None, fixed=frozenset())
    if name == "shape":
        cause = first((base.batch, state.cause(node, "the rows are counted")))
        size = Value(Shape.STAT, batch=cause, unknown=base.unknown, payload=tables.COUNT)
        return replace(size, items=(size, CONST))
    if name in _WHOLE:
        return state.statistic(node, base, "all rows are looked at")
    if name == "T":
        return methods.turned(state, base, node)
    if name == "index":
        return replace(base, dim="index", payload=None, items=None)
    if name in _METHODS or name.startswith("_"):
        return state.not_understood(node, "a method is passed on, not called")
    if base.dim in {"frame", ""}:
        return replace(base, dim="series", payload=None, fixed=_fixed_of(base, name))
    if base.dim == "index":
        return replace(base, payload=None)
    return state.not_understood(node, f"`.{name}` is not known here")


def _fixed_of(base: Value, column: str) -> frozenset[str]:
    return frozenset({"*"}) if column in base.fixed else frozenset()


def _binary(state: State, node: ast.BinOp) -> Value:
    left, right = evaluate(state, node.left), evaluate(state, node.right)
    both = combine((left, right))
    if isinstance(node.op, ast.Mult) and tables.COUNT in {left.payload, right.payload}:
        listed = left if right.payload == tables.COUNT else right
        if listed.items is not None and listed.shape == Shape.CONST and len(listed.items) == 1:
            return Value(Shape.ROWS, "array")
    if isinstance(node.op, ast.MatMult) and right.shape == Shape.ROWS:
        return state.statistic(node, both, "a product is summed")
    if isinstance(node.op, ast.Add) and left.items is not None and right.items is not None:
        return replace(both, items=(*left.items, *right.items), refs=left.refs | right.refs)
    return both


def _compare(state: State, node: ast.Compare) -> Value:
    parts = [evaluate(state, each) for each in (node.left, *node.comparators)]
    if _asks_for_no_rows(node):
        return CONST
    if isinstance(node.ops[0], (ast.In, ast.NotIn)):
        if parts[1].shape == Shape.ROWS and parts[1].dim == "frame":
            return CONST  # it asks for a column
        if parts[1].of_batch:
            return state.statistic(node, combine(parts), "a value is looked for")
    elif isinstance(node.ops[0], (ast.Is, ast.IsNot)):
        return CONST if parts[0].shape != Shape.ELEMENT else combine(parts)
    return combine(parts)


def _asks_for_no_rows(node: ast.Compare) -> bool:
    """Return whether a comparison asks if the batch is empty: no batch of rows is."""
    counted = ast.unparse(node.left)
    zero = isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value == 0
    return zero and (counted.startswith("len(") or counted.endswith(".shape[0]"))


def _conditional(state: State, node: ast.IfExp) -> Value:
    condition = evaluate(state, node.test)
    if isinstance(condition.literal, bool):
        return evaluate(state, node.body if condition.literal else node.orelse)
    condition = decision(state, condition, node.test)
    both = alike(evaluate(state, node.body), evaluate(state, node.orelse))
    taint = combine((both, condition))
    return replace(
        both, batch=taint.batch, unknown=taint.unknown, doubt=taint.doubt, shape=taint.shape
    )


def _several(state: State, node: ast.List | ast.Tuple | ast.Set) -> Value:
    items: list[Value] = []
    known = True
    for each in node.elts:
        value = evaluate(state, each.value if isinstance(each, ast.Starred) else each)
        if isinstance(each, ast.Starred):
            known = known and value.items is not None
            items.extend(value.items or (value,))
        else:
            items.append(value)
    refs = frozenset().union(*(item.refs for item in items)) if items else frozenset()
    literals = [item.literal for item in items]
    written = literals if known and all(each is not UNSET for each in literals) else UNSET
    whole = replace(combine(items), literal=written, refs=refs)
    return replace(whole, items=tuple(items) if known else None)


def _dictionary(state: State, node: ast.Dict) -> Value:
    values = [evaluate(state, each) for each in node.values]
    keys = [evaluate(state, each) for each in node.keys if each is not None]
    refs = frozenset().union(*(value.refs for value in values)) if values else frozenset()
    names = [key.literal for key in keys]
    known = len(keys) == len(values) and all(isinstance(name, str) for name in names)
    whole = replace(combine((*values, *keys)), refs=refs, payload="dict")
    return replace(whole, items=tuple(values), literal=names if known else UNSET)


def _comprehension(
    state: State, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
) -> Value:
    state.scopes.append({})
    try:
        return _comprehended(state, node)
    finally:
        state.scopes.pop()


def _comprehended(
    state: State, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
) -> Value:
    over: list[Value] = []
    filters: list[Value] = []
    by_row = False
    generators = node.generators
    for generator in generators:
        iterated = evaluate(state, generator.iter)
        only = len(generators) == 1 and not generator.ifs
        few = iterated.items is not None and len(iterated.items) <= UNROLLED
        if only and few and not isinstance(node, ast.DictComp):
            return _unrolled(state, node, generator.target, iterated.items or ())
        of_rows = iterated.shape == Shape.ROWS and iterated.dim != "frame"
        if isinstance(iterated.payload, Grouped):
            member = rows.of_group(state, iterated, generator.iter)
            over.append(replace(member, shape=Shape.STAT, items=None))
        elif iterated.payload == "columns":
            series = replace(iterated, dim="series", payload=None)
            member = Value(items=(CONST, series), refs=series.refs)
        elif iterated.shape == Shape.ROWS and iterated.dim == "frame":
            member = CONST
        elif of_rows:
            by_row = True
            over.append(iterated)
            member = combine((ELEMENT, replace(iterated, shape=Shape.ELEMENT)))
        else:
            member = replace(iterated, items=None, literal=UNSET, payload=None)
            over.append(replace(member, rows=None))
        stores.store(state, generator.target, member)
        filters += [evaluate(state, test) for test in generator.ifs]
    parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    results = [evaluate(state, part) for part in parts]
    result = results[0] if len(results) == 1 else combine(results)
    if not by_row:
        whole = combine((result, *(decision(state, each, node) for each in filters), *over))
        return replace(whole, refs=result.refs)
    column = rows.as_column(state, result, combine(over), node)
    if isinstance(node, (ast.SetComp, ast.DictComp)):
        return state.statistic(node, column, "values are collected")
    if filters or len(generators) > 1:
        cause = state.cause(node, "only the rows that satisfy the condition are kept")
        column = replace(combine((column, *filters)), rows=cause, shape=Shape.ROWS)
    return replace(column, dim="array")


def _unrolled(
    state: State,
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp,
    target: ast.expr,
    items: tuple[Value, ...],
) -> Value:
    results = []
    for item in items:
        stores.store(state, target, item)
        results.append(evaluate(state, node.elt))
    refs = frozenset().union(*(result.refs for result in results)) if results else frozenset()
    return replace(combine(results), items=tuple(results), refs=refs)


def _text(state: State, node: ast.JoinedStr) -> Value:
    parts = [
        evaluate(state, each.value) for each in node.values if isinstance(each, ast.FormattedValue)
    ]
    whole = combine(parts)
    if whole.shape == Shape.ROWS:
        return state.statistic(node, whole, "all rows are written out")
    return whole


def _bound_expression(state: State, node: ast.NamedExpr) -> Value:
    value = evaluate(state, node.value)
    stores.store(state, node.target, value)
    return value


def _lambda(state: State, node: ast.Lambda) -> Value:
    return Value(payload=Function(node, tuple(state.scopes)))


def _boolean(state: State, node: ast.BoolOp) -> Value:
    return combine([evaluate(state, each) for each in node.values])


def _unary(state: State, node: ast.UnaryOp) -> Value:
    value = evaluate(state, node.operand)
    number = value.literal
    if isinstance(node.op, ast.USub) and isinstance(number, (int, float)):
        return Value(literal=-number)
    if isinstance(node.op, ast.Not) and ast.unparse(node.operand).startswith("len("):
        return CONST
    return combine((value,))


def _slice(state: State, node: ast.Slice) -> Value:
    parts = [each for each in (node.lower, node.upper, node.step) if each is not None]
    return combine([evaluate(state, each) for each in parts])


_Handler = Callable[[State, Any], Value]

_HANDLERS: dict[type[ast.expr], _Handler] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: subscript,
    ast.Call: calls.call,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.IfExp: _conditional,
    ast.List: _several,
    ast.Tuple: _several,
    ast.Set: _several,
    ast.Dict: _dictionary,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.JoinedStr: _text,
    ast.NamedExpr: _bound_expression,
    ast.Lambda: _lambda,
    ast.Slice: _slice,
    ast.Starred: lambda state, node: evaluate(state, node.value),
}
