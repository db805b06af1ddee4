"""Read the code of a transform, and return the abstract value of what it gives."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.transforms import calls, expressions, statements
from nbrefine.transforms.roles import dimension, is_of_one
from nbrefine.transforms.state import State
from nbrefine.transforms.subject import is_setting
from nbrefine.transforms.values import CONST, ELEMENT, UNSET, Dim, Shape, Value, combine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.transforms.subject import Subject

__all__ = ["Given", "read"]

_BATCH = "the batch"  # the frame that went in, whatever its name stands for by now


@dataclass(frozen=True)
class Given:
    """What is known of a name beforehand.

    Attributes
    ----------
    dim : str
        Frame or series, for the batch.
    categorical : frozenset of str
        Columns that are categorical already; ``"*"`` for a series.
    literal : object
        The value, for a constant that can be written out.
    """

    dim: Dim = ""
    categorical: frozenset[str] = frozenset()
    literal: object = UNSET


def read(
    source: str,
    subject: Subject,
    given: Mapping[str, Given] | None = None,
    seen: dict[int, Value] | None = None,
) -> Value:
    """Return the abstract value of what a transform returns, or leaves in its frame.

    Parameters
    ----------
    source
        The source.
    subject
        The transform in it.
    given
        What is known beforehand of arguments and names.
    seen
        Filled with the value of each expression, by the identity of its node.

    Returns
    -------
    Value
        Of the result.
    """
    given = given or {}
    helpers = {
        each.name: each for each in ast.walk(subject.tree) if isinstance(each, ast.FunctionDef)
    }
    state = State(source, helpers, expressions.evaluate, statements.run, calls.call_value)
    if seen is not None:
        state.seen = seen
    for name, each in given.items():
        if name != subject.batch:
            known = each.literal is not UNSET
            state.bind(name, Value(literal=each.literal) if known else state.outsider())
    if subject.node is None:
        state.bind(subject.batch, _batch(subject, given))
        _others(state, subject, given)
        return _of_script(state, subject)
    setting = [each for each in subject.tree.body if is_setting(each)]
    state.run(state, [each for each in setting if not isinstance(each, ast.FunctionDef)])
    state.scopes.append({})
    _others(state, subject, given)
    state.bind(subject.batch, ELEMENT if is_of_one(subject) else _batch(subject, given))
    state.scopes[-1][_BATCH] = state.scopes[-1][subject.batch]
    if isinstance(subject.node, ast.Lambda):
        return state.evaluate(state, subject.node.body)
    if not statements.is_plainly_decorated(subject.node):
        return state.not_understood(subject.node, "a decorator may change it")
    if any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(subject.node)):
        return state.not_understood(subject.node, "it is a generator")
    state.run(state, subject.node.body)
    values = [each for each in state.returns if each.literal is not None]
    if not values:
        return _left(state)
    return values[0] if len(values) == 1 else combine(values)


def _left(state: State) -> Value:
    """Return what a function that returns nothing leaves in the frame that it was given."""
    frame = state.scopes[-1][_BATCH]
    return state.under_control(frame) if frame.refs & state.changed else CONST


def _of_script(state: State, subject: Subject) -> Value:
    *before, last = subject.tree.body
    if subject.result is None and isinstance(last, ast.Expr):
        state.run(state, before)
        return state.under_control(state.evaluate(state, last.value))
    given = state.lookup(subject.batch)
    state.run(state, subject.tree.body)
    value = state.lookup(subject.result or subject.batch)
    if value is given and given is not None and not given.refs & state.changed:
        return CONST  # the frame is left as it was
    return state.under_control(value if value is not None else CONST)


def _others(state: State, subject: Subject, given: Mapping[str, Given]) -> None:
    """Bind the arguments beside the batch: the same for every batch, whatever they are."""
    arguments = subject.node.args if subject.node is not None else None
    defaults: dict[str, ast.expr] = {}
    if arguments is not None:
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        start = len(names) - len(arguments.defaults)
        defaults = dict(zip(names[start:], arguments.defaults, strict=True))
        keyword_only = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        defaults |= {each.arg: value for each, value in keyword_only if value is not None}
    for name in subject.names:
        if name == subject.batch or name in given:
            continue
        if name in defaults:
            state.bind(name, state.evaluate(state, defaults[name]))
        elif subject.kind == "function":
            state.bind(name, Value() if name in _scalars(arguments) else state.outsider())


def _scalars(arguments: ast.arguments | None) -> set[str]:
    """Return the arguments that are said to be one number or text."""
    every = (*arguments.args, *arguments.kwonlyargs) if arguments is not None else ()
    said = {each.arg: ast.unparse(each.annotation) for each in every if each.annotation is not None}
    return {name for name, kind in said.items() if kind in {"int", "float", "str", "bool"}}


def _batch(subject: Subject, given: Mapping[str, Given]) -> Value:
    known = given.get(subject.batch, Given())
    dim = known.dim or dimension(subject)
    return Value(Shape.ROWS, dim, fixed=known.categorical)
