"""What merging rows with a table does to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.transforms import tables
from nbrefine.transforms.values import CONST, Shape, Value, combine, first

if TYPE_CHECKING:
    import ast

    from nbrefine.transforms.state import Arguments, State

__all__ = ["merged"]


def merged(state: State, left: Value, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """Return what a merge or join of rows with a table gives.

    The rows are kept where each of them is said to match one row of the table at most
    (``validate="m:1"``), and unmatched rows stay (``how="left"``).
    """
    table = arguments.get("right", 0) or arguments.get("other", 0) or CONST
    given = replace(combine((left, table), dim="frame"), fixed=left.fixed)
    if _by_index(name, table, arguments):
        return given
    how = arguments.literal("how", 1 if name == "merge" else 2)
    left_join = how == "left" or (name == "join" and arguments.get("how", 2) is None)
    one_each = arguments.literal("validate") in {"m:1", "many_to_one", "1:1", "one_to_one"}
    if left_join and one_each and left.shape == Shape.ROWS:
        if table.of_batch:
            cause = state.cause(node, "the table is made of the batch")
            return replace(given, rows=left.rows, batch=first((given.batch, cause)))
        return given
    cause = state.cause(node, tables.RESHAPING[name])
    return replace(given, rows=first((left.rows, cause)))


def _by_index(name: str, table: Value, arguments: Arguments) -> bool:
    """Return whether columns made of the very rows are put beside them, as ``concat`` does."""
    own = table.shape == Shape.ROWS and table.rows is None
    both = arguments.literal("left_index") is True and arguments.literal("right_index") is True
    joined = name == "join" and arguments.get("on", 1) is None and arguments.get("how", 2) is None
    return own and (both or joined)
