"""Follow the statements of a transform: assignments, branches, loops."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from nbrefine.transforms import rows, stores
from nbrefine.transforms.state import State
from nbrefine.transforms.values import (
    CONST,
    UNSET,
    Function,
    Grouped,
    Shape,
    Value,
    combine,
    joined,
)

__all__ = ["decision", "is_plainly_decorated", "run"]

_PLAIN = frozenset({"lru_cache", "cache", "jit", "njit", "staticmethod", "wraps"})
_WHILE = "how often the loop runs is decided while it runs"
UNROLLED = 12  # rounds of a loop that are followed one by one
PASSES = 8  # of a loop's body, until nothing changes any more


def run(state: State, statements: Sequence[ast.stmt]) -> bool:
    """Follow statements; return True where what follows them is not reached."""
    for statement in statements:
        handler = _HANDLERS.get(type(statement))
        if handler is None:
            trouble = state.not_understood(statement, "this statement is not understood")
            state.control.append(trouble)
        elif handler(state, statement):
            return True
    return False


def _expression(state: State, statement: ast.Expr) -> None:
    state.evaluate(state, statement.value)


def _assign(state: State, statement: ast.Assign) -> None:
    value = state.evaluate(state, statement.value)
    for target in statement.targets:
        stores.store(state, target, value)


def _annotated(state: State, statement: ast.AnnAssign) -> None:
    if statement.value is not None:
        stores.store(state, statement.target, state.evaluate(state, statement.value))


def _augmented(state: State, statement: ast.AugAssign) -> None:
    current = state.evaluate(state, _as_load(statement.target))
    value = combine((current, state.evaluate(state, statement.value)))
    if current.shape == Shape.ROWS and isinstance(statement.target, ast.Name):
        state.change(statement.target, value)
    else:
        stores.store(state, statement.target, value)


def _as_load(target: ast.expr) -> ast.expr:
    copy = ast.parse(ast.unparse(target), mode="eval").body
    return ast.copy_location(copy, target)


def _delete(state: State, statement: ast.Delete) -> None:
    for target in statement.targets:
        if isinstance(target, ast.Name):
            state.scopes[-1].pop(target.id, None)
        elif isinstance(target, ast.Subscript):  # a column goes
            state.change(target.value, state.evaluate(state, target.value))


def is_plainly_decorated(function: ast.FunctionDef) -> bool:
    """Return whether the decorators of a function, if any, leave its results as they are."""
    names = [ast.unparse(each).partition("(")[0] for each in function.decorator_list]
    return {name.rpartition(".")[2] for name in names} <= _PLAIN


def _define(state: State, statement: ast.FunctionDef) -> None:
    if not is_plainly_decorated(statement):
        state.bind(statement.name, state.not_understood(statement, "a decorator may change it"))
        return
    state.bind(statement.name, Value(payload=Function(statement, tuple(state.scopes))))


def _return(state: State, statement: ast.Return) -> bool:
    nothing = Value(literal=None)
    value = nothing if statement.value is None else state.evaluate(state, statement.value)
    state.returns.append(state.under_control(value))
    return True


def _import(state: State, statement: ast.Import | ast.ImportFrom) -> None:
    for alias in statement.names:
        if isinstance(statement, ast.ImportFrom):
            dotted = f"{statement.module or ''}.{alias.name}"
        else:
            dotted = alias.name if alias.asname else alias.name.split(".")[0]
        name = alias.asname or alias.name.split(".")[0]
        state.modules[name] = dotted
        state.scopes[-1].pop(name, None)


def _if(state: State, statement: ast.If) -> bool:
    condition = state.evaluate(state, statement.test)
    if condition.literal is not UNSET and isinstance(condition.literal, (bool, type(None), int)):
        return run(state, statement.body if condition.literal else statement.orelse)
    condition = decision(state, condition, statement.test)
    if _only_fills(statement):
        condition = CONST
    return branches(state, condition, (statement.body, statement.orelse))


def _only_fills(statement: ast.If) -> bool:
    """Return whether gaps are filled if there are any: as well as if they always were."""
    test = ast.unparse(statement.test)
    asks = (".isnull()", ".isna()")
    sums = (".any()", ".sum()", ".sum() > 0", ".sum() != 0", ".values.any()")
    if statement.orelse or not any(test.endswith(f"{a}{b}") for a in asks for b in sums):
        return False
    asked = ast.unparse(_asked(statement.test))
    return all(
        isinstance(each, ast.Assign)
        and isinstance(each.value, ast.Call)
        and isinstance(each.value.func, ast.Attribute)
        and each.value.func.attr == "fillna"
        and ast.unparse(each.value.func.value) == ast.unparse(each.targets[0]) == asked
        for each in statement.body
    )


def _asked(test: ast.expr) -> ast.expr:
    """Return what a condition asks for gaps: ``frame["age"]`` of ``frame["age"].isna().any()``."""
    node = test.left if isinstance(test, ast.Compare) else test
    while isinstance(node, (ast.Call, ast.Attribute)):
        found = isinstance(node, ast.Attribute) and node.attr in {"isnull", "isna"}
        node = node.func if isinstance(node, ast.Call) else node.value
        if found:
            return node
    return node


def decision(state: State, condition: Value, node: ast.expr) -> Value:
    """Return what a condition does to all that depends on it."""
    if condition.of_batch and condition.batch is None and condition.unknown is None:
        cause = state.cause(node, "what is done depends on the batch as a whole")
        condition = replace(condition, batch=cause)
    return replace(condition, rows=None)


def branches(state: State, condition: Value, bodies: Sequence[Sequence[ast.stmt]]) -> bool:
    """Follow branches of which one is taken; return True if none goes on."""
    before = [dict(scope) for scope in state.scopes]
    ends: list[list[dict[str, Value]]] = []
    stops = []
    for body in bodies:
        _restore(state, before)
        with state.controlled(condition):
            stopped = run(state, body)
        stops.append(stopped)
        if not stopped:
            ends.append([dict(scope) for scope in state.scopes])
    if not ends:
        return True
    _restore(state, ends[0])
    for end in ends[1:]:
        _restore(state, [dict(joined(a, b)) for a, b in zip(state.scopes, end, strict=True)])
    returned = any(
        isinstance(node, ast.Return)
        for body, stopped in zip(bodies, stops, strict=True)
        if stopped
        for statement in body
        for node in ast.walk(statement)
    )
    if returned:  # whether the rest is reached hangs on the condition too
        state.control.append(condition)
    return False


def _restore(state: State, scopes: Sequence[dict[str, Value]]) -> None:
    for scope, content in zip(state.scopes, scopes, strict=True):
        scope.clear()
        scope.update(content)


def _for(state: State, statement: ast.For) -> bool:
    iterated = state.evaluate(state, statement.iter)
    if (
        iterated.items is not None
        and len(iterated.items) <= UNROLLED
        and not _leaves(statement.body)
    ):
        for item in iterated.items:
            stores.store(state, statement.target, item)
            run(state, statement.body)
        return run(state, statement.orelse)
    if isinstance(iterated.payload, Grouped):
        member, condition = rows.of_group(state, iterated, statement.iter), CONST
    elif iterated.payload == "columns":  # of DataFrame.items
        series = replace(iterated, dim="series", payload=None)
        member, condition = Value(items=(CONST, series), refs=series.refs), CONST
    elif iterated.shape == Shape.ROWS and iterated.dim == "frame":
        member = condition = CONST  # the names of the columns
    elif iterated.shape == Shape.ROWS:
        rows.over_rows(state, statement, iterated)
        return run(state, statement.orelse)
    else:
        member = replace(iterated, literal=UNSET, items=None, payload=None)
        condition = decision(state, member, statement.iter)
    _loop(state, lambda: _pass(state, statement, member), condition, statement)
    return run(state, statement.orelse)


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return any(
        isinstance(node, (ast.Break, ast.Continue, ast.Return))
        for statement in body
        for node in ast.walk(statement)
    )


def _pass(state: State, statement: ast.For | ast.While, member: Value | None) -> None:
    if member is not None and isinstance(statement, ast.For):
        stores.store(state, statement.target, member)
    run(state, statement.body)


def _loop(state: State, body: Callable[[], None], condition: Value, node: ast.stmt) -> None:
    """Follow a loop's body again and again, until nothing changes any more."""
    for _ in range(PASSES):
        before = [dict(scope) for scope in state.scopes]
        with state.controlled(condition):
            body()
        after = [dict(joined(a, b)) for a, b in zip(before, state.scopes, strict=True)]
        _restore(state, after)
        if _taints(before) == _taints(after):
            return
    state.control.append(state.not_understood(node, "this loop is not understood"))


def _taints(scopes: Sequence[dict[str, Value]]) -> list[object]:
    return [
        (name, value.shape, *(bool(x) for x in (value.batch, value.rows, value.unknown)))
        for scope in scopes
        for name, value in sorted(scope.items())
    ]


def _while(state: State, statement: ast.While) -> bool:
    condition = decision(state, state.evaluate(state, statement.test), statement.test)
    if not any(value.shape == Shape.ELEMENT for value in state.scopes[-1].values()):
        batch = condition.batch or state.cause(statement.test, _WHILE)
        condition = replace(condition, batch=batch)
    _loop(state, lambda: _pass(state, statement, None), condition, statement)
    return run(state, statement.orelse)


def _try(state: State, statement: ast.Try) -> bool:
    before = [dict(scope) for scope in state.scopes]
    stopped = run(state, [*statement.body, *statement.orelse])
    end = [dict(scope) for scope in state.scopes]
    for handler in statement.handlers:
        _restore(state, [dict(joined(a, b)) for a, b in zip(before, end, strict=True)])
        if all(isinstance(each, ast.Raise) for each in handler.body):
            continue
        fails = state.cause(statement.body[0], "whether it fails may depend on the batch")
        in_rows = any(value.shape == Shape.ELEMENT for value in state.scopes[-1].values())
        with state.controlled(CONST if in_rows else Value(doubt=fails)):
            handled = run(state, handler.body)
        if not handled:
            merged = zip(end, state.scopes, strict=True)
            end = [dict(joined(a, b)) for a, b in merged]
            stopped = False
    _restore(state, end)
    return run(state, statement.finalbody) or stopped


def _with(state: State, statement: ast.With) -> bool:
    for item in statement.items:
        value = state.evaluate(state, item.context_expr)
        if value.unknown is not None:
            state.control.append(value)
        if item.optional_vars is not None:
            stores.store(state, item.optional_vars, value)
    return run(state, statement.body)


def _assert(state: State, statement: ast.Assert) -> None:
    state.evaluate(state, statement.test)


_Handler = Callable[[State, Any], bool | None]

_HANDLERS: dict[type[ast.stmt], _Handler] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.FunctionDef: _define,
    ast.Return: _return,
    ast.Raise: lambda state, statement: True,  # noqa: ARG005 - what is refused gives no rows
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.If: _if,
    ast.For: _for,
    ast.While: _while,
    ast.Try: _try,
    ast.With: _with,
    ast.Assert: _assert,
    ast.Pass: lambda state, statement: None,  # noqa: ARG005 - a handler's signature
    # A loop over rows that is left early has been marked where it begins.
    ast.Break: lambda state, statement: True,  # noqa: ARG005
    ast.Continue: lambda state, statement: True,  # noqa: ARG005
}
