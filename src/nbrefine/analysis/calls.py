"""A walk over calls: what they may change, and code and names that hide in their texts."""
# ruff: noqa: D102, N802  (the methods are named, and explained, by ast.NodeVisitor)

from __future__ import annotations

import ast

from nbrefine.analysis import magics, mutation, namespaces, texts
from nbrefine.analysis.expressions import ExpressionWalker
from nbrefine.analysis.scope import MODULE, Scope, bindings
from nbrefine.notebook.syntax import to_python


class CallWalker(ExpressionWalker):
    """Gathers how calls use global names."""

    def visit_Call(self, node: ast.Call) -> None:
        if self._magic(node):
            return
        # `globals()["x"]` is seen by its subscript; any other use may be of every name.
        if namespaces.is_namespace(node, in_function=self.in_function) or namespaces.reaches_all(
            node, in_function=self.in_function
        ):
            self.everything()
        self.visit(node.func)
        callee = mutation.dotted(node.func) or getattr(node.func, "attr", "")
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            # What is only printed is not looked up.
            if not (callee == "print" and isinstance(argument, ast.Constant)):
                self.visit(argument)
            self.mention(texts.names_in_call(str(callee), texts.string_parts(argument) or ""))
        self.changes(mutation.surely_changed(node), surely=True)
        self.changes(mutation.maybe_changed(node), surely=False)
        self.sink.calls |= {n for n in mutation.passed(node) if self.scope.is_global(n)}
        self._execute(node)

    def _execute(self, node: ast.Call) -> None:
        found = namespaces.executed(node)
        if found is None:
            return
        code, known = found
        if not known:
            self.everything()
        else:
            self.run_text(code)

    def run_text(self, code: str) -> None:
        """Walk code that is given as a text."""
        try:
            tree = ast.parse(code.strip())
        except (SyntaxError, ValueError):
            # It fails, or is of another Python's syntax.
            self.mention(texts.identifiers(code))
            return
        scope = self.scope
        if self.in_function:
            scope = Scope("function", self.scope, bindings(tree.body).local)
        with self.within(scope), self.maybe():
            self.visit_all(tree.body)

    def _magic(self, node: ast.Call) -> bool:
        """Walk a call that IPython makes of its own syntax; False if it is another call."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        args = [
            each.value
            for each in node.args
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        if len(args) != len(node.args):
            return False
        if name in {"run_line_magic", "run_cell_magic"} and len(args) > 1:
            use = magics.magic_use(*args)
        elif name == "magic" and args:
            use = magics.magic_use(*args[0].lstrip("%").partition(" ")[::2])
        elif name in {"system", "getoutput"} and args and "get_ipython" in ast.dump(node.func):
            use = magics.magic_use("!", args[0])
        else:
            return False
        self._apply(use)
        return True

    def _apply(self, use: magics.MagicUse) -> None:
        for name in sorted(use.reads):
            self.read_global(name)
        self.mention(use.candidates)
        if use.timed:
            self._timed(use.timed)
        if use.runs:
            self.run_text(use.runs)
        with self.within(MODULE), self.maybe():
            for name in sorted(use.binds):
                self.store(name)
            for name in sorted(use.deletes):
                self.delete(name)
        self.sink.uses_all |= use.uses_all
        self.sink.binds_unknown |= use.binds_unknown

    def _timed(self, code: str) -> None:
        """Walk code that runs in a function of its own, right here."""
        # The body of %%timeit may hold IPython's syntax in turn.
        python = to_python(code)
        try:
            tree = ast.parse(python.code)
        except (SyntaxError, ValueError):
            self.mention(texts.identifiers(code))
            return
        found = bindings(tree.body)
        scope = Scope("function", MODULE, found.local, frozenset(found.global_names))
        with self.maybe(), self.within(scope):
            self.visit_all(tree.body)
