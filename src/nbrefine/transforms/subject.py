"""Find the transform in a source, and the name of the rows that go into it."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass
from typing import Literal

from nbrefine.transforms import tables
from nbrefine.transforms.tables import words

__all__ = ["FRAMES", "Subject", "find", "is_setting"]

FRAMES = words("df data frame dataset train test dataframe features X raw table")  # usual names


@dataclass(frozen=True)
class Subject:
    """The transform that a source holds.

    Attributes
    ----------
    kind : {"function", "statements"}
        Whether it is a function, or statements that change a frame.
    batch : str
        The argument, or the name, that holds the rows.
    result : str or None
        For statements: the name of what they make; None for the value of the last expression.
    names : tuple of str
        The arguments, or the names that the statements read and do not define.
    """

    tree: ast.Module
    node: ast.FunctionDef | ast.Lambda | None
    kind: Literal["function", "statements"]
    batch: str
    result: str | None
    names: tuple[str, ...]


def find(source: str, *, first: bool = False) -> Subject | None:
    """Return the transform in a source; None where there is none.

    The last function that is defined is the transform, or the first one if that is asked for,
    and the others help it. Statements are one as they stand.
    """
    tree = ast.parse(source)
    body = tree.body
    functions = [each for each in body if isinstance(each, ast.FunctionDef)]
    chosen = body[0 if first else -1] if body else None
    if isinstance(chosen, (ast.Expr, ast.Assign)) and isinstance(chosen.value, ast.Lambda):
        return _of_function(tree, chosen.value)
    if functions and (isinstance(chosen, ast.FunctionDef) or all(map(is_setting, body))):
        return _of_function(tree, functions[0 if first else -1])
    return _of_statements(tree)


def is_setting(statement: ast.stmt) -> bool:
    """Return whether a statement only prepares for functions: it may be read before them."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Assign):
        return all(isinstance(each, ast.Name) for each in statement.targets)
    return isinstance(statement, (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.AnnAssign))


def _of_function(tree: ast.Module, node: ast.FunctionDef | ast.Lambda) -> Subject | None:
    spec = node.args
    names = [each.arg for each in (*spec.posonlyargs, *spec.args)]
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    if not names:
        return None
    names += [each.arg for each in spec.kwonlyargs]
    return Subject(tree, node, "function", names[0], None, tuple(names))


def _of_statements(tree: ast.Module) -> Subject | None:
    read, assigned = _free(tree)
    framelike = [name for name in read if name in _subscripted(tree)]
    conventional = [name for name in read if name in FRAMES]
    last = tree.body[-1] if tree.body else None
    result = _target(last)
    chosen = result if result in framelike else None
    chosen = chosen or next(iter(conventional), None) or next(iter(framelike), None)
    if chosen is None:
        return None
    if result is None and not (isinstance(last, ast.Expr) and _has_value(last.value)):
        result = chosen if last is not None else None
    if isinstance(last, (ast.For, ast.If, ast.With, ast.While, ast.Try)):
        made = [name for name in _stored(last) if name in assigned | set(read)]
        result = chosen if chosen in made or not made else made[-1]
    return Subject(tree, None, "statements", chosen, result, tuple(read))


def _free(tree: ast.Module) -> tuple[list[str], set[str]]:
    """Return the names that statements read before they assign them, and those they assign."""
    known = set(tables.CONVENTIONS) | set(dir(builtins)) | tables.SKLEARN_FUNCTIONS
    inner = {
        each.arg for node in ast.walk(tree) if isinstance(node, ast.arguments)
        for each in (*node.posonlyargs, *node.args, *node.kwonlyargs)
    }  # fmt: skip
    inner |= {
        part.id for node in ast.walk(tree) if isinstance(node, ast.comprehension)
        for part in ast.walk(node.target) if isinstance(part, ast.Name)
    }  # fmt: skip
    read: list[str] = []
    assigned: set[str] = set()
    for statement in tree.body:
        stored = _stored(statement)
        loads = [
            node.id for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        ]  # fmt: skip
        looped = {
            node.id
            for node in ast.walk(statement)
            if isinstance(statement, (ast.For, ast.With))
            and isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)
        }
        if isinstance(statement, ast.AugAssign):
            loads += stored
        read += [
            name for name in loads
            if name not in {*read, *known, *assigned, *inner, *looped}
            and not name.endswith(tables.ESTIMATOR_ENDINGS)
        ]  # fmt: skip
        assigned |= set(stored)
    return read, assigned


def _stored(statement: ast.stmt) -> list[str]:
    names = [
        node.id for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]  # fmt: skip
    for node in ast.walk(statement):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names += [each.asname or each.name.split(".")[0] for each in node.names]
        elif isinstance(node, ast.FunctionDef):
            names.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [root for each in targets if (root := _root(each))]
    return names


def _root(node: ast.expr) -> str | None:
    while isinstance(node, (ast.Subscript, ast.Attribute, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _subscripted(tree: ast.Module) -> set[str]:
    """Return the names that are used as data: with a subscript, or a method."""
    return {
        node.value.id for node in ast.walk(tree)
        if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.value, ast.Name)
    } | {
        node.args[0].id for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name)
    }  # fmt: skip


def _target(statement: ast.stmt | None) -> str | None:
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
        several = isinstance(target, (ast.Tuple, ast.List)) and target.elts
        return _root(several[0] if several else target)
    if isinstance(statement, (ast.AugAssign, ast.AnnAssign)):
        return _root(statement.target)
    if isinstance(statement, ast.Delete):
        return _root(statement.targets[0])
    return None


def _has_value(node: ast.expr) -> bool:
    """Return whether an expression makes something, rather than changing what there is."""
    if not isinstance(node, ast.Call):
        return True
    in_place = any(
        each.arg == "inplace" and getattr(each.value, "value", False) for each in node.keywords
    )
    silent = isinstance(node.func, ast.Attribute) and node.func.attr in {"insert", "update"}
    return not in_place and not silent
