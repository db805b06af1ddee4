"""Mutants of a module: one function or class changed in one place."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Change = Callable[[Any], str]

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True)
class Mutant:
    """A module with one change.

    Parameters
    ----------
    function
        Name of the changed function or class.
    kind
        ``comparison``, ``constant``, ``statement``, ``swap`` or ``operator``.
    line
        Line in the module.
    change
        What was changed into what.
    text
        The module's text.
    """

    function: str
    kind: str
    line: int
    change: str
    text: str


def mutants(module: str, names: frozenset[str]) -> Iterator[Mutant]:
    """Yield all mutants of some functions and classes of a module.

    Parameters
    ----------
    module
        The module's text.
    names
        The functions and classes to change.
    """
    tree = ast.parse(module)
    for place, definition in enumerate(tree.body):
        name = getattr(definition, "name", "")
        if name not in names:
            continue
        # The positions of nodes are the same in each copy.
        for number, node in enumerate(ast.walk(definition)):
            for kind, change in _changes(node, definition):
                changed = copy.deepcopy(tree)
                target = list(ast.walk(changed.body[place]))[number]
                before = "" if kind == "statement" else f"{ast.unparse(target)} -> "
                said = before + change(target)
                ast.fix_missing_locations(changed)
                line = getattr(node, "lineno", definition.lineno)
                yield Mutant(name, kind, line, said, ast.unparse(changed))


def _changes(node: ast.AST, definition: ast.stmt) -> Iterator[tuple[str, Change]]:
    """Yield the kinds of changes to a node, and functions that make them."""
    if isinstance(node, ast.Compare):
        for other in _COMPARED.get(type(node.ops[0]), ()):
            yield "comparison", partial(_set_operator, operator=other)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        yield "operator", partial(_set, name="op", value=_OPERATORS[type(node.op)]())
    if isinstance(node, ast.BoolOp):
        turned = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "operator", partial(_set, name="op", value=turned)
    if isinstance(node, ast.Constant):
        yield from _constants(node, definition)
    if isinstance(node, ast.Call) and len(node.args) > 1:
        yield "swap", _swap_arguments
    for block in () if isinstance(node, ast.ClassDef) else ("body", "orelse"):
        statements = getattr(node, block, None)
        for index, each in enumerate(statements if isinstance(statements, list) else ()):
            if not _says_nothing(each):
                yield "statement", partial(_drop, block=block, index=index)


def _set_operator(node: Any, operator: type[ast.cmpop]) -> str:  # noqa: ANN401  (any node)
    node.ops[0] = operator()
    return str(ast.unparse(node))


def _set(node: Any, name: str, value: object) -> str:  # noqa: ANN401  (any node)
    setattr(node, name, value)
    return str(ast.unparse(node))


def _swap_arguments(node: Any) -> str:  # noqa: ANN401  (any node)
    node.args[:2] = node.args[1::-1]
    return str(ast.unparse(node))


def _drop(node: Any, block: str, index: int) -> str:  # noqa: ANN401  (any node)
    statements = getattr(node, block)
    gone = ast.unparse(statements[index])
    statements[index] = ast.Pass()
    return f"without: {gone}"


def _constants(node: ast.Constant, definition: ast.stmt) -> Iterator[tuple[str, Change]]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", partial(_set, name="value", value=not value)
    elif isinstance(value, (int, float)):
        yield "constant", partial(_set, name="value", value=value + 1)
    elif isinstance(value, str) and not _is_docstring(node, definition):
        others = [
            each.value
            for each in ast.walk(definition)
            if isinstance(each, ast.Constant)
            and isinstance(each.value, str)
            and each.value != value
            and not _is_docstring(each, definition)
        ]
        if others:
            yield "swap", partial(_set, name="value", value=others[0])
        else:
            yield "constant", partial(_set, name="value", value=value + "x")


def _is_docstring(node: ast.Constant, definition: ast.stmt) -> bool:
    return any(isinstance(each, ast.Expr) and each.value is node for each in ast.walk(definition))


def _says_nothing(statement: ast.stmt) -> bool:
    """Whether nothing can change when a statement is gone: a docstring, or not this one's place."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return True
    return isinstance(statement, (ast.Pass, ast.FunctionDef, ast.Import, ast.ImportFrom))
