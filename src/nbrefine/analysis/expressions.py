"""A walk over expressions, in the order in which Python evaluates them."""
# ruff: noqa: D102, N802  (the methods are named, and explained, by ast.NodeVisitor)

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.analysis import mutation, namespaces, texts
from nbrefine.analysis.scope import MODULE, bindings, comprehension_scope, function_scope
from nbrefine.analysis.sink import Sink, joined
from nbrefine.analysis.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.analysis.scope import Comprehension


class ExpressionWalker(Tracker):
    """Gathers how expressions use global names; calls apart."""

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read(node.id)
        elif isinstance(node.ctx, ast.Store):
            self.store(node.id)
        else:
            self.delete(node.id)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.sink.alias([node.target.id], mutation.roots(node.value))
        with self.within(self.scope.binding_scope):
            self.store(node.target.id)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self._first_then_maybe(node.values)

    def visit_Compare(self, node: ast.Compare) -> None:
        self.visit(node.left)
        holder = node.comparators[0]
        sought = node.left.value if isinstance(node.left, ast.Constant) else None
        if isinstance(sought, str) and namespaces.is_namespace(
            holder, in_function=self.in_function
        ):
            self.read_global(sought)
            return
        if any(isinstance(operator, (ast.In, ast.NotIn)) for operator in node.ops):
            # Looking for something in an iterator uses it up.
            self.changes(mutation.roots(holder), surely=False)
        self._first_then_maybe(node.comparators)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        before = self.path.copy()
        self.visit(node.body)
        body, self.path = self.path, before
        self.visit(node.orelse)
        self.path = joined(body, self.path)

    def _first_then_maybe(self, nodes: Sequence[ast.expr]) -> None:
        self.visit(nodes[0])
        with self.maybe():
            self.visit_all(nodes[1:])

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit_all([*node.args.defaults, *node.args.kw_defaults])
        sink = self.body_of(node)
        self.captured |= sink.reads | sink.string_names
        if self.lazy:
            self.sink.reads |= sink.reads
            self.sink.string_names |= sink.string_names
            self.sink.take(sink)
        else:
            self.run_pending(sink)

    def body_of(self, node: ast.Lambda) -> Sink:
        """Return what a lambda does when it is called."""
        sink = Sink()
        self.share_defaults(node.args, sink)
        with self.later(sink), self.within(function_scope(node, self.scope)):
            self.visit(node.body)
        return sink

    def share_defaults(self, args: ast.arguments, sink: Sink) -> None:
        """Note that parameters may be the very objects that their defaults name."""
        positional = [*args.posonlyargs, *args.args]
        pairs = [
            *zip(positional[len(positional) - len(args.defaults) :], args.defaults, strict=True),
            *zip(args.kwonlyargs, args.kw_defaults, strict=True),
        ]
        for arg, default in pairs:
            if default is not None:
                sources = mutation.roots(default)
                sink.alias([arg.arg], sources)
                sink.global_names |= {name for name in sources if self.scope.is_global(name)}

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node, [node.elt])

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node, [node.elt])

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node, [node.key, node.value])

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        before = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        self.captured |= {name for name in before if self.scope.is_global(name)}
        self._comprehension(node, [node.elt])

    def _comprehension(self, node: Comprehension, results: list[ast.expr]) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        with self.maybe(), self.within(comprehension_scope(node, self.scope)):
            for generator in node.generators:
                if generator is not first:
                    self.visit(generator.iter)
                self.iterates(generator.target, generator.iter)
                self.visit(generator.target)
                self.visit_all(generator.ifs)
            self.visit_all(results)
        # The loop that runs in the scope around: iterating may use the object up.
        self.changes(mutation.roots(first.iter), surely=False)

    def iterates(self, target: ast.expr, iterated: ast.expr) -> None:
        """Note that a target takes its values from an object, which iterating may use up."""
        self.changes(mutation.roots(iterated), surely=False)
        self.sink.alias(bindings([target]).names, mutation.roots(iterated))

    def visit_Starred(self, node: ast.Starred) -> None:
        self.visit(node.value)
        if isinstance(node.ctx, ast.Load):
            self.changes(mutation.roots(node.value), surely=False)

    def visit_Await(self, node: ast.Await) -> None:
        self.visit(node.value)
        self.changes(mutation.roots(node.value), surely=False)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if namespaces.is_namespace(node, in_function=self.in_function):
            self.everything()
        self.visit(node.value)
        if not isinstance(node.ctx, ast.Load):
            self.changes(mutation.roots(node.value), surely=True)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        held = namespaces.is_namespace(node.value, in_function=self.in_function)
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if held and isinstance(key, str):
            with self.within(MODULE):
                self.visit_Name(ast.Name(key, node.ctx))
            return
        if key == "__main__":
            self.everything()
        self.visit(node.value)
        self.visit(node.slice)
        if not isinstance(node.ctx, ast.Load):
            self.changes(mutation.roots(node.value), surely=True)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.generic_visit(node)
        self.mention(texts.names_in_text(texts.string_parts(node) or ""))

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.mention(texts.names_in_text(node.value))
            if "from __main__ import" in node.value:
                self.everything()
