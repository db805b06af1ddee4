"""Estimators that are made in the code: what they learn, and what they apply."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import tables
from nbrefine.transforms.state import Arguments
from nbrefine.transforms.values import (
    CONST,
    UNSET,
    Estimator,
    Function,
    Shape,
    Value,
    combine,
    first,
)

if TYPE_CHECKING:
    from nbrefine.transforms.state import State

__all__ = ["made", "method"]


def made(name: str, arguments: Arguments, node: ast.Call) -> Value:
    """Return an estimator as its constructor makes it.

    Parameters
    ----------
    name
        Of the class, or of the function that makes a composite.
    arguments
        Of the constructor.
    node
        The call.

    Returns
    -------
    Value
        An estimator; what the arguments owe to the batch goes with it.
    """
    given = combine(arguments.all())
    works = arguments.get("func", 0) if name == "FunctionTransformer" else None
    estimator = Estimator(name, _stateless(name, arguments, node), works)
    return Value(
        Shape.CONST,
        batch=given.batch,
        unknown=given.unknown,
        doubt=given.doubt,
        payload=estimator,
    )


def _stateless(name: str, arguments: Arguments, node: ast.Call) -> bool:
    if name in tables.STATELESS:
        return True
    if name in tables.WITH_CATEGORIES:
        return _fixed_categories(arguments)
    if name == "CountVectorizer":
        return arguments.get("vocabulary") is not None
    if name == "MultiLabelBinarizer":
        return arguments.get("classes", 0) is not None
    if name in tables.COMPOSITE:
        inner = _estimators(arguments.all())
        mentioned = any(isinstance(each, ast.Starred) for each in node.args)
        return bool(inner) and not mentioned and all(each.stateless for each in inner)
    return False


def _fixed_categories(arguments: Arguments) -> bool:
    given = arguments.get("categories")
    return given is not None and given.shape == Shape.CONST and given.literal != "auto"


def _estimators(values: tuple[Value, ...]) -> list[Estimator]:
    """Return the estimators within lists of steps; one that is not seen counts as learning."""
    found: list[Estimator] = []
    for value in values:
        if isinstance(value.payload, Estimator):
            seen = value.payload.works_on_rows is None or _elementwise(value.payload)
            found.append(value.payload if seen else Estimator("?", stateless=False))
        elif value.items is not None:
            found.extend(_estimators(value.items))
        elif value.literal is UNSET:
            found.append(Estimator("?", stateless=False))
    return found


def method(
    state: State, base: Value, name: str, arguments: Arguments, node: ast.Call | ast.Attribute
) -> Value:
    """Return what a method of an estimator gives, and let it learn."""
    estimator = base.payload
    assert isinstance(estimator, Estimator)  # noqa: S101 - the caller has looked
    given = combine(arguments.all())
    if given.of_batch and name in tables.FITTING and not estimator.stateless:
        cause = state.cause(node, f"`{estimator.name}` learns from the batch")
        base = replace(base, batch=first((base.batch, cause)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            state.change(node.func.value, base)
    if name in {"fit", "partial_fit", "set_params", "set_output"}:
        return base
    if name == "fit_resample":
        cause = state.cause(node, "rows are added or dropped")
        return replace(given, rows=cause, items=None, dim="")
    if name in tables.APPLYING | tables.FITTING:
        return _applied(state, base, estimator, arguments, node)
    shape = Shape.STAT if base.batch else Shape.CONST
    return replace(base, payload=None, shape=shape)


def _elementwise(estimator: Estimator) -> bool:
    """Return whether the function of a FunctionTransformer works entry by entry, as is known."""
    works = estimator.works_on_rows
    name = str(works.payload) if works is not None else ""
    return name.startswith("numpy.") and name.removeprefix("numpy.") in tables.NP_ELEMENTWISE


def _applied(
    state: State,
    base: Value,
    estimator: Estimator,
    arguments: Arguments,
    node: ast.Call | ast.Attribute,
) -> Value:
    rows = arguments.get("X", 0) or arguments.get("raw_documents", 0) or CONST
    works = estimator.works_on_rows
    if works is not None and isinstance(works.payload, Function):
        return state.invoke(works.payload, Arguments((rows,)), node)
    if works is not None and not _elementwise(estimator):
        return state.not_understood(node, "the function that is applied is not to be seen")
    learnt = replace(base, payload=None)
    return replace(
        combine((rows, replace(learnt, rows=None)), dim="array"),
        fixed=frozenset(),
        refs=frozenset(),
    )
