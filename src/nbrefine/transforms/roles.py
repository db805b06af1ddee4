"""What the argument of a transform is: a frame, a series, or one row of it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.transforms.subject import FRAMES
from nbrefine.transforms.tables import words

if TYPE_CHECKING:
    from nbrefine.transforms.subject import Subject
    from nbrefine.transforms.values import Dim

__all__ = ["dimension", "is_of_one"]

_ANNOTATIONS: dict[str, Dim] = {"DataFrame": "frame", "Series": "series", "ndarray": "array"}
_SERIES = words("s series col column values")
_OF_FRAMES = words("""
    columns assign merge groupby drop iterrows itertuples select_dtypes melt pivot
    pivot_table query eval set_index join insert sort_values dropna drop_duplicates
""")


def dimension(subject: Subject) -> Dim:
    """Guess from the code whether the batch is a frame, a series or an array; "" if unknown."""
    said = _annotated(subject) or _used(subject)
    if said:
        return said
    name = subject.batch
    if name in FRAMES or name.startswith("df") or name.endswith("_df"):
        return "frame"
    return "series" if name in _SERIES else ""


def _annotated(subject: Subject) -> Dim:
    spec = subject.node.args if subject.node is not None else None
    for each in (*spec.posonlyargs, *spec.args) if spec is not None else ():
        if each.arg == subject.batch and each.annotation is not None:
            annotation = ast.unparse(each.annotation)
            return next((dim for name, dim in _ANNOTATIONS.items() if name in annotation), "")
    return ""


def _used(subject: Subject) -> Dim:
    """Return what the batch is by what is asked of it."""
    for node in ast.walk(subject.node or subject.tree):
        base = getattr(node, "value", None)
        if not (isinstance(base, ast.Name) and base.id == subject.batch):
            continue
        if isinstance(node, ast.Subscript) and _is_column(node.slice):
            return "frame"
        if isinstance(node, ast.Attribute):
            if node.attr in _OF_FRAMES:
                return "frame"
            if node.attr in {"str", "dt", "cat"}:
                return "series"
    return ""


def _is_column(node: ast.expr) -> bool:
    if isinstance(node, (ast.List, ast.Tuple)):
        return bool(node.elts) and all(_is_column(each) for each in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_of_one(subject: Subject) -> bool:
    """Return whether a function takes one value or one row, for ``apply``: it branches on it."""
    if not isinstance(subject.node, ast.FunctionDef):
        return False
    if subject.batch in {"row", "r"}:
        return True
    tests = [
        node.test for node in ast.walk(subject.node)
        if isinstance(node, (ast.If, ast.IfExp, ast.While))
    ]  # fmt: skip
    return any(_is_bare(test, subject.batch) for test in tests)


def _is_bare(test: ast.expr, name: str) -> bool:
    """Return whether a test compares the very value: of a whole column it would fail."""
    if isinstance(test, ast.Compare):
        sides = (test.left, *test.comparators)
        ordered = all(not isinstance(each, (ast.Is, ast.IsNot)) for each in test.ops)
        return ordered and any(isinstance(each, ast.Name) and each.id == name for each in sides)
    if isinstance(test, ast.BoolOp):
        return any(_is_bare(each, name) for each in test.values)
    return False
