"""Python's scopes: which names a body binds, and where a name is looked up."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True, eq=False)
class Scope:
    """One scope.

    Parameters
    ----------
    kind
        ``module``, ``class``, ``function`` (lambdas too) or ``comprehension``.
    parent
        The scope around it; None for the module.
    local
        Names that are its own.
    outer
        Names that it declares ``global``.
    """

    kind: str
    parent: Scope | None = None
    local: frozenset[str] = frozenset()
    outer: frozenset[str] = frozenset()

    def is_global(self, name: str) -> bool:
        """Whether a name that is read here may be found among the globals.

        In a class body this holds for its own names too: until they are bound the name of the
        module is seen.
        """
        scope: Scope | None = self
        while scope is not None:
            if name in scope.outer:
                return True
            if scope.kind in {"function", "comprehension"} and name in scope.local:
                return False
            scope = scope.parent
        return True

    def binds_global(self, name: str) -> bool:
        """Whether binding a name here binds it among the globals."""
        scope = self.binding_scope
        return scope.kind == "module" or name in scope.outer

    @property
    def binding_scope(self) -> Scope:
        """Where ``:=`` binds: the scope around all comprehensions."""
        scope: Scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope


MODULE = Scope("module")


@dataclass
class Bindings:
    """Names that a body binds in its own scope, and those that it declares to be others'."""

    names: set[str] = field(default_factory=set)
    global_names: set[str] = field(default_factory=set)
    nonlocal_names: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    @property
    def local(self) -> frozenset[str]:
        """Names of the scope itself."""
        return frozenset(self.names - self.global_names - self.nonlocal_names)


def bindings(body: Iterable[ast.AST]) -> Bindings:
    """Collect the names that a body binds.

    Parameters
    ----------
    body
        Statements, or expressions, of one scope.

    Returns
    -------
    Bindings
        Without those of the scopes that are nested in it.
    """
    collector = _Collector()
    for node in body:
        collector.visit(node)
    return collector.found


def function_scope(node: Function | ast.Lambda, parent: Scope) -> Scope:
    """Return the scope of a function's body."""
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    found = bindings(body)
    args = node.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    found.names |= {arg.arg for arg in every if arg is not None} | _type_parameters(node)
    return Scope("function", parent, found.local, frozenset(found.global_names))


def class_scope(node: ast.ClassDef, parent: Scope) -> Scope:
    """Return the scope of a class's body; a name that it deletes is never surely its own."""
    found = bindings(node.body)
    if parameters := _type_parameters(node):
        parent = Scope("function", parent, frozenset(parameters))
    own = (found.local - found.deleted) | {"__module__", "__qualname__"}
    return Scope("class", parent, own, frozenset(found.global_names))


def comprehension_scope(node: Comprehension, parent: Scope) -> Scope:
    """Return the scope of a comprehension."""
    targets = bindings(generator.target for generator in node.generators)
    return Scope("comprehension", parent, frozenset(targets.names))


def _type_parameters(node: ast.AST) -> set[str]:
    """Return what stands in brackets in ``def f[T](x: T)``, which Python 3.12 brought."""
    return {each.name for each in getattr(node, "type_params", ())}


class _Collector(ast.NodeVisitor):
    """Visits one scope; of nested ones only what is evaluated in this one."""

    def __init__(self) -> None:
        self.found = Bindings()

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.found.names.add(node.id)
        if isinstance(node.ctx, ast.Del):
            self.found.deleted.add(node.id)

    def visit_Global(self, node: ast.Global) -> None:
        self.found.global_names.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.found.nonlocal_names.update(node.names)

    def visit_alias(self, node: ast.alias) -> None:
        if node.name != "*":
            self.found.names.add(node.asname or node.name.partition(".")[0])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.found.names.add(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.found.names.add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.found.names.add(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.found.names.add(node.rest)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.found.names.add(node.name)
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._defaults(node.args)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node)

    def _function(self, node: Function) -> None:
        self.found.names.add(node.name)
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._defaults(node.args)

    def _defaults(self, args: ast.arguments) -> None:
        for default in (*args.defaults, *args.kw_defaults):
            if default is not None:
                self.visit(default)

    def _comprehension(self, node: Comprehension) -> None:
        """Take what ``:=`` binds: in all of a comprehension but not in its nested scopes."""
        for each in ast.walk(node):
            if isinstance(each, ast.NamedExpr) and isinstance(each.target, ast.Name):
                self.found.names.add(each.target.id)
