"""A walk over statements: what is surely bound on every path, and what functions do later."""
# ruff: noqa: D102, N802  (the methods are named, and explained, by ast.NodeVisitor)

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.analysis import mutation
from nbrefine.analysis.cell_names import ImportBinding
from nbrefine.analysis.definitions import DefinitionWalker
from nbrefine.analysis.scope import bindings
from nbrefine.analysis.sink import joined

if TYPE_CHECKING:
    from collections.abc import Iterable

# Context managers that let exceptions pass: after their block all of it has run.
_LETS_PASS = frozenset(
    {
        *("open", "catch_warnings", "option_context", "context", "rc_context", "errstate"),
        *("no_grad", "inference_mode", "autocast", "ZipFile", "TemporaryDirectory", "Pool"),
        *("ThreadPoolExecutor", "ProcessPoolExecutor", "ExcelWriter", "File", "tqdm", "urlopen"),
        *("Progress", "axes_style", "plotting_context", "printoptions", "parallel_backend"),
        *("redirect_stdout", "redirect_stderr", "connect", "Session", "Client", "Model"),
    }
)


class Walker(DefinitionWalker):
    """Gathers how statements use global names."""

    def visit_Assign(self, node: ast.Assign) -> None:
        if self.named_lambda(node):
            return
        self._assigns(node.targets, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self._assigns([node.target], node.value)
        elif not isinstance(node.target, ast.Name):
            self.visit_all(ast.iter_child_nodes(node.target))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        changed, before = mutation.roots(node.target), set(self.sink.touched)
        if isinstance(node.target, ast.Name):
            self.read(node.target.id)
        self.visit(node.value)
        self.visit(node.target)
        self.changes(self.sink.shared_with(changed), surely=False)
        self.changes(changed, surely=True)
        if self.depth == 0 and not self.lazy:
            # What is added is not changed by it; in a loop it may be, the next time round.
            self.sink.touched = before
        self.sink.alias(changed, mutation.roots(node.value))

    def _assigns(self, targets: Iterable[ast.expr], value: ast.expr) -> None:
        outer, self.captured = self.captured, set()
        self.visit(value)
        sources = mutation.roots(value)
        for target in targets:
            names = mutation.roots(target)
            if isinstance(target, (ast.Tuple, ast.List)):
                # Unpacking uses an iterator up.
                self.changes(sources, surely=False)
                names = {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
            self.sink.alias(names, sources)
            for name in names if self.captured else ():
                self.sink.carries.setdefault(name, set()).update(self.captured)
            self.visit(target)
        self.captured |= outer

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.visit(target)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name == "__main__":
                self.everything()
            name = alias.asname or alias.name.partition(".")[0]
            self._imports(node, alias, name, alias.name, None)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if module == "__main__":
                self.read(alias.name)
            if alias.name == "*":
                self.sink.star_imports.append(module)
                self.sink.binds_unknown = True
            else:
                self._imports(node, alias, alias.asname or alias.name, module, alias.name)

    def _imports(
        self,
        node: ast.Import | ast.ImportFrom,
        alias: ast.alias,
        name: str,
        module: str,
        attribute: str | None,
    ) -> None:
        self.store(name)
        if self.scope.kind == "module" and not self.lazy:
            single: ast.stmt = (
                ast.Import([alias])
                if isinstance(node, ast.Import)
                else ast.ImportFrom(node.module, [alias], node.level)
            )
            self.sink.imports.append(
                ImportBinding(
                    name, module, attribute, ast.unparse(single), node.lineno, self.depth == 0
                )
            )

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        before = self.path.copy()
        self.visit_body(node.body)
        body, self.path = self.path, before
        self.visit_body(node.orelse)
        self.path = joined(body, self.path)

    def visit_For(self, node: ast.For) -> None:
        self._loop(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self._loop(node)

    def visit_While(self, node: ast.While) -> None:
        self._loop(node)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        self.visit(node.test if isinstance(node, ast.While) else node.iter)
        head = self.path.interrupted(bindings([node]).names)
        self.path = head.copy()
        if not isinstance(node, ast.While):
            self.iterates(node.target, node.iter)
            self.visit(node.target)
        self.visit_body(node.body)
        self.path = head.copy()
        self.visit_body(node.orelse)
        if any(isinstance(each, ast.Break) for each in ast.walk(node)):
            self.path = joined(head, self.path)

    def visit_Try(self, node: ast.Try) -> None:
        self._try(node)

    def visit_TryStar(self, node: ast.TryStar) -> None:
        self._try(node)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        # A handler begins, and `finally` may begin, after any part of the block.
        cut = self.path.interrupted(bindings([node]).names)
        self.visit_body(node.body)
        self.visit_body(node.orelse)
        ends = [self.path]
        for handler in node.handlers:
            self.path = cut.copy()
            self.visit(handler)
            ends.append(self.path)
        end = joined(*ends)
        self.path = cut.copy()
        self.visit_body(node.finalbody)
        if not end.ended:
            end.done |= self.path.done
            end.gone = (end.gone - bindings(node.finalbody).names) | (self.path.gone - cut.gone)
        end.ended |= self.path.ended
        self.path = end

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.visit_all([node.type])
        if node.name:
            self.store(node.name)
        self.visit_body(node.body)
        if node.name and self.scope.binds_global(node.name):
            # Python deletes the name at the end of the block.
            self.sink.may_delete.add(node.name)
            self.path.gone.add(node.name)

    def visit_With(self, node: ast.With) -> None:
        self._with(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        self._with(node)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        ends = []
        for item in node.items:
            self.visit(item.context_expr)
            self.changes(mutation.roots(item.context_expr), surely=False)
            if item.optional_vars is not None:
                names = bindings([item.optional_vars]).names
                self.sink.alias(names, mutation.roots(item.context_expr))
                self.visit(item.optional_vars)
            if not _lets_pass(item.context_expr):
                ends.append(self.path.interrupted(bindings([node]).names))
        self.visit_body(node.body)
        self.path = joined(*ends, self.path)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        names = bindings(case.pattern for case in node.cases).names
        start = self.path.interrupted(names)
        ends = []
        for case in node.cases:
            self.path = start.copy()
            self.sink.alias(names, mutation.roots(node.subject))
            self.visit(case.pattern)
            self.visit_all([case.guard])
            self.visit_body(case.body)
            ends.append(self.path)
        last = node.cases[-1]
        whole = isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None
        if not whole or last.guard is not None:
            ends.append(start)
        self.path = joined(*ends)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.visit_all([node.pattern])
        if node.name:
            self.store(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.store(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.visit_all([*node.keys, *node.patterns])
        if node.rest:
            self.store(node.rest)

    def visit_Assert(self, node: ast.Assert) -> None:
        self.visit(node.test)
        with self.maybe():
            self.visit_all([node.msg])

    def visit_Return(self, node: ast.Return) -> None:
        self._leave(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._leave(node)

    def visit_Break(self, node: ast.Break) -> None:
        self._leave(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._leave(node)

    def _leave(self, node: ast.stmt) -> None:
        self.generic_visit(node)
        self.path.ended = True

    def visit_Expr(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Constant):
            return
        self.visit(value)
        if isinstance(value, ast.BinOp):
            # `graph << node`: an operator that stands alone is there to do something.
            self.changes(mutation.roots(value), surely=False)


def _lets_pass(manager: ast.expr) -> bool:
    called = manager.func if isinstance(manager, ast.Call) else manager
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in _LETS_PASS
