"""Which names hold frames, as far as the code shows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from nbrefine.transforms.tables import words

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Shape", "origin_of", "shape_of"]

Shape = Literal["frame", "series", "groups", ""]

_MAKERS = words("""
    DataFrame concat merge merge_asof get_dummies melt pivot_table crosstab pivot json_normalize
    wide_to_long
""")
_KEEPING = words("""
    dropna fillna assign merge join drop rename copy reset_index set_index sort_values sort_index
    drop_duplicates query head tail sample astype replace melt pivot pivot_table explode reindex
    filter select_dtypes apply clip where mask eval ffill bfill interpolate stack nlargest
    nsmallest add_prefix add_suffix round abs shift diff rank cumsum transpose convert_dtypes
    infer_objects truncate pct_change map applymap isna notna isnull notnull corr describe
    set_axis rename_axis insert
""")
_AGGREGATES = words("mean median sum min max std var count first last size agg aggregate nunique")
_MASKS = words("isin notna isna isnull notnull between contains startswith endswith duplicated")


def shape_of(node: ast.expr, frames: Collection[str]) -> Shape:
    """Return what an expression gives; empty where that is not sure.

    Parameters
    ----------
    node
        The expression.
    frames
        Names that hold frames.
    """
    if isinstance(node, ast.Name):
        return "frame" if node.id in frames else ""
    if isinstance(node, ast.Subscript):
        return _taken(node, frames)
    if isinstance(node, ast.Call):
        return _called(node, frames)
    if isinstance(node, ast.BinOp):
        return shape_of(node.left, frames)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return shape_of(node.value, frames)
    return ""


def _taken(node: ast.Subscript, frames: Collection[str]) -> Shape:
    """Return what ``frame[key]`` or ``frame.loc[rows, columns]`` gives."""
    base, key = node.value, node.slice
    if isinstance(base, ast.Attribute) and base.attr in {"loc", "iloc"}:
        if shape_of(base.value, frames) != "frame":
            return ""
        parts = list(key.elts) if isinstance(key, ast.Tuple) else [key]
        several = all(isinstance(each, (ast.List, ast.Slice)) or is_mask(each) for each in parts)
        return "frame" if several else ""
    owner = shape_of(base, frames)
    several = isinstance(key, (ast.List, ast.Slice))
    if owner == "groups":
        return "groups"
    if owner == "frame" and isinstance(key, ast.Constant):
        return "series"
    return "frame" if owner == "frame" and (several or is_mask(key)) else ""


def is_mask(node: ast.expr) -> bool:
    """Return whether an expression is a condition on rows."""
    if isinstance(node, ast.UnaryOp):
        return is_mask(node.operand)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, (ast.BitAnd, ast.BitOr)) and is_mask(node.left)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in _MASKS
    return isinstance(node, ast.Compare)


def _called(node: ast.Call, frames: Collection[str]) -> Shape:  # noqa: PLR0911 - one a case
    if not isinstance(node.func, ast.Attribute):
        return ""
    owner, name = node.func.value, node.func.attr
    if isinstance(owner, ast.Name) and owner.id in {"pd", "pandas"}:
        if name == "concat":
            return _put_together(node, frames)
        columns = name == "read_csv" and any(each.arg == "usecols" for each in node.keywords)
        return "frame" if name in _MAKERS or (name.startswith("read_") and not columns) else ""
    shape = shape_of(owner, frames)
    if name == "groupby" and shape == "frame":
        return "groups"
    if shape == "groups":
        return "frame" if name in {"head", "tail", "sample", "filter"} else _aggregated(node)
    if name in {"reset_index", "to_frame"} and shape in {"series", "frame"}:
        return "frame"
    if shape == "frame" and name in _KEEPING:
        whole = name != "apply" or not _along_rows(node)
        return "frame" if whole else ""
    return ""


def _put_together(node: ast.Call, frames: Collection[str]) -> Shape:
    """Return what `concat` gives: columns that are put below each other stay a column."""
    parts = node.args[0] if node.args else None
    if _sets_axis(node, "1", "'columns'") or not isinstance(parts, (ast.List, ast.Tuple)):
        return "frame"
    shapes = {shape_of(each, frames) for each in parts.elts}
    if "frame" in shapes:
        return "frame"
    return "series" if shapes == {"series"} else ""


def _aggregated(node: ast.Call) -> Shape:
    """Return what an aggregate of groups gives: a frame where columns are listed."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in _AGGREGATES:
        return ""
    owner = node.func.value
    one = isinstance(owner, ast.Subscript) and isinstance(owner.slice, ast.Constant)
    named = any(each.arg not in {None, "func", "numeric_only"} for each in node.keywords)
    if one or node.func.attr == "size":
        return "frame" if named and node.func.attr.startswith("agg") else "series"
    return "frame"


def _sets_axis(node: ast.Call, *values: str) -> bool:
    return any(each.arg == "axis" and ast.unparse(each.value) in values for each in node.keywords)


def _along_rows(node: ast.Call) -> bool:
    return any(each.arg == "axis" for each in node.keywords)


def origin_of(node: ast.expr, frames: Collection[str]) -> str | None:
    """Return the name of the frame that an expression starts from.

    It is the leftmost name of a chain of methods, or the first argument of a function of pandas.
    """
    while True:
        if isinstance(node, ast.Name):
            return node.id if node.id in frames else None
        if isinstance(node, (ast.Subscript, ast.Attribute)):
            node = node.value
        elif isinstance(node, ast.BinOp):
            node = node.left
        elif isinstance(node, ast.Call) and _of_pandas(node):
            if not node.args:
                return None
            first = node.args[0]
            listed = isinstance(first, ast.List) and bool(first.elts)
            node = first.elts[0] if isinstance(first, ast.List) and listed else first
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return None


def _of_pandas(node: ast.Call) -> bool:
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id in {"pd", "pandas"}
