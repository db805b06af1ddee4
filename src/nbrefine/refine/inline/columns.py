"""Which columns statements read, make and drop, as far as they are written out."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from nbrefine.transforms.tables import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

__all__ = ["Columns", "columns_of"]

_NO_COLUMNS = words("""
    columns index loc iloc at iat shape T values dtypes str dt cat size empty plot axes ndim
""")

_OF_PIVOTS = frozenset({"index", "columns", "values"})


@dataclass(frozen=True)
class Columns:
    """The columns that statements name.

    Attributes
    ----------
    reads : tuple of str
        Those that they need.
    makes : tuple of str
        Those that they set.
    drops : tuple of str
        Those that they take away.
    """

    reads: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()


def columns_of(nodes: Sequence[ast.stmt], frames: Collection[str]) -> Columns:
    """Return the columns that statements name, each once, in their order.

    Parameters
    ----------
    nodes
        The statements.
    frames
        Names that hold the frames.
    """
    reads: dict[str, None] = {}
    makes: dict[str, None] = {}
    drops: dict[str, None] = {}
    for node in nodes:
        owners = {*frames, *_lambda_arguments(node)}
        stored = dict.fromkeys(_stored(node, owners))
        found = [each for each in _loaded(node, owners) if each not in makes]
        if isinstance(node, ast.AugAssign):
            found += stored
        reads |= dict.fromkeys(found)
        makes |= stored
        drops |= dict.fromkeys(_dropped(node))
    return Columns(tuple(reads), tuple(makes), tuple(drops))


def _lambda_arguments(node: ast.AST) -> list[str]:
    return [
        argument.arg
        for each in ast.walk(node)
        if isinstance(each, ast.Lambda)
        for argument in each.args.args
    ]


def _texts(node: ast.expr) -> list[str]:
    """Return the names in ``"a"`` or ``["a", "b"]``; of ``rows, columns`` those of the columns."""
    if isinstance(node, ast.Tuple):
        return [text for each in node.elts for text in _texts(each)]
    parts = node.elts if isinstance(node, ast.List) else [node]
    return [
        each.value
        for each in parts
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def _owner(node: ast.Subscript) -> str | None:
    base = node.value
    if isinstance(base, ast.Attribute) and base.attr in {"loc", "at"}:
        base = base.value
    while isinstance(base, ast.Call) and isinstance(base.func, ast.Attribute):
        base = base.func.value  # the groups of a frame
    return base.id if isinstance(base, ast.Name) else None


def _stored(node: ast.stmt, owners: Collection[str]) -> Iterable[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store):
            if _owner(each) in owners:
                yield from _texts(each.slice)
        elif isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            yield from _made(each, each.func.attr)


def _made(call: ast.Call, name: str) -> Iterable[str]:
    """Return the columns that a method makes: ``assign``, ``rename``, ``insert``."""
    if name == "assign":
        yield from (each.arg for each in call.keywords if each.arg)
    elif name == "insert" and len(call.args) > 1:
        yield from _texts(call.args[1])
    elif name == "rename":
        for each in call.keywords:
            if each.arg == "columns" and isinstance(each.value, ast.Dict):
                yield from (text for value in each.value.values for text in _texts(value))


def _loaded(node: ast.stmt, owners: Collection[str]) -> Iterable[str]:
    called = {id(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
    for each in _as_written(node):
        if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Load):
            if _owner(each) in owners:
                yield from _texts(each.slice)
        elif isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Load):
            base = each.value
            plain = id(each) not in called and each.attr not in _NO_COLUMNS
            if plain and isinstance(base, ast.Name) and base.id in owners:
                yield each.attr
        elif isinstance(each, ast.keyword) and each.arg in {"subset", "by", "on", "left_on"}:
            yield from _texts(each.value)
        elif _is_keyed(each):
            yield from _texts(each.args[0])
        if isinstance(each, ast.Call) and ast.unparse(each.func).endswith("pivot_table"):
            for word in each.keywords:
                yield from _texts(word.value) if word.arg in _OF_PIVOTS else ()


def _as_written(node: ast.stmt) -> list[ast.AST]:
    """Return the parts of a statement as they end one after the other."""

    def end(part: ast.AST) -> tuple[int, int]:
        # What loops were unrolled to stands nowhere.
        return getattr(part, "end_lineno", 0) or 0, getattr(part, "end_col_offset", 0) or 0

    return sorted(ast.walk(node), key=end)


def _is_keyed(node: ast.AST) -> TypeGuard[ast.Call]:
    """Return whether a method is given the names of columns first."""
    method = node.func if isinstance(node, ast.Call) and node.args else None
    keyed = {"groupby", "sort_values", "set_index"}
    return isinstance(method, ast.Attribute) and method.attr in keyed


def _is_drop(node: ast.AST) -> TypeGuard[ast.Call]:
    method = node.func if isinstance(node, ast.Call) else None
    return isinstance(method, ast.Attribute) and method.attr == "drop"


def _dropped(node: ast.stmt) -> Iterable[str]:
    for each in ast.walk(node):
        if _is_drop(each):
            given = {word.arg: word.value for word in each.keywords}
            named = [given["columns"]] if "columns" in given else []
            axis = given.get("axis", each.args[1] if len(each.args) > 1 else None)
            across = axis is not None and ast.unparse(axis) in {"1", "'columns'", "True"}
            labels = [given["labels"]] if "labels" in given else each.args[:1]
            for value in [*named, *(labels if across else [])]:
                yield from _texts(value)
        elif isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Del):
            yield from _texts(each.slice)
