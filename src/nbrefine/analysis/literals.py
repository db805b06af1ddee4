"""Literals of a cell, with the exact places where they stand in the text."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbrefine.analysis.mutation import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.notebook.syntax import PythonCell


@dataclass(frozen=True)
class Literal:
    """A constant, or a list or tuple of constants, that the code spells out.

    Parameters
    ----------
    line, column
        Where it begins in the cell's source: line from 1, character from 0.
    end_line, end_column
        Where it ends; the column is the first character after it.
    value
        What it is.
    context
        ``assignment`` (the whole right side), ``call-argument``, ``comparison``, ``operation``,
        ``index``, ``item`` (of a display such as a dict), ``default`` (of a parameter),
        ``return`` or ``other``.
    callee
        For a call's argument, what is called, dotted: ``pd.read_csv``.
    keyword
        For a keyword argument its name, for a dict's item its key, for a default the parameter.
    position
        For a positional argument, its position from 0.
    target
        The dotted name that the statement assigns to, if it assigns to one, or an item of one:
        ``models["forest"]``.
    scope
        The function or class that it stands in; empty at the top of the cell.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    value: bool | int | float | str | list[object] | tuple[object, ...] | None
    context: str
    callee: str | None = None
    keyword: str | None = None
    position: int | None = None
    target: str | None = None
    scope: str = ""


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def find_literals(python: PythonCell) -> tuple[Literal, ...]:
    """Find the literals of a cell.

    Parameters
    ----------
    python
        Its code as plain Python.

    Returns
    -------
    tuple of Literal
        In the order of the text. Docstrings, parts of f-strings, and what stands in lines that
        are not Python are left out.
    """
    try:
        tree = ast.parse(python.code)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    places = Places(python)
    found = [
        literal
        for statement in tree.body
        for use in _of_statement(statement, "", None)
        if (literal := places.located(use)) is not None
    ]
    return tuple(sorted(found, key=lambda each: (each.line, each.column)))


@dataclass(frozen=True)
class _Use:
    """An expression, and what it is there for."""

    node: ast.expr
    context: str = "other"
    callee: str | None = None
    keyword: str | None = None
    position: int | None = None
    target: str | None = None
    scope: str = ""


class Places:
    """Turns the positions of the translated code, in bytes, into those of the cell's source.

    Parameters
    ----------
    python
        The cell.
    """

    def __init__(self, python: PythonCell) -> None:
        self.code = python.code.split("\n")
        self.source = (python.source or python.code).split("\n")

    def located(self, use: _Use) -> Literal | None:
        """Return a use with its place; None where the source reads otherwise."""
        node = use.node
        span = self.span(node)
        if span is None:
            return None
        return Literal(
            *span,
            value=_value(node),
            context=use.context,
            callee=use.callee,
            keyword=use.keyword,
            position=use.position,
            target=use.target,
            scope=use.scope,
        )

    def span(self, node: ast.expr) -> tuple[int, int, int, int] | None:
        """Return line, column, end line and end column; None where the source reads otherwise."""
        first = self._place(node.lineno, node.col_offset)
        last = self._place(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return None if first is None or last is None else (*first, *last)

    def _place(self, line: int, offset: int) -> tuple[int, int] | None:
        if not 0 < line <= min(len(self.code), len(self.source)):
            return None
        code, source = self.code[line - 1], self.source[line - 1]
        # A magic before the code, or an indentation that IPython takes away, shifts it.
        if not source.endswith(code):
            return None
        column = len(code.encode()[:offset].decode())
        return line, column + len(source) - len(code)


def _of_statement(statement: ast.stmt, scope: str, target: str | None) -> Iterator[_Use]:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return
    inner = scope
    if isinstance(statement, _SCOPES):
        inner = f"{scope}.{statement.name}" if scope else statement.name
    if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        yield from _of_assignment(statement, scope)
        return
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            yield from _of_statement(child, inner, target)
        elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
            for each in child.body:
                yield from _of_statement(each, inner, target)
        elif isinstance(child, ast.arguments):
            yield from _of_defaults(child, inner)
        else:
            context = "return" if isinstance(statement, ast.Return) else "other"
            yield from _of_expression(child, _Use(_NOTHING, context, scope=scope))


def _of_assignment(
    statement: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: str
) -> Iterator[_Use]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    name = _target(targets[0]) if len(targets) == 1 else None
    value = statement.value
    for target in targets:
        yield from _of_expression(target, _Use(_NOTHING, target=name, scope=scope))
    if value is None:
        return
    pair = targets[0] if len(targets) == 1 else None
    displays = (ast.Tuple, ast.List)
    if (
        isinstance(pair, displays)
        and isinstance(value, displays)
        and len(pair.elts) == len(value.elts)
    ):
        # In `width, height = 7, 3` each has a target of its own.
        for left, right in zip(pair.elts, value.elts, strict=True):
            use = _Use(_NOTHING, "assignment", target=dotted(left), scope=scope)
            yield from _of_expression(right, use)
        return
    context = "operation" if isinstance(statement, ast.AugAssign) else "assignment"
    yield from _of_expression(value, _Use(_NOTHING, context, target=name, scope=scope))


def _target(node: ast.expr) -> str | None:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return ast.unparse(node) if dotted(node.value) is not None else None
    return dotted(node)


def _of_defaults(args: ast.arguments, scope: str) -> Iterator[_Use]:
    positional = [*args.posonlyargs, *args.args]
    pairs: list[tuple[ast.arg, ast.expr | None]] = list(
        zip(positional[len(positional) - len(args.defaults) :], args.defaults, strict=True)
    )
    pairs += zip(args.kwonlyargs, args.kw_defaults, strict=True)
    for arg, default in pairs:
        if default is not None:
            use = _Use(_NOTHING, "default", keyword=arg.arg, scope=scope)
            yield from _of_expression(default, use)


def _of_expression(node: ast.AST, use: _Use) -> Iterator[_Use]:
    """Return the literals in an expression that is there for some use."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.expr) and _is_literal(node):
        yield _with(use, node)
        return
    if isinstance(node, ast.Call):
        yield from _of_call(node, use)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            name = str(key.value) if isinstance(key, ast.Constant) else None
            yield from _of_expression(value, _inside(use, "item", name))
    elif isinstance(node, ast.Lambda):
        yield from _of_defaults(node.args, use.scope)
        yield from _of_expression(node.body, _inside(use, "return"))
    else:
        context = _CONTEXTS.get(type(node), "other")
        for child in ast.iter_child_nodes(node):
            yield from _of_expression(child, _inside(use, context))


def _of_call(node: ast.Call, use: _Use) -> Iterator[_Use]:
    callee = dotted(node.func) or getattr(node.func, "attr", None)
    yield from _of_expression(node.func, _inside(use, "other"))
    for position, argument in enumerate(node.args):
        part = _Use(_NOTHING, "call-argument", callee, None, position, use.target, use.scope)
        yield from _of_expression(argument, part)
    for keyword in node.keywords:
        part = _Use(_NOTHING, "call-argument", callee, keyword.arg, None, use.target, use.scope)
        yield from _of_expression(keyword.value, part)


_NOTHING = ast.Constant(None)
_CONTEXTS: dict[type[ast.AST], str] = {
    ast.Compare: "comparison",
    ast.BinOp: "operation",
    ast.BoolOp: "operation",
    ast.UnaryOp: "operation",
    ast.Subscript: "index",
    ast.Slice: "index",
    ast.List: "item",
    ast.Tuple: "item",
    ast.Set: "item",
}


def _inside(use: _Use, context: str, keyword: str | None = None) -> _Use:
    return _Use(_NOTHING, context, use.callee, keyword, None, use.target, use.scope)


def _with(use: _Use, node: ast.expr) -> _Use:
    return _Use(node, use.context, use.callee, use.keyword, use.position, use.target, use.scope)


def _is_literal(node: ast.expr) -> bool:
    """Whether an expression is a constant, or a list or tuple of constants."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return bool(node.elts) and all(_is_literal(each) for each in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = node.operand
        return isinstance(inner, ast.Constant) and type(inner.value) in {int, float}
    kinds = {bool, int, float, str, type(None)}
    return isinstance(node, ast.Constant) and type(node.value) in kinds


def _value(node: ast.expr) -> Any:  # noqa: ANN401  (whatever the literal says)
    return ast.literal_eval(node)
