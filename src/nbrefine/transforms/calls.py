"""What a call gives: of a method, a function of a library, or one of the code's own."""

from __future__ import annotations

import ast
from dataclasses import replace

from nbrefine.transforms import estimators, groups, libraries, methods, tables
from nbrefine.transforms.accessors import through_accessor
from nbrefine.transforms.rows import apply_to_each
from nbrefine.transforms.state import Arguments, State
from nbrefine.transforms.tables import words
from nbrefine.transforms.values import (
    CONST,
    UNSET,
    Accessor,
    Estimator,
    Function,
    Grouped,
    Shape,
    Value,
    Window,
    combine,
    first,
    tainted,
)

__all__ = ["call", "call_value"]

_FILLING = words("append extend add update insert setdefault appendleft extendleft")

_TAKING = words("pop popitem popleft remove discard clear reverse sort")


def call(state: State, node: ast.Call) -> Value:
    """Return the abstract value of a call."""
    if isinstance(node.func, ast.Attribute):
        base = state.evaluate(state, node.func.value)
        if not _is_module(base):
            return _method(state, base, node.func.attr, node)
    function = state.evaluate(state, node.func)
    return call_value(state, function, _arguments(state, node), node)


def _is_module(base: Value) -> bool:
    return isinstance(base.payload, str) and base.payload != "dict" and ":" not in base.payload


def _arguments(state: State, node: ast.Call) -> Arguments:
    positional: list[Value] = []
    for each in node.args:
        value = state.evaluate(state, each)
        spread = isinstance(each, ast.Starred) and value.items is not None
        positional.extend(value.items or () if spread else (value,))
    keywords: dict[str, Value] = {}
    for number, keyword in enumerate(node.keywords):
        value = state.evaluate(state, keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif value.payload == "dict" and isinstance(value.literal, list) and value.items:
            keywords |= dict(zip(value.literal, value.items, strict=True))
        else:
            keywords[f"**{number}"] = value
    return Arguments(tuple(positional), keywords)


def _method(state: State, base: Value, name: str, node: ast.Call) -> Value:
    """Return what a method of a value gives."""
    arguments = _arguments(state, node)
    payload = base.payload
    if isinstance(payload, Accessor):
        return through_accessor(state, payload, name, node, arguments)
    if isinstance(payload, Grouped):
        return groups.of_groups(state, payload, name, arguments, node)
    if isinstance(payload, Window):
        return groups.of_window(state, payload, name, arguments, node)
    if isinstance(payload, Estimator):
        return estimators.method(state, base, name, arguments, node)
    if base.shape == Shape.ROWS and base.items is None and payload != "dict":
        return methods.method(state, base, name, arguments, node)
    return _of_other(state, base, name, arguments, node)


def _of_other(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: PLR0911 - one a case
    """Return what a method gives of a constant, a container, one entry or a statistic."""
    given = combine(arguments.all())
    if name in _FILLING and isinstance(node.func, ast.Attribute):
        _fill(state, base, given, node.func)
        return combine((base, given)) if name == "setdefault" else CONST
    if name in _TAKING and isinstance(node.func, ast.Attribute):
        state.change(node.func.value, replace(base, items=None, literal=UNSET))
    if base.items is not None or base.payload == "dict":
        return _of_container(state, base, name, given, node)
    if name in tables.RANDOM_METHODS and base.shape == Shape.CONST and base.literal is UNSET:
        return state.not_understood(node, "values are drawn at random")
    if name in tables.FITTING and given.of_batch:
        return _fitted(state, base, given, node)
    if given.shape == Shape.ROWS and base.shape == Shape.CONST:
        return _constant_with_rows(state, base, name, arguments, node)
    if name in {"apply", "map", "agg", "assign", "pipe"}:
        given = combine(value for value in arguments.all() if value.payload is None)
    result = replace(combine((base, given)), dim="")
    unseen = base.foreign and given.shape == Shape.ELEMENT and base.shape == Shape.CONST
    if unseen and name not in tables.CONST_METHODS | tables.APPLYING:
        cause = state.cause(node, f"what `.{name}` gives is not to be seen")
        return replace(result, doubt=result.doubt or cause)
    return result


def _fitted(state: State, base: Value, given: Value, node: ast.Call) -> Value:
    """Let something that comes from outside learn from the batch."""
    cause = state.cause(node, "it is fitted to the batch")
    if isinstance(node.func, ast.Attribute):
        state.change(node.func.value, replace(base, batch=cause, literal=UNSET, items=None))
    learnt = combine((base, given), dim="array")
    return replace(learnt, batch=first((learnt.batch, cause)))


def _fill(state: State, base: Value, given: Value, target: ast.Attribute) -> None:
    """Let a container be changed by something that is put into it."""
    if base.items is not None and base.payload != "dict" and target.attr == "append":
        whole = combine((base, given))
        items = (*base.items, given)
        state.change(target.value, replace(whole, items=items, refs=base.refs | given.refs))
    else:
        state.change(target.value, replace(tainted(base, given), items=None, literal=UNSET))


def _of_container(state: State, base: Value, name: str, given: Value, node: ast.Call) -> Value:
    """Return what a method of a list or dictionary that is written out gives."""
    members = base.items or ()
    if name == "items" and base.payload == "dict" and isinstance(base.literal, list):
        pairs = zip(base.literal, members, strict=True)
        items = tuple(
            replace(combine((value,)), items=(Value(literal=key), value), refs=value.refs)
            for key, value in pairs
        )
        return replace(combine(members), items=items, refs=base.refs)
    if name == "keys" and isinstance(base.literal, list):
        return Value(items=tuple(Value(literal=key) for key in base.literal))
    if name == "values":
        return replace(combine(members), items=members, refs=base.refs)
    whole = combine((base, given))
    if given.shape == Shape.ROWS:
        return state.not_understood(node, "a container is asked about the whole batch")
    return replace(whole, refs=base.refs)


def _constant_with_rows(
    state: State, base: Value, name: str, arguments: Arguments, node: ast.Call
) -> Value:
    """Return what a method of something that is no part of the batch makes of its rows."""
    given = combine(arguments.all())
    if name in tables.APPLYING:
        return tainted(replace(given, dim="array", fixed=frozenset()), base)
    if name in {"searchsorted", "get_indexer"}:
        return replace(given, dim="array")
    if name in {"add", "sub", "mul", "div", "pow", "get", "isin"}:
        return given
    if name in tables.RESHAPING:
        return replace(given, rows=given.rows or state.cause(node, tables.RESHAPING[name]))
    if name in tables.SHOWING or name.startswith("set_"):
        return CONST
    unseen = state.not_understood(node, f"what `.{name}` makes of the batch is not to be seen")
    state.spoil(arguments, unseen)
    return unseen


def call_value(state: State, function: Value, arguments: Arguments, node: ast.Call) -> Value:  # noqa: PLR0911 - one a case
    """Return what a function gives that is called by its name, or is itself a result."""
    payload = function.payload
    if isinstance(payload, Function):
        return tainted(state.invoke(payload, arguments, node), replace(function, rows=None))
    if isinstance(payload, Accessor) and payload.name == "vectorize":
        others = [_entry(each) for each in arguments.positional[1:]]
        return apply_to_each(state, payload.base, combine(arguments.all()), node, others)
    if isinstance(payload, Accessor) and payload.name.startswith("method:"):
        name = payload.name.removeprefix("method:")
        return estimators.method(state, payload.base, name, arguments, node)
    if isinstance(payload, str) and payload != "dict" and not payload.startswith("bound:"):
        return libraries.function(state, payload, arguments, node)
    given = combine((function, *arguments.all()))
    if given.shape == Shape.ELEMENT:
        cause = state.cause(node, "the function that is called is not to be seen")
        return replace(given, doubt=given.doubt or cause)
    if given.shape == Shape.CONST:
        return replace(given, refs=frozenset())
    unseen = state.not_understood(node, "the function that is called is not to be seen")
    state.spoil(arguments, unseen)
    return unseen


def _entry(value: Value) -> Value:
    """Return one entry of a column; what is the same for all rows is its own."""
    return replace(value, shape=Shape.ELEMENT) if value.shape == Shape.ROWS else value
