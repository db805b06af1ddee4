"""Loops over the rows of a batch, and functions that are applied to each of them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import stores, tables
from nbrefine.transforms.state import Arguments, State
from nbrefine.transforms.values import ELEMENT, Function, Shape, Value, combine

if TYPE_CHECKING:
    from collections.abc import Sequence

# What builtin functions that look at all entries make of one row.
_OF_ONE_ROW = frozenset({"len", "sum", "sorted", "max", "min", "any", "all", "tuple", "list"})
CARRIED = "a value is carried from row to row"
__all__ = ["apply_to_each", "as_column", "of_group", "over_rows"]


def as_column(state: State, results: Value, over: Value, node: ast.AST) -> Value:
    """Return the column that is made of one result a row."""
    if results.of_batch and results.batch is None:
        reason = "each row is set against all rows of the batch"
        results = replace(results, batch=state.cause(node, reason))
    column = combine((replace(results, shape=Shape.ELEMENT, rows=None), over), dim="series")
    return replace(column, shape=Shape.ROWS)


def of_group(state: State, groups: Value, node: ast.AST) -> Value:
    """Return the key and the rows of one group, in a loop over groups."""
    part = replace(groups, payload=None, rows=groups.rows or state.cause(node, tables.BY_GROUP))
    reason = "the groups are those of the batch"
    key = Value(Shape.STAT, batch=groups.batch or state.cause(node, reason))
    return replace(part, items=(key, part))


def apply_to_each(
    state: State, function: Value, over: Value, node: ast.Call, extra: Sequence[Value] = ()
) -> Value:
    """Return what a function gives that is called once for each row.

    Parameters
    ----------
    state
        The names.
    function
        What is called.
    over
        The rows.
    node
        The call, for the report.
    extra
        More arguments, the same for all rows.

    Returns
    -------
    Value
        A column; not understood where the function is not.
    """
    payload = function.payload
    if isinstance(payload, Function):
        result = _invoked(state, payload, Arguments((ELEMENT, *extra)), node)
        return as_column(state, result, over, node)
    if isinstance(payload, str) and _plain(payload):
        return combine((over, *extra), dim="series")
    return state.not_understood(node, "the function that is applied is not to be seen")


def _invoked(state: State, function: Function, arguments: Arguments, node: ast.AST) -> Value:
    """Return one result; what the function leaves behind outside of it reaches the next row."""
    before, known = len(state.control), next(state.numbers)
    earlier, state.changed = state.changed, set()
    result = state.invoke(function, arguments, node)
    del state.control[before:]
    if any(each < known for each in state.changed):
        cause = state.cause(node, CARRIED)
        result = replace(result, batch=result.batch or cause)
    state.changed |= earlier
    return result


def _plain(dotted: str) -> bool:
    """Return whether a named function gives the same for the same row."""
    root, _, name = dotted.rpartition(".")
    module = root.split(".")[0]
    if dotted.startswith("bound:"):
        return dotted.removeprefix("bound:") in tables.CONST_METHODS
    if name in tables.IMPURE:
        return False
    if module == "builtins":
        return root != "builtins" or name in tables.BUILTIN_ELEMENTWISE | _OF_ONE_ROW
    if module == "numpy":
        return root == "numpy" and name in tables.NP_ELEMENTWISE
    if module == "pandas":
        return name in {"to_numeric", "Timestamp", "Timedelta", "isna", "notna", "isnull"}
    return module in tables.PURE_MODULES


def over_rows(state: State, statement: ast.For, iterated: Value) -> None:
    """Follow a loop over the rows of the batch.

    What a row leaves behind for the next one makes the result depend on other rows;
    a list that gets exactly one entry in each round is a column afterwards.
    """
    if _left_early(statement.body):
        reason = "a loop over rows that is left early is not followed"
        state.control.append(state.not_understood(statement.iter, reason))
    if any(value.shape == Shape.ELEMENT for value in state.scopes[-1].values()):
        reason = "each row is set against all rows of the batch"
        state.control.append(Value(batch=state.cause(statement.iter, reason)))
    member = replace(combine((ELEMENT, replace(iterated, shape=Shape.ELEMENT))), rows=iterated.rows)
    columns = {
        name
        for name in _lists(statement.body)
        if _once(statement.body, name) and _empty(state, name)
    }
    cause = state.cause(statement, CARRIED)
    cause = replace(cause, statement=cause.statement.split(":")[0])
    carried = Value(Shape.ELEMENT, batch=cause)
    for _ in range(2):
        for name in _assigned(statement.body):
            state.scopes[-1][name] = carried
        stores.store(state, statement.target, member)
        before = len(state.control)
        state.run(state, statement.body)
        del state.control[before:]
    for name, value in list(state.scopes[-1].items()):
        if value.shape != Shape.ELEMENT:
            continue
        if name in columns:
            state.scopes[-1][name] = replace(value, shape=Shape.ROWS, dim="array", items=None)
        else:
            gathered = replace(cause, reason="the loop gathers over the rows")
            state.scopes[-1][name] = replace(
                value, shape=Shape.STAT, batch=value.batch or gathered, items=None
            )


def _left_early(body: Sequence[ast.stmt]) -> bool:
    kinds = (ast.Break, ast.Continue, ast.Return)
    return any(isinstance(node, kinds) for each in body for node in ast.walk(each))


def _assigned(body: Sequence[ast.stmt]) -> set[str]:
    return {
        node.id
        for each in body
        for node in ast.walk(each)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _lists(body: Sequence[ast.stmt]) -> set[str]:
    return {
        node.func.value.id
        for each in body
        for node in ast.walk(each)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "append"
        and isinstance(node.func.value, ast.Name)
    }


def _empty(state: State, name: str) -> bool:
    value = state.scopes[-1].get(name)
    return value is not None and value.items == ()


def _once(body: Sequence[ast.stmt], name: str) -> bool:
    """Return whether each round appends once to a list, and does nothing else with it."""
    mentions = sum(
        isinstance(node, ast.Name) and node.id == name for each in body for node in ast.walk(each)
    )
    return _appends(body, name) == 1 and mentions == len(list(_calls(body, name)))


def _calls(body: Sequence[ast.stmt], name: str) -> list[ast.Call]:
    return [
        node
        for each in body
        for node in ast.walk(each)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "append"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
    ]


def _appends(body: Sequence[ast.stmt], name: str) -> int:
    """Return how often a round appends to a list; -1 where rounds differ."""
    total = 0
    for each in body:
        if isinstance(each, ast.If):
            then, otherwise = _appends(each.body, name), _appends(each.orelse, name)
            if then != otherwise or then < 0:
                return -1
            total += then
        elif isinstance(each, (ast.For, ast.While, ast.Try, ast.With)):
            if _calls([each], name):
                return -1
        else:
            total += len(_calls([each], name))
    return total
