"""What functions of Python and its libraries make of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import builtin, estimators, numeric, pandas_functions, tables
from nbrefine.transforms.values import CONST, Accessor, Shape, Value, combine, first

if TYPE_CHECKING:
    import ast

    from nbrefine.transforms.state import Arguments, State

__all__ = ["function"]


def function(state: State, dotted: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: PLR0911 - one a case
    """Return what a function gives, by its dotted name.

    Parameters
    ----------
    state
        The names.
    dotted
        ``pandas.cut``, ``builtins.len``; for an unknown import the name that it has.
    arguments
        Of the call.
    node
        The call.

    Returns
    -------
    Value
        Its result; not understood where the batch goes into a function that is not known.
    """
    module, _, name = dotted.rpartition(".")
    root = module.split(".")[0] or dotted
    given = combine(arguments.all())
    if root in {"copy", "tqdm"}:
        return arguments.positional[0] if arguments.positional else CONST
    if root in {"matplotlib", "seaborn", "plotly"}:
        return CONST  # it draws
    if name.startswith("is_") and name.endswith("_dtype"):
        return CONST  # it asks for the schema
    if dotted.startswith(("random.", "numpy.random.", "secrets.", "uuid.")):
        return _random(state, name, arguments, node)
    if root in _ROOTS:
        return _ROOTS[root](state, dotted, arguments, node)
    if name in tables.SKLEARN_FUNCTIONS or name.endswith(tables.ESTIMATOR_ENDINGS):
        return _scikit(state, dotted, arguments, node)
    if given.shape == Shape.ROWS and root != "operator":
        unseen = state.not_understood(node, "the function that is called is not to be seen")
        state.spoil(arguments, unseen)
        return replace(unseen, rows=given.rows)
    if given.shape == Shape.ELEMENT and root not in tables.PURE_MODULES:
        cause = state.cause(node, "the function that is called is not to be seen")
        return replace(given, doubt=given.doubt or cause)
    return replace(given, dim="") if given.shape != Shape.CONST else given


def _random(state: State, name: str, arguments: Arguments, node: ast.Call) -> Value:
    if name in {"default_rng", "RandomState", "Random", "seed", "SeedSequence"}:
        return CONST
    if name == "shuffle":
        cause = state.cause(node, "rows are shuffled")
        state.spoil(arguments, Value(Shape.ROWS, rows=cause))
    return state.not_understood(node, "values are drawn at random")


def _scikit(state: State, dotted: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: PLR0911 - one a case
    """Return what a function or a constructor of scikit-learn and its kin gives."""
    name = dotted.rpartition(".")[2]
    given = combine(arguments.all())
    if name in tables.SKLEARN_ROWWISE:
        return replace(given, dim="array")
    if name in tables.SKLEARN_FITTED:
        cause = state.cause(node, f"`{name}` takes statistics over the batch")
        return replace(given, dim="array", batch=first((given.batch, cause)))
    if name in tables.SKLEARN_RESHAPING:
        cause = state.cause(node, tables.SKLEARN_RESHAPING[name])
        part = replace(given, rows=first((given.rows, cause)), dim="")
        return replace(part, items=(part,) * (2 * len(arguments.positional)))
    if name == "label_binarize":
        return _binarized(state, given, arguments, node)
    if name in tables.COMPOSITE or name[:1].isupper():
        return estimators.made(name, arguments, node)
    if given.of_batch:
        return state.not_understood(node, f"`{name}` is not known here")
    return given


def _binarized(state: State, given: Value, arguments: Arguments, node: ast.Call) -> Value:
    classes = arguments.get("classes")
    if classes is not None and classes.shape == Shape.CONST:
        return replace(given, dim="array")
    return replace(given, batch=given.batch or state.cause(node, tables.CATEGORIES))


def _vectorized(state: State, dotted: str, arguments: Arguments, node: ast.Call) -> Value:
    if dotted == "numpy.vectorize":
        inner = arguments.get("pyfunc", 0)
        return CONST if inner is None else Value(payload=Accessor("vectorize", inner))
    return numeric.function(state, dotted, arguments, node)


_Handler = Callable[["State", str, "Arguments", "ast.Call"], Value]

_ROOTS: dict[str, _Handler] = {
    "builtins": builtin.function,
    "numpy": _vectorized,
    "pandas": pandas_functions.function,
    "scipy": numeric.function,
    "sklearn": _scikit,
}
