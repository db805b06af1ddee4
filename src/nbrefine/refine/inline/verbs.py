"""What statements do to a frame, in one word each."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from nbrefine.refine.inline.frames import is_mask

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nbrefine.refine.inline.columns import Columns

__all__ = ["SENTENCES", "main_verb"]

# The word for a method; the last one in a chain decides.
_METHODS = {
    "dropna": "drop_missing",
    "drop_duplicates": "drop_duplicates",
    "query": "select_rows",
    "sort_values": "sort",
    "sort_index": "sort",
    "sample": "sample_rows",
    "head": "select_rows",
    "tail": "select_rows",
    "nlargest": "select_rows",
    "nsmallest": "select_rows",
    "groupby": "aggregate",
    "pivot_table": "aggregate",
    "crosstab": "aggregate",
    "resample": "aggregate",
    "merge": "join",
    "join": "join",
    "merge_asof": "join",
    "concat": "concatenate",
    "melt": "reshape",
    "pivot": "reshape",
    "stack": "reshape",
    "unstack": "reshape",
    "explode": "explode",
    "get_dummies": "encode",
    "fillna": "fill",
    "ffill": "fill",
    "bfill": "fill",
    "interpolate": "fill",
    "astype": "convert",
    "to_datetime": "convert",
    "to_numeric": "convert",
    "map": "encode",
    "replace": "replace",
    "clip": "cap",
    "rename": "rename",
    "set_index": "index",
    "reset_index": "reset_index",
    "assign": "add",
    "drop": "drop",
    "insert": "add",
    "diff": "difference",
    "select_dtypes": "select_columns",
    "fit_transform": "transform",
    "transform": "transform",
    "cut": "bin",
    "qcut": "bin",
    "corr": "correlate",
    "round": "round",
}
# What estimators do is in their names: `LabelEncoder()`, `le`, `std_scaler`.
_ESTIMATORS = (
    ("encode", re.compile(r"Encoder|Binarizer|Hashing|(?:^|_)(?:le|ohe)\Z|enc|label")),
    ("fill", re.compile(r"[Ii]mput")),
    ("scale", re.compile(r"Scaler|Normalizer|PowerTransformer|[Ss]cal|norm|std")),
    ("bin", re.compile(r"Discretizer|bins?\b")),
)
# They say less, and these more, than what else is done in the same statement.
_WEAK = frozenset({"index", "reset_index", "sort", "round", "rename"})
_STRONG = frozenset({"aggregate", "join", "reshape", "explode", "concatenate"})
# Each of a few of these is one thing to a reader.
_TOGETHER = {
    "drop_duplicates_and_missing": frozenset({"drop_duplicates", "drop_missing"}),
    "select_rows": frozenset({"drop_duplicates", "drop_missing", "select_rows", "sample_rows"}),
    "clean": frozenset({"clean", "fill", "convert", "replace", "cap", "round", "set", "update"}),
}
SENTENCES = {
    "add": "Add {columns}.",
    "fill": "Fill missing values of {columns}.",
    "convert": "Convert {columns}.",
    "encode": "Encode {columns}.",
    "replace": "Replace values of {columns}.",
    "cap": "Cap {columns}.",
    "clean": "Clean {columns}.",
    "scale": "Scale {columns}.",
    "transform": "Transform {columns}.",
    "bin": "Put {columns} into bins.",
    "round": "Round {columns}.",
    "set": "Set {columns} in some rows.",
    "update": "Change {columns}.",
    "drop": "Drop {columns}.",
    "rename": "Rename columns.",
    "index": "Set the index.",
    "reset_index": "Number the rows anew.",
    "drop_missing": "Drop rows with missing values.",
    "shuffle": "Shuffle the rows.",
    "drop_duplicates": "Drop duplicate rows.",
    "drop_duplicates_and_missing": "Drop duplicate rows, and rows with missing values.",
    "select_rows": "Keep only some rows.",
    "select_columns": "Keep only some columns.",
    "sample_rows": "Keep a sample of the rows.",
    "sort": "Sort the rows.",
    "aggregate": "Aggregate rows.",
    "join": "Join another table.",
    "concatenate": "Put tables together.",
    "reshape": "Turn the table.",
    "explode": "Give each entry of a list a row.",
    "correlate": "Correlate the columns.",
    "difference": "Take the differences between rows.",
    "prepare": "Prepare the table.",
}


def main_verb(nodes: Sequence[ast.stmt], columns: Columns, frames: Collection[str]) -> str:
    """Return what statements do for the most part; ``prepare`` where they do many things.

    Parameters
    ----------
    nodes
        The statements.
    columns
        The columns that they name.
    frames
        Names that hold the frames.
    """
    verbs = [_verb(node, columns, frames) for node in nodes]
    # What only puts rows in order is told where nothing else is done.
    counts = Counter([each for each in verbs if each not in _WEAK] or verbs)
    verb, often = counts.most_common(1)[0]
    if 2 * often > counts.total() or len(counts) == 1:
        return verb
    telling = _STRONG.intersection(counts)
    if len(telling) == 1 and len(counts) == 2:  # noqa: PLR2004  (what is joined, and then cleaned)
        return next(iter(telling))
    whole = next((word for word, parts in _TOGETHER.items() if counts.keys() <= parts), "prepare")
    return "add" if "add" in counts else whole


def _verb(  # noqa: PLR0911 - one a case
    node: ast.stmt, columns: Columns, frames: Collection[str]
) -> str:
    if isinstance(node, ast.Delete):
        return "drop"
    value = getattr(node, "value", None)
    if value is None:
        return "prepare"
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    if isinstance(target, ast.Attribute):
        return "rename" if target.attr == "columns" else "index"
    if isinstance(target, ast.Subscript):
        return _of_column(node, target, value, columns)
    methods = _words(value)
    rest = _without_order(value)
    if methods and not (rest is not value and isinstance(rest, ast.Subscript)):
        if _is_selection(value) and not _STRONG.intersection(methods):
            return "select_rows"
        telling = [word for word in methods if word not in _WEAK] or methods
        word = next((word for word in telling if word in _STRONG), telling[0])
        return "shuffle" if word == "sample_rows" and _is_shuffle(value) else word
    if isinstance(rest, ast.Subscript):
        by_place = isinstance(rest.slice, ast.Tuple) and _takes_all(rest.slice)
        columns_only = by_place or (
            isinstance(rest.slice, ast.List) and not _is_selection(rest.value)
        )
        return "select_columns" if columns_only else "select_rows"
    if not isinstance(value, ast.BinOp) or not frames:
        return "prepare"
    return "difference" if ".shift(" in ast.unparse(value) else "scale"


def _words(node: ast.expr) -> list[str]:
    """Return the words for the methods of an expression, the last in a chain first."""
    return [
        _of_estimator(each) if word == "transform" else word
        for each in ast.walk(node)
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and (word := _METHODS.get(each.func.attr))
    ]


def _of_estimator(call: ast.Call) -> str:
    """Return what an estimator does to columns, told by its class or by its name."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else call
    name = ast.unparse(owner)
    return next((word for word, pattern in _ESTIMATORS if pattern.search(name)), "transform")


def _is_selection(node: ast.expr) -> bool:
    """Whether rows are taken of what methods give: ``df.drop(columns="a")[df["b"] > 2]``."""
    return isinstance(node, ast.Subscript) and is_mask(node.slice)


def _without_order(node: ast.expr) -> ast.expr:
    """Return what methods that say little are called on in the end."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name = node.func.attr
        if name != "copy" and _METHODS.get(name) not in _WEAK:
            break
        node = node.func.value
    return node


def _is_shuffle(node: ast.expr) -> bool:
    """Whether all rows are drawn: their order is all that changes."""
    return any(
        each.arg == "frac" and isinstance(each.value, ast.Constant) and each.value.value == 1
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        for each in call.keywords
    )


def _of_column(node: ast.stmt, target: ast.Subscript, value: ast.expr, columns: Columns) -> str:
    """Return what is done to a column: one that is there already, or a new one."""
    if isinstance(target.value, ast.Attribute) and not _takes_all(target.slice):
        return "set"
    own = ast.unparse(target)
    again = isinstance(node, ast.AugAssign) or own in ast.unparse(value)
    key = target.slice.elts[-1] if isinstance(target.slice, ast.Tuple) else target.slice
    named = key.value if isinstance(key, ast.Constant) else None
    if not again and named not in columns.reads:
        return "add"
    called = _words(value)
    if called:
        return called[0]
    text = ast.unparse(value)
    if ".str." in text:
        return "clean"
    return "scale" if ".std()" in text or ".max()" in text else "update"


def _takes_all(node: ast.expr) -> bool:
    """Whether an index begins with all rows: ``[:]``, ``[:, 2]``."""
    first = node.elts[0] if isinstance(node, ast.Tuple) and node.elts else node
    return isinstance(first, ast.Slice) and first.lower is first.upper is first.step is None
