"""A walk over definitions: what happens when they are made, and what when they are called."""
# ruff: noqa: D102, N802  (the methods are named, and explained, by ast.NodeVisitor)

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.analysis.calls import CallWalker
from nbrefine.analysis.cell_names import Definition
from nbrefine.analysis.scope import class_scope, function_scope
from nbrefine.analysis.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbrefine.analysis.scope import Function


class DefinitionWalker(CallWalker):
    """Gathers how functions, classes and named lambdas use global names."""

    def __init__(self) -> None:
        super().__init__()
        # How many blocks are around the present statement.
        self.depth = 0
        # What the methods of a class do that is being defined, where one is.
        self.methods: Sink | None = None

    def visit_body(self, body: Sequence[ast.stmt]) -> None:
        """Walk the statements of a block."""
        self.depth += 1
        self.visit_all(body)
        self.depth -= 1

    def named_lambda(self, node: ast.Assign) -> bool:
        """Treat ``name = lambda ...`` as the definition that it is; False if it is another."""
        target, value = node.targets[0], node.value
        if not (isinstance(value, ast.Lambda) and isinstance(target, ast.Name)):
            return False
        if len(node.targets) > 1 or self.lazy or not self.scope.binds_global(target.id):
            return False
        eager = self._reads_of([*value.args.defaults, *value.args.kw_defaults])
        self.visit_all([*value.args.defaults, *value.args.kw_defaults])
        self._define(node, target.id, "lambda", eager, self.body_of(value))
        return True

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: Function) -> None:
        now = [*node.decorator_list, *_signature(node)]
        eager = self._reads_of(now)
        self.visit_all(now)
        sink = Sink()
        self.share_defaults(node.args, sink)
        with self.later(sink), self.within(function_scope(node, self.scope)):
            self.visit_all(node.body)
        if self.lazy:
            self._merge(sink)
            self.store(node.name)
        else:
            if self.methods is not None:
                self._merge(sink, self.methods)
            self._define(node, node.name, "function", eager, sink)
            if node.decorator_list:
                self.run_pending(sink)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        before, bases = self.methods, [*node.decorator_list, *node.bases, *node.keywords]
        eager = self._reads_of([*bases, node], skip=node)
        self.visit_all(bases)
        self.methods = Sink()
        with self.within(class_scope(node, self.scope)):
            self.visit_body(node.body)
        sink, self.methods = self.methods, before
        if self.lazy:
            self.store(node.name)
            return
        if before is not None:
            self._merge(sink, before)
        self._define(node, node.name, "class", eager, sink)
        # A decorator, a metaclass or a base's __init_subclass__ may call the methods at once.
        if bases:
            self.run_pending(sink)

    def _define(
        self,
        node: ast.Assign | ast.ClassDef | Function,
        name: str,
        kind: str,
        eager: frozenset[str],
        sink: Sink,
    ) -> None:
        self.store(name)
        key = self._key(name)
        self.pending.setdefault(key, []).append(sink)
        # What it returns, or holds as a class, may be one of the objects that it reads.
        self.sink.alias([name], eager | sink.reads)
        if self.scope.kind == "module":
            decorators = getattr(node, "decorator_list", [])
            self.sink.definitions.append(
                Definition(
                    name=name,
                    kind=kind,
                    line=min([node.lineno, *(each.lineno for each in decorators)]),
                    end_line=node.end_lineno or node.lineno,
                    reads=eager | frozenset(sink.reads | sink.string_names),
                    binds=frozenset(sink.binds | sink.may_delete),
                    eager=eager,
                    mutates=frozenset(
                        sink.mutates | sink.may_mutate | sink.changed_through_aliases()
                    ),
                )
            )

    def _reads_of(
        self, nodes: Iterable[ast.AST | None], skip: ast.AST | None = None
    ) -> frozenset[str]:
        """Return the global names that code reads, whatever has been bound before."""
        walker = type(self)()
        walker.lazy, walker.scope = True, self.scope
        walker.methods = Sink()
        for node in nodes:
            if node is None:
                continue
            if node is skip and isinstance(node, ast.ClassDef):
                with walker.within(class_scope(node, self.scope)):
                    walker.eager_body(node.body)
            else:
                walker.visit(node)
        return frozenset(walker.sink.reads | walker.sink.string_names)

    def eager_body(self, body: Iterable[ast.stmt]) -> None:
        """Walk the body of a class without what its methods do."""
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.visit_all([*node.decorator_list, *_signature(node)])
                self.store(node.name)
            else:
                self.visit(node)

    def _merge(self, sink: Sink, into: Sink | None = None) -> None:
        into = self.sink if into is None else into
        into.reads |= sink.reads
        into.string_names |= sink.string_names
        into.take(sink)


def _signature(node: Function) -> list[ast.AST | None]:
    """Return what is evaluated when a function is defined: defaults and annotations."""
    args = node.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    notes = [arg.annotation for arg in every if arg is not None]
    # Bounds in ``def f[T: Base](x: T)``, which Python 3.12 brought.
    bounds = getattr(node, "type_params", ())
    return [*args.defaults, *args.kw_defaults, *notes, node.returns, *bounds]
