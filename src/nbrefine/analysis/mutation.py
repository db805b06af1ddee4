"""Which objects an expression may change or hand on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Built-in functions that neither change their arguments nor hand them on.
PURE = frozenset(
    {
        *("abs", "ascii", "bin", "bool", "callable", "chr", "complex", "float", "format", "hash"),
        *("hasattr", "hex", "id", "int", "isinstance", "issubclass", "len", "oct", "ord", "pow"),
        *("print", "range", "repr", "round", "slice", "str", "type"),
    }
)


def dotted(node: ast.AST) -> str | None:
    """Return a dotted name such as ``np.random.seed``; None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return ".".join([node.id, *reversed(parts)])
    return None


def called_name(call: ast.Call) -> str:
    """Return the last name of what is called, ``fit`` of ``model.fit(X, y)``; else an empty one."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def roots(node: ast.AST) -> set[str]:
    """Return the names of objects that an expression may be, be part of, or give a view of.

    Parameters
    ----------
    node
        An expression.

    Returns
    -------
    set of str
        ``{"df"}`` for ``df.loc[rows, "a"]``, ``{"a", "b"}`` for ``(a if c else b)[0]``.
    """
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, (ast.Constant, ast.Compare, ast.JoinedStr)):
        return set()
    if isinstance(node, ast.Call) and _is_pure(node):
        return set()
    return _all_roots(_parts(node))


def _parts(node: ast.AST) -> Iterable[ast.AST]:
    """Return those parts of an expression that its value may be a part of."""
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return [node.value]
    if isinstance(node, ast.Call):
        return [node.func, *_arguments(node)]
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.Lambda):
        return [node.body]
    return ast.iter_child_nodes(node)


def _is_pure(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in PURE


def _all_roots(nodes: Iterable[ast.AST]) -> set[str]:
    return {name for node in nodes for name in roots(node)}


def _arguments(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def surely_changed(node: ast.Call) -> set[str]:
    """Return what a call changes by its form: ``inplace=True``, ``out=``, ``setattr``."""
    found: set[str] = set()
    for keyword in node.keywords:
        constant = keyword.value.value if isinstance(keyword.value, ast.Constant) else True
        if keyword.arg == "inplace" and constant is not False:
            found |= roots(node.func)
        if keyword.arg == "out":
            found |= roots(keyword.value)
    if isinstance(node.func, ast.Name) and node.func.id in {"setattr", "delattr"} and node.args:
        found |= roots(node.args[0])
    return found


def maybe_changed(node: ast.Call) -> set[str]:
    """Return what a call may change: what its method is called on, and its arguments."""
    if _is_pure(node):
        return set()
    found = roots(node.func.value) if isinstance(node.func, ast.Attribute) else set()
    return found | _all_roots(_arguments(node))


def passed(node: ast.Call) -> set[str]:
    """Return names that are called or passed to a call."""
    return roots(node.func) | _all_roots(_arguments(node))
