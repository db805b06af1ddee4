"""What an aggregate is called: ``mean_delay_by_carrier``."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Aggregate", "aggregate_of"]

_STATISTICS = {
    **{each: each for each in ("mean", "median", "sum", "min", "max", "std", "var", "count")},
    "first": "first",
    "last": "last",
    "nunique": "distinct",
    "size": "count",
    "agg": "aggregate",
    "aggregate": "aggregate",
}
_FEW, _TOLD = 2, 4
_PLAIN = frozenset({"aggregate", "pivot"})


@dataclass(frozen=True)
class Aggregate:
    """What is aggregated.

    Parameters
    ----------
    statistic
        How, in one word.
    columns
        Of which columns, where these are written out.
    keys
        By which groups; empty where that is not written out.
    """

    statistic: str
    columns: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def words(self) -> tuple[str, ...]:
        """Return the words of a name: ``("mean", "delay", "by", "carrier")``."""
        told = self.columns if len(self.columns) == 1 else ()
        if not 0 < len(self.keys) <= _FEW:
            by_many = (self.statistic, "by", self.keys[0], "and_more") if self.keys else ()
            return (self.statistic, *told) if told else by_many
        return (self.statistic, *told, "by", "_and_".join(self.keys))

    def sentence(self) -> str:
        """Return the first line of a docstring: ``Mean of `delay` by `carrier`.``."""
        columns = ", ".join(f"`{each}`" for each in self.columns[:_TOLD])
        columns += " and more" if len(self.columns) > _TOLD else ""
        keys = ", ".join(f"`{each}`" for each in self.keys)
        of = f" of {columns}" if columns and self.statistic not in _PLAIN else ""
        of = f" {columns}" if columns and self.statistic in _PLAIN else of
        return f"{self.statistic.capitalize()}{of} by {keys}." if keys else ""


def aggregate_of(nodes: Sequence[ast.stmt]) -> Aggregate:
    """Say what statements aggregate.

    Parameters
    ----------
    nodes
        The statements; a pivot table, or the first that groups, counts.
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
    found = [(call, said) for call in calls if (said := _grouped(call))]
    if not found:
        return Aggregate("aggregate")
    outer, said = found[0]
    inside = {id(each) for each in ast.walk(outer)}
    beside = {other.statistic for call, other in found if id(call) not in inside}
    # The difference of a maximum and a minimum is neither.
    return said if beside <= {said.statistic} else replace(said, statistic="aggregate")


def _pivot(call: ast.Call) -> Aggregate:
    given = {each.arg: tuple(_texts(each.value)) for each in call.keywords}
    return Aggregate("pivot", given.get("values", ()), given.get("index", ()))


def _grouped(call: ast.Call) -> Aggregate | None:
    """Read ``frame.groupby(keys)[columns].statistic()``; None for any other call."""
    if not isinstance(call.func, ast.Attribute):
        return None
    statistic = _STATISTICS.get(call.func.attr)
    owner = call.func.value
    columns: list[str] = []
    if isinstance(owner, ast.Subscript):
        columns, owner = _texts(owner.slice), owner.value
    method = owner.func if isinstance(owner, ast.Call) else None
    if statistic is None or not isinstance(method, ast.Attribute) or method.attr != "groupby":
        return None
    assert isinstance(owner, ast.Call)  # noqa: S101  (it has a method)
    by = [each.value for each in owner.keywords if each.arg == "by"]
    keys = (text for each in (*owner.args[:1], *by) for text in _texts(each))
    if statistic == "aggregate" and call.args:
        statistic, columns = _told(call.args[0], columns)
    return Aggregate(statistic, tuple(columns), tuple(keys))


def _told(how: ast.expr, columns: list[str]) -> tuple[str, list[str]]:
    """Return the statistic and the columns of ``agg("sum")`` and ``agg({"delay": "mean"})``."""
    if isinstance(how, ast.Dict) and len(how.keys) == 1 and isinstance(how.keys[0], ast.Constant):
        columns, how = _texts(how.keys[0]), how.values[0]
    said = how.value if isinstance(how, ast.Constant) else getattr(how, "attr", "")
    return _STATISTICS.get(str(said), "aggregate"), columns


def _texts(node: ast.expr) -> list[str]:
    """Return the columns that are written out; none if one is not."""
    parts = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    found = [
        each.value
        for each in parts
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return found if len(found) == len(parts) else []
