"""What an aggregate is called: ``mean_delay_by_carrier``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["aggregate_words"]

_STATISTICS = {
    **{each: each for each in ("mean", "median", "sum", "min", "max", "std", "var", "count")},
    "first": "first",
    "last": "last",
    "nunique": "distinct",
    "size": "count",
    "agg": "aggregate",
    "aggregate": "aggregate",
}
_FEW = 2


def aggregate_words(nodes: Sequence[ast.stmt]) -> tuple[str, ...]:
    """Return the words of a name for statements that aggregate; none where they do not say.

    Parameters
    ----------
    nodes
        The statements; the first that groups counts.

    Returns
    -------
    tuple of str
        ``("mean", "delay", "by", "carrier")``.
    """
    calls = [
        each
        for node in nodes
        for each in ast.walk(node)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)
    ]
    for call in calls:
        method = call.func
        if isinstance(method, ast.Attribute) and method.attr == "pivot_table":
            return _pivot(call)
    return next((said for call in calls if (said := _grouped(call))), ())


def _pivot(call: ast.Call) -> tuple[str, ...]:
    given = {each.arg: _texts(each.value) for each in call.keywords}
    keys, values = given.get("index", []), given.get("values", [])
    return _named("pivot", values, keys)


def _grouped(call: ast.Call) -> tuple[str, ...]:
    """Return the words for ``frame.groupby(keys)[columns].statistic()``."""
    if not isinstance(call.func, ast.Attribute):
        return ()
    statistic = _STATISTICS.get(call.func.attr)
    owner = call.func.value
    columns: list[str] = []
    if isinstance(owner, ast.Subscript):
        columns, owner = _texts(owner.slice), owner.value
    method = owner.func if isinstance(owner, ast.Call) else None
    if statistic is None or not isinstance(method, ast.Attribute) or method.attr != "groupby":
        return ()
    assert isinstance(owner, ast.Call)  # noqa: S101  (it has a method)
    by = [each.value for each in owner.keywords if each.arg == "by"]
    keys = [text for each in (*owner.args[:1], *by) for text in _texts(each)]
    return _named(statistic, columns, keys)


def _named(verb: str, columns: Sequence[str], keys: Sequence[str]) -> tuple[str, ...]:
    if not 0 < len(keys) <= _FEW:
        return ()
    told = columns if len(columns) <= 1 else ()
    return (verb, *told, "by", *_listed(keys))


def _listed(names: Sequence[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        if number:
            yield "and"
        yield name


def _texts(node: ast.expr) -> list[str]:
    """Return the columns that are written out; none if one is not."""
    parts = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    found = [
        each.value
        for each in parts
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return found if len(found) == len(parts) else []
