"""Where code refers to global names, and how."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.analysis.scope import (
    MODULE,
    Comprehension,
    Function,
    Scope,
    class_scope,
    comprehension_scope,
    function_scope,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


# Methods and functions that call what they are given before they return.
_CALLERS = frozenset({"apply", "map", "applymap", "agg", "aggregate", "transform", "pipe", "sort"})
_BUILT_IN_CALLERS = frozenset({"sorted", "min", "max"})
_NAMING = frozenset({"isinstance", "issubclass"})


@dataclass(frozen=True)
class Reference:
    """A global name that code reads, binds or deletes.

    Parameters
    ----------
    name
        The name.
    how
        ``call`` if it is called then and there, ``used`` if it is passed to what calls it at once
        (``df.apply``), ``named`` in ``isinstance``, ``passed`` if it is handed on in any other
        way, ``bind`` if it is bound or deleted, otherwise ``other``.
    line, column
        Where it stands: lines from 1, columns in characters from 0.
    depth
        How many functions are around it, lambdas and generators among them.
    scope
        The scope that it is looked up from.
    alone
        Whether it is called, and the call is a statement by itself.
    in_default
        Whether it is in a default of the definition that the statement is.
    positional, keywords, starred
        Of a call: how many arguments are given by position, which by keyword, and whether there
        are more that cannot be told.
    """

    name: str
    how: str
    line: int
    column: int
    depth: int
    scope: Scope
    alone: bool = False
    in_default: bool = False
    positional: int = 0
    keywords: frozenset[str] = frozenset()
    starred: bool = False


def find_references(node: ast.stmt, text: str) -> tuple[Reference, ...]:
    """Find the references to global names in a statement at the top of a module.

    Parameters
    ----------
    node
        The statement.
    text
        The text that it was parsed from.
    """
    finder = _Finder(text)
    finder.visit(node)
    return tuple(finder.found)


def _parts(node: ast.expr) -> list[ast.expr]:
    """Return what is in a list or dict that is written out."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return node.elts
    return node.values if isinstance(node, ast.Dict) else []


class _Finder(ast.NodeVisitor):
    """Walks a statement, scope by scope."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.scope = MODULE
        self.depth = 0
        self.how: dict[int, str] = {}
        self.alone: set[int] = set()
        self.calls: dict[int, ast.Call] = {}
        self.in_default = False
        self.found: list[Reference] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self.alone.add(id(node.value.func))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        self.how[id(node.func)] = "call"
        self.calls[id(node.func)] = node
        parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
        known = _CALLERS if isinstance(node.func, ast.Attribute) else _BUILT_IN_CALLERS
        if name in known:
            inside = [each for part in parts for each in _parts(part)]
            self.how |= dict.fromkeys(map(id, inside), "used")
        how = "used" if name in known else "named" if name in _NAMING else "passed"
        self.how |= dict.fromkeys(map(id, parts), how)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            if self.scope.is_global(node.id):
                self._add(node.id, self.how.get(id(node), "other"), node)
        elif self.scope.binds_global(node.id):
            self._add(node.id, "bind", node)

    def visit_arguments(self, node: ast.arguments) -> None:
        for each in (*node.posonlyargs, *node.args, node.vararg, *node.kwonlyargs, node.kwarg):
            if each is not None:
                self.visit(each)
        before, self.in_default = self.in_default, not self.depth
        for default in (*node.defaults, *node.kw_defaults):
            if default is not None:
                self.visit(default)
        self.in_default = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._inside(function_scope(node, self.scope), [node.body], 1)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(each)
        self._inside(class_scope(node, self.scope), node.body, 0)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node)

    def _function(self, node: Function) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self.visit(node.args)
        if node.returns is not None:
            self.visit(node.returns)
        self._inside(function_scope(node, self.scope), node.body, 1)

    def _comprehension(self, node: Comprehension) -> None:
        # The first iterable is evaluated outside, the rest inside.
        self.visit(node.generators[0].iter)
        parts: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else []
        parts = parts or [node.elt]  # type: ignore[union-attr]  # all others have it
        for number, generator in enumerate(node.generators):
            parts += [generator.target, *generator.ifs]
            parts += [generator.iter] if number else []
        lazy = isinstance(node, ast.GeneratorExp)
        self._inside(comprehension_scope(node, self.scope), parts, int(lazy))

    def _inside(self, scope: Scope, nodes: Iterable[ast.AST], depth: int) -> None:
        before = self.scope
        self.scope, self.depth = scope, self.depth + depth
        for node in nodes:
            self.visit(node)
        self.scope, self.depth = before, self.depth - depth

    def _add(self, name: str, how: str, node: ast.Name) -> None:
        line = self.lines[node.lineno - 1]
        column = len(line.encode()[: node.col_offset].decode(errors="ignore"))
        call = self.calls.get(id(node))
        keywords = call.keywords if call else []
        self.found.append(
            Reference(
                *(name, how, node.lineno, column, self.depth, self.scope),
                alone=id(node) in self.alone,
                in_default=self.in_default,
                positional=len(call.args) if call else 0,
                keywords=frozenset(each.arg for each in keywords if each.arg),
                starred=any(each.arg is None for each in keywords)
                or any(isinstance(each, ast.Starred) for each in (call.args if call else ())),
            )
        )
