"""What the methods of frames, series and arrays make of their rows."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import applied, tables
from nbrefine.transforms.merges import merged
from nbrefine.transforms.state import Arguments
from nbrefine.transforms.stores import written
from nbrefine.transforms.tables import words
from nbrefine.transforms.values import (
    CONST,
    UNSET,
    Accessor,
    Function,
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

__all__ = ["method", "turned"]

_ALONG = frozenset({1, "columns"})
# Where the axis may stand among the positional arguments.
_AXIS_PLACE = {"quantile": 1, "agg": 1, "aggregate": 1, "drop": 1} | dict.fromkeys(
    words("""
        mean median mode std var sem sum prod product min max any all skew kurt kurtosis idxmin
        idxmax nunique count cumsum cumprod cummax cummin rank sort_index
    """),
    0,
)
_IN_PLACE = words("insert update fill sort resize partition")
_SHOWN = words("""
    plot hist boxplot info to_csv to_parquet to_excel to_pickle to_json to_sql to_feather
    to_string to_html to_markdown to_latex to_clipboard to_hdf
""")


def method(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """Return what a method of rows gives, and change the object where it is in place."""
    result = _result(state, base, name, arguments, node)
    if name == "pop":  # it gives a column, and takes it away
        state.changed |= base.refs
    in_place = arguments.literal("inplace") is True or name in _IN_PLACE
    if result.unknown is not None and base.unknown is None and name not in _KNOWN:
        in_place = True  # it may change what it is asked of
    if in_place and isinstance(node.func, ast.Attribute):
        state.change(node.func.value, replace(result, refs=base.refs))
        return result if result.unknown is not None else CONST
    return result


def _result(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: PLR0911 - one a case
    if name in _SHOWN:
        return CONST
    special = _SPECIAL.get(name)
    if special is not None:
        return special(state, base, name, arguments, node)
    given = _with_arguments(base, arguments)
    if base.dim != "series" and _along_the_row(name, arguments):
        return _of_each_row(name, given)
    if name in tables.POSITIONAL:
        cause = state.cause(node, tables.POSITIONAL[name])
        return replace(given, batch=first((given.batch, cause)))
    if name in tables.REDUCING:
        return state.statistic(node, given, tables.REDUCING[name])
    if name in tables.RESHAPING:
        cause = state.cause(node, tables.RESHAPING[name])
        return replace(given, rows=first((given.rows, cause)), dim="")
    if name in tables.ELEMENTWISE:
        return given
    return state.not_understood(node, f"`.{name}` is not known here")


def _with_arguments(base: Value, arguments: Arguments) -> Value:
    """Return rows joined entry by entry with the arguments that are data."""
    data = [value for value in arguments.all() if not isinstance(value.payload, Function)]
    return replace(combine((base, *data), dim=base.dim), fixed=base.fixed)


def _along_the_row(name: str, arguments: Arguments) -> bool:
    """Return whether ``axis=1`` keeps each row by itself."""
    asked = arguments.literal("axis", _AXIS_PLACE.get(name))
    if name in {"sort_index", "reindex", "truncate"}:
        return asked in _ALONG or (name == "reindex" and arguments.get("columns") is not None)
    known = name in tables.REDUCING or name in tables.POSITIONAL
    return known and asked in _ALONG


def _of_each_row(name: str, given: Value) -> Value:
    if name != "reindex":
        return replace(given, dim="" if name == "sort_index" else given.dim)
    learnt = given.batch is not None and not given.batch.columns_only
    return replace(given, batch=given.batch if learnt else None)  # whatever columns there were


def turned(state: State, base: Value, node: ast.AST) -> Value:
    """Return rows and columns that have changed places; twice is as before, as far as is seen."""
    cause = state.cause(node, tables.TURNED)
    back = base.rows is not None and base.rows.reason == tables.TURNED
    doubt = base.doubt or (cause if back else None)
    return replace(base, rows=None if back else first((base.rows, cause)), doubt=doubt)


def _transposed(
    state: State, base: Value, name: str, arguments: Arguments, node: ast.Call
) -> Value:
    del name, arguments
    return turned(state, base, node)


def _looked_up(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """``map``, ``isin``, ``replace``: what is looked up must not be made of the batch."""
    table = arguments.positional[0] if arguments.positional else CONST
    function = isinstance(table.payload, (Function, Accessor)) or (
        isinstance(table.payload, str) and table.payload != "dict"
    )
    if name == "map" and function:
        return applied.entry_by_entry(state, base, arguments, node)
    given = _with_arguments(base, arguments)
    if name == "replace" and arguments.literal("method") in {"ffill", "bfill", "pad"}:
        cause = state.cause(node, tables.POSITIONAL["ffill"])
        return replace(given, batch=first((given.batch, cause)))
    if any(value.of_batch for value in arguments.all()):
        cause = state.cause(node, "the values are looked up among those of the batch")
        return replace(given, batch=first((given.batch, cause)), rows=base.rows)
    return given


def _fillna(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: ARG001
    given = _with_arguments(base, arguments)
    if arguments.get("method") is not None and arguments.literal("method") is not None:
        if arguments.literal("axis") in _ALONG:
            return given
        reason = tables.POSITIONAL["bfill" if "b" in str(arguments.literal("method")) else "ffill"]
        return replace(given, batch=first((given.batch, state.cause(node, reason))))
    return given


def _astype(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: ARG001
    kind = arguments.get("dtype", 0) or CONST
    given = replace(base, items=None, literal=UNSET, refs=frozenset())
    if kind.payload == "dict":
        return _astype_columns(state, base, given, kind, node)
    if "*" in kind.fixed:
        return replace(given, fixed=frozenset({"*"}))
    if kind.literal == "category":
        if "*" in base.fixed:
            return given
        return replace(given, batch=first((given.batch, state.cause(node, tables.CATEGORIES))))
    return tainted(replace(given, fixed=frozenset()), kind)


def _astype_columns(state: State, base: Value, given: Value, kind: Value, node: ast.Call) -> Value:
    names = kind.literal if isinstance(kind.literal, list) else []
    members = kind.items or ()
    by_name = dict(zip(names, members, strict=False))
    fixed = {column for column, each in by_name.items() if each.fixed}
    given = tainted(replace(given, fixed=base.fixed | fixed), kind)
    if any(each.literal == "category" for each in members):
        return replace(given, batch=first((given.batch, state.cause(node, tables.CATEGORIES))))
    return given


def _assign(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: ARG001
    result = replace(base, dim="frame", refs=frozenset())
    for column, value in arguments.keywords.items():
        made = value
        if isinstance(value.payload, Function):
            made = state.invoke(value.payload, Arguments((result,)), node)
        result = written(state, result, made, node)
        fixed = result.fixed | {column} if made.fixed else result.fixed - {column}
        result = replace(result, fixed=fixed)
    return result


def _insert(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: ARG001
    return written(state, base, arguments.get("value", 2) or CONST, node)


def _masked(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: ARG001
    """``where`` and ``mask``: the condition and the other values may be functions."""
    parts = [base]
    for value in arguments.all():
        made = value
        if isinstance(value.payload, Function):
            made = state.invoke(value.payload, Arguments((base,)), node)
        parts.append(made)
    return replace(combine(parts, dim=base.dim), fixed=base.fixed)


def _drop(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    given = replace(_with_arguments(base, arguments), rows=base.rows)
    by_columns = arguments.get("columns") is not None and arguments.get("index") is None
    if by_columns or arguments.literal("axis", 1) in _ALONG:
        which = combine(arguments.all())
        if which.batch is not None:
            return replace(given, batch=replace(which.batch, columns_only=True))
        return replace(given, shape=Shape.ROWS)
    cause = state.cause(node, "rows are dropped by label")
    if name == "pop":
        return given
    return replace(given, rows=first((base.rows, cause)))


def _dropna(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    given = _with_arguments(base, arguments)
    if arguments.literal("axis", 0) in _ALONG:
        reason = "which columns are dropped depends on the batch"
        cause = state.cause(node, reason, columns_only=True)
        return replace(given, batch=first((given.batch, cause)))
    return replace(given, rows=first((given.rows, state.cause(node, tables.RESHAPING[name]))))


def _filter(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """``frame.filter`` chooses columns by their names, unless it is told otherwise."""
    axis = arguments.literal("axis", 3)
    if base.dim == "series" or axis in {0, "index"}:
        return replace(base, rows=first((base.rows, state.cause(node, tables.RESHAPING[name]))))
    return replace(base, dim="frame", payload=None)


def _eval(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    text = arguments.literal("expr", 0)
    if not isinstance(text, str):
        return state.not_understood(node, f"what `.{name}` is given is not to be seen")
    result = replace(base, refs=frozenset())
    for line in filter(None, (each.strip() for each in text.splitlines())):
        expression = line.replace("@", "").replace("`", "")
        target, equals, right = expression.partition("=")
        plain = equals and right[:1] != "=" and target.strip().isidentifier()
        try:
            tree = ast.parse((right if plain else expression).strip(), mode="eval").body
        except SyntaxError:
            return state.not_understood(node, f"what `.{name}` is given is not understood")
        for each in ast.walk(tree):
            ast.copy_location(each, node)
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
                if each.func.attr in tables.REDUCING:
                    reason = f"{tables.REDUCING[each.func.attr]} over the batch"
                    result = replace(result, batch=result.batch or state.cause(node, reason))
                elif each.func.attr not in tables.ELEMENTWISE:
                    return state.not_understood(node, f"`.{each.func.attr}` is not followed here")
            held = state.lookup(each.id) if isinstance(each, ast.Name) else None
            if held is not None and f"@{getattr(each, 'id', '')}" in line:
                result = tainted(result, replace(held, rows=None))
        if not plain:
            result = replace(result, dim="series")
    return result


def _pipe(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: ARG001
    function = arguments.positional[0] if arguments.positional else CONST
    if not isinstance(function.payload, Function):
        return state.not_understood(node, "the function that is applied is not to be seen")
    rest = Arguments((base, *arguments.positional[1:]), arguments.keywords)
    return state.invoke(function.payload, rest, node)


def _groupby(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: ARG001
    held = replace(_with_arguments(base, arguments), payload=None)
    return replace(held, payload=Grouped(held))


def _window(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:  # noqa: ARG001
    held = replace(_with_arguments(base, arguments), payload=None)
    return replace(held, payload=Window(held))


def _numbered(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """``iterrows`` and the like give the rows, one by one."""
    del state, name, arguments, node
    return replace(base, dim="array", payload=None, fixed=frozenset())


def _columns(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    del state, name, arguments, node
    return replace(base, payload="columns") if base.dim != "series" else replace(base, dim="array")


def _flattened(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """``reshape(-1, 1)`` keeps the rows; of another shape the data must tell."""
    sizes = tuple(each.literal for each in arguments.positional)
    sizes = tuple(sizes[0]) if sizes and isinstance(sizes[0], (tuple, list)) else sizes
    result = replace(base, dim="array", payload=None, fixed=frozenset())
    counted = bool(arguments.positional) and arguments.positional[0].of_batch
    keeps = name == "reshape" and ((sizes[:1] == (-1,) and sizes[1:] in {(), (1,)}) or counted)
    if keeps or base.dim == "series" or name == "squeeze":
        return result
    cause = state.cause(node, "the shape of the array decides what is a row")
    return replace(result, doubt=base.doubt or cause)


def _update(state: State, base: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    other = combine(arguments.all())
    if other.shape == Shape.ROWS:
        cause = state.cause(node, f"`.{name}` writes by label")
        return tainted(base, replace(other, rows=None, doubt=other.doubt or cause))
    return tainted(base, other)


_Handler = Callable[["State", Value, str, Arguments, ast.Call], Value]

_SPECIAL: dict[str, _Handler] = {
    "map": _looked_up,
    "isin": _looked_up,
    "replace": _looked_up,
    "fillna": _fillna,
    "astype": _astype,
    "assign": _assign,
    "insert": _insert,
    "where": _masked,
    "mask": _masked,
    "drop": _drop,
    "dropna": _dropna,
    "filter": _filter,
    "eval": _eval,
    "pipe": _pipe,
    "groupby": _groupby,
    "rolling": _window,
    "expanding": _window,
    "ewm": _window,
    "iterrows": _numbered,
    "itertuples": _numbered,
    "to_dict": _numbered,
    "items": _columns,
    "iteritems": _columns,
    "reshape": _flattened,
    "ravel": _flattened,
    "flatten": _flattened,
    "squeeze": _flattened,
    "transpose": _transposed,
    "update": _update,
    "merge": merged,
    "join": merged,
    "apply": applied.applied,
    "applymap": applied.cell_by_cell,
    "transform": applied.applied,
    "agg": applied.aggregated,
    "aggregate": applied.aggregated,
}

_KNOWN = (
    _SPECIAL.keys()
    | tables.ELEMENTWISE
    | tables.POSITIONAL.keys()
    | tables.REDUCING.keys()
    | tables.RESHAPING.keys()
)
