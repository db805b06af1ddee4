"""Find what a fitted transform learns from its batch, and how that is applied to other rows."""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from nbrefine.transforms import tables
from nbrefine.transforms.values import Shape, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Learnt", "is_statistic", "match"]

# These give their training data other values than any other, or work on no other at all.
_OTHERWISE = ("TargetEncoder", "FunctionTransformer", "DBSCAN", "Agglomerative", "Spectral", "TSNE",
              "LocalOutlierFactor", "OPTICS")  # fmt: skip
Role = Literal["value", "edges", "estimator"]


@dataclass(frozen=True)
class Learnt:
    """One thing that is learnt.

    Attributes
    ----------
    name : str
        What it is called, without a trailing underscore.
    learn : ast.expr
        What makes it of the training data.
    apply : callable
        From the expression that stands for it to what takes the place of the original.
    role : {"value", "edges", "estimator"}
        What it is used as.
    """

    name: str
    learn: ast.expr
    apply: Callable[[ast.expr], ast.expr]
    role: Role = "value"


def match(
    node: ast.expr, seen: Mapping[int, Value], makers: Mapping[str, ast.expr]
) -> Learnt | None:
    """Return what an expression learns; None where it learns nothing, or nothing that is known.

    Parameters
    ----------
    node
        An expression of the transform.
    seen
        The values of its expressions.
    makers
        What makes the estimators that have a name in the transform.
    """
    value = seen.get(id(node))
    if isinstance(node, ast.Name) or value is None or value.unknown is not None:
        return None
    if is_statistic(value):
        return None if _only_counts(node, seen) else Learnt(_named(node), node, lambda place: place)
    if value.batch is None:
        return None
    for pattern in (_group, _dummies, _quantile_bins, _even_bins, _codes, _category):
        found = pattern(node)
        if found is not None:
            return found
    return _estimator(node, makers)


def is_statistic(value: Value) -> bool:
    """Return whether a value is one of all rows, or of each group of them."""
    grouped = value.rows is not None and value.rows.reason == tables.AGGREGATED
    return (value.shape == Shape.STAT and value.batch is not None) or grouped


def _only_counts(node: ast.expr, seen: Mapping[int, Value]) -> bool:
    """Return whether an expression knows no more of the batch than how many rows it has."""
    inner = [each for each in ast.walk(node) if id(each) in seen]
    counts = [each for each in inner if seen[id(each)].payload == tables.COUNT]
    within = {id(part) for each in counts for part in ast.walk(each)}
    return bool(counts) and not any(
        is_statistic(seen[id(each)])
        for each in inner
        if id(each) not in within and not any(part in counts for part in ast.walk(each))
    )


def _named(node: ast.expr) -> str:
    """Return a name for a statistic: ``fare_mean`` for ``df["fare"].mean()``."""
    words: list[str] = []
    for each in reversed([*ast.walk(node)]):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            words.append(each.value)
        elif isinstance(each, ast.Attribute):
            words.append(each.attr)
    kept = [word for word in words if word not in {"dropna", "to_list", "tolist", "values", "str"}]
    return _identifier("_".join(dict.fromkeys(kept[:2])) or "learnt")


def _identifier(text: object) -> str:
    word = re.sub(r"_*\W+_*", "_", str(text)).strip("_").lower()
    return word if word and not word[0].isdigit() else f"learnt_{word}".rstrip("_")


def _call(node: ast.expr, *names: str) -> ast.Call | None:
    """Return a call of a method or function by its last name."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node if node.func.attr in names else None
    return None


def _keyword(node: ast.Call, name: str, place: int | None = None) -> ast.expr | None:
    for each in node.keywords:
        if each.arg == name:
            return each.value
    if place is not None and len(node.args) > place:
        return node.args[place]
    return None


def _without(node: ast.Call, *names: str) -> list[ast.keyword]:
    return [each for each in node.keywords if each.arg not in names]


def _text(node: ast.expr | None) -> str:
    return ast.unparse(node) if node is not None else ""


def _expression(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


def _group(node: ast.expr) -> Learnt | None:
    """``frame.groupby(key)[column].transform(...)``, by one key."""
    call = _call(node, "transform")
    if call is None or not isinstance(call.func, ast.Attribute):
        return None
    column = call.func.value
    groups = column.value if isinstance(column, ast.Subscript) else None
    grouped = _call(groups, "groupby") if groups is not None else None
    if grouped is None or not isinstance(column, ast.Subscript) or len(call.args) != 1:
        return None
    if not isinstance(grouped.func, ast.Attribute) or len(grouped.args) != 1:
        return None
    key, frame, function = grouped.args[0], _text(grouped.func.value), call.args[0]
    if not (isinstance(key, ast.Constant) and isinstance(column.slice, ast.Constant)):
        return None
    keys = f"{frame}[{_text(key)}]"
    if isinstance(function, ast.Constant) and function.value in tables.REDUCING:
        name = f"{column.slice.value!s}_{function.value!s}_by_{key.value!s}"
        learn = f"{_text(column)}.{function.value}().to_dict()"
        return Learnt(_identifier(name), _expression(learn), _mapped(keys, lambda place: place))
    return _of_lambda(function, column, frame, key)


def _mapped(keys: str, around: Callable[[str], str]) -> Callable[[ast.expr], ast.expr]:
    return lambda place: _expression(around(f"{keys}.map({_text(place)})"))


def _of_lambda(
    function: ast.expr, column: ast.Subscript, frame: str, key: ast.Constant
) -> Learnt | None:
    """``lambda x: x.fillna(x.median())``: one statistic of the group, and the rest by row."""
    if not isinstance(function, ast.Lambda) or len(function.args.args) != 1:
        return None
    argument = function.args.args[0].arg
    body = _text(function.body)
    found = set(re.findall(rf"\b{argument}\.(\w+)\(\)", body)) & tables.REDUCING.keys()
    if len(found) != 1:
        return None
    statistic = found.pop()
    learn = f"{_text(column)}.{statistic}().to_dict()"
    values, keys = f"{frame}[{_text(column.slice)}]", f"{frame}[{_text(key)}]"

    def around(mapped: str) -> str:
        marked = body.replace(f"{argument}.{statistic}()", "\0")
        by_row = re.sub(rf"\b{argument}\b", lambda _: values, marked)
        return f"({by_row}).where({keys}.notna())".replace("\0", mapped)

    name = _identifier(f"{_text(column.slice)}_{statistic}_by_{_text(key)}")
    return Learnt(name, _expression(learn), _mapped(keys, around))


def _dummies(node: ast.expr) -> Learnt | None:
    """``pd.get_dummies(...)``: the columns of the training data, whichever the others have."""
    call = _call(node, "get_dummies")
    if call is None or _text(getattr(call.func, "value", None)) != "pd":
        return None
    plain = copy.deepcopy(call)
    plain.keywords = _without(plain, "drop_first")
    fill = "0" if _keyword(call, "dtype") is not None else "False"

    def apply(place: ast.expr) -> ast.expr:
        return _expression(f"{_text(plain)}.reindex(columns={_text(place)}, fill_value={fill})")

    return Learnt("dummy_columns", _expression(f"{_text(call)}.columns"), apply)


def _quantile_bins(node: ast.expr) -> Learnt | None:
    """``pd.qcut``: the quantiles of the training data are the edges."""
    call = _call(node, "qcut")
    if call is None or len(call.args) < 2:  # noqa: PLR2004 - values and number of bins
        return None
    learn = copy.deepcopy(call)
    learn.keywords = [
        *_without(learn, "labels", "retbins"),
        ast.keyword("retbins", ast.Constant(value=True)),
    ]
    plain = _without(call, "duplicates", "retbins", "precision", "q")
    return _binned(call, learn, [*plain, ast.keyword("include_lowest", ast.Constant(value=True))])


def _even_bins(node: ast.expr) -> Learnt | None:
    """``pd.cut`` into a number of bins: they lie between the extremes of the training data."""
    call = _call(node, "cut")
    if call is None or _keyword(call, "bins", 1) is None:
        return None
    learn = copy.deepcopy(call)
    learn.keywords = [
        *_without(learn, "labels", "retbins"),
        ast.keyword("retbins", ast.Constant(value=True)),
    ]
    return _binned(call, learn, _without(call, "bins", "retbins", "duplicates"))


def _binned(call: ast.Call, learn: ast.Call, keywords: list[ast.keyword]) -> Learnt:
    named = [ast.keyword("labels", call.args[2])] if len(call.args) > 2 else []  # noqa: PLR2004
    given = ", ".join(f"{each.arg}={_text(each.value)}" for each in (*keywords, *named))

    def apply(place: ast.expr) -> ast.expr:
        tail = f", {given}" if given else ""
        return _expression(f"pd.cut({_text(call.args[0])}, {_text(place)}{tail})")

    name = _identifier(f"{_column(call.args[0])}_edges")
    return Learnt(name, _expression(f"{_text(learn)}[1]"), apply, "edges")


def _column(node: ast.expr) -> str:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            return each.value
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            return each.attr
    return "column"


def _codes(node: ast.expr) -> Learnt | None:
    """``pd.factorize(values)[0]``: the values of the training data are numbered."""
    inner = node.value if isinstance(node, ast.Subscript) and _text(node.slice) == "0" else None
    call = _call(inner, "factorize") if inner is not None else None
    if call is None or len(call.args) != 1 or call.keywords:
        return None
    values = _text(call.args[0])
    return Learnt(
        _identifier(f"{_column(call.args[0])}_values"),
        _expression(f"{_text(call)}[1]"),
        lambda place: _expression(f"{_text(place)}.get_indexer({values})"),
    )


def _category(node: ast.expr) -> Learnt | None:
    """``values.astype("category")``: the categories of the training data."""
    call = _call(node, "astype")
    if call is None or _text(_keyword(call, "dtype", 0)) != "'category'":
        return None
    values = _text(call.func.value) if isinstance(call.func, ast.Attribute) else ""

    def apply(place: ast.expr) -> ast.expr:
        known = _text(place)
        dtype = f"pd.CategoricalDtype({known})"
        return _expression(f"{values}.where({values}.isin({known})).astype({dtype})")

    name = _identifier(f"{_column(call)}_categories")
    return Learnt(name, _expression(f"{_text(call)}.cat.categories"), apply)


def _estimator(node: ast.expr, makers: Mapping[str, ast.expr]) -> Learnt | None:
    """``StandardScaler().fit_transform(X)``: fitted once, applied ever after."""
    call = _call(node, "fit_transform", "fit_predict")
    if call is None or not isinstance(call.func, ast.Attribute) or len(call.args) != 1:
        return None
    maker = call.func.value
    if isinstance(maker, ast.Name):
        maker = makers.get(maker.id, maker)
    if not isinstance(maker, ast.Call) or any(each in _text(maker) for each in _OTHERWISE):
        return None
    method = call.func.attr.removeprefix("fit_")
    rows = _text(call.args[0])
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", _text(maker.func).rpartition(".")[2]).lower()
    return Learnt(
        _identifier(name),
        _expression(f"{_text(maker)}.fit({rows})"),
        lambda place: _expression(f"{_text(place)}.{method}({rows})"),
        "estimator",
    )
