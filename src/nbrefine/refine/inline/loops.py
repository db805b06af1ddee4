"""Loops over columns: one statement that does the same to each."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbrefine.refine.extract.cells import Statement

__all__ = ["loop_variable", "loose_names", "unrolled"]

_MOST = 50


def loop_variable(node: ast.stmt) -> str:
    """Return the variable of a plain ``for`` loop; empty for anything else."""
    if isinstance(node, ast.For) and not node.orelse and isinstance(node.target, ast.Name):
        return node.target.id
    return ""


def loose_names(statements: Sequence[Statement]) -> frozenset[str]:
    """Return the variables of loops that nothing reads but the loops.

    Parameters
    ----------
    statements
        Of all notebooks. A loop leaves its variable behind: where that is read, it is no loop's
        own.
    """
    if any(each.names.uses_all or each.names.history for each in statements):
        return frozenset()
    found = {loop_variable(each.node) for each in statements} - {""}
    for statement in statements:
        names = statement.names
        found -= names.reads | names.string_names | names.deletes | names.may_delete
        for known in names.definitions:
            found -= known.reads | known.binds
        if not loop_variable(statement.node):
            found -= names.binds
    return frozenset(found)


def unrolled(nodes: Iterable[ast.stmt], constants: Mapping[str, object]) -> list[ast.stmt]:
    """Return statements with loops over columns written out, where these are known.

    Parameters
    ----------
    nodes
        The statements.
    constants
        Names that stand for one value all the time.
    """
    return [part for node in nodes for part in _parts(node, constants)]


def _parts(node: ast.stmt, constants: Mapping[str, object]) -> Iterator[ast.stmt]:
    if not isinstance(node, ast.For):
        yield node
        return
    name = loop_variable(node)
    columns = _columns(node.iter, constants)
    if not columns:
        yield from node.body
    for column in columns:
        for each in node.body:
            yield _Filled(name, column).visit(copy.deepcopy(each))


def _columns(node: ast.expr, constants: Mapping[str, object]) -> list[str]:
    """Return the texts that a loop goes through; none where they are not written out."""
    try:
        value = constants.get(node.id) if isinstance(node, ast.Name) else ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return []
    texts = isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value)
    return list(value)[:_MOST] if texts and isinstance(value, (list, tuple)) else []


class _Filled(ast.NodeTransformer):
    """Puts a text in the place of a name, also inside of texts that are made with it."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(self.text) if node.id == self.name else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        left, right = _text(node.left), _text(node.right)
        if isinstance(node.op, ast.Add) and left is not None and right is not None:
            return ast.Constant(left + right)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        self.generic_visit(node)
        parts = [
            _text(each.value if isinstance(each, ast.FormattedValue) else each)
            for each in node.values
        ]
        told = [each for each in parts if each is not None]
        return ast.Constant("".join(told)) if len(told) == len(parts) else node


def _text(node: ast.expr) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if is_text and isinstance(node, ast.Constant) else None
