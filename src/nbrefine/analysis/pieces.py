"""A module as pieces, its top-level definitions, where what it does on import allows it.

A piece is *eager* where making it may do something: a decorator that is not known, a base class
that may keep a list of its subclasses, a value that a call makes. Eager pieces count for whoever
imports the module. Of a module with any other statement at its top, all of it counts.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
from typing import TYPE_CHECKING

from nbrefine.analysis.facts import Import, Module, Piece, Uses
from nbrefine.analysis.harmless import is_harmless_base, is_harmless_call, is_harmless_decorator
from nbrefine.analysis.normal import normal_form, parse
from nbrefine.analysis.uses import chain_of, imports_of, uses_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_BUILTINS = frozenset(dir(builtins))


def read_module(source: str) -> Module:
    """Take a module's source apart.

    Parameters
    ----------
    source
        The text of the file.

    Returns
    -------
    Module
        Of a text that is not Python, that it may use anything.
    """
    tree = parse(source)
    if tree is None:
        return Module(_digest(source), Uses(by_name=True), odd="it is not valid Python")
    return _Reader().read(tree)


class _Reader:
    """Reads one module."""

    def __init__(self) -> None:
        self.nodes: dict[str, list[ast.stmt]] = {}
        self.eager: set[str] = set()
        self.imports: set[Import] = set()
        self.loads: set[Import] = set()
        self.odd = ""

    def read(self, tree: ast.Module) -> Module:
        body = [node for node in tree.body if not _is_main_guard(node)]
        for node in body:
            self._import(node)
        for node in body:
            self._statement(node)
        uses = uses_of(body)
        if uses.by_name:
            self.odd = self.odd or "it reaches for things by name"
        if any(
            name.startswith("__") and name not in {"__all__", "__version__"} for name in self.nodes
        ):
            self.odd = self.odd or "it defines what Python itself looks up"
        return Module(
            digest=_digest(normal_form(tree)),
            uses=uses,
            pieces={} if self.odd else {name: self._piece(name) for name in self.nodes},
            eager=frozenset(self.eager),
            imports=frozenset(self.imports),
            loads=frozenset(self.loads),
            odd=self.odd,
        )

    def _import(self, node: ast.stmt) -> None:
        for each in _imports_in(node):
            found = imports_of(each)
            self.imports.update(found)
            self.loads.update(() if _is_for_types(node) else found)
            if any(imported.name == "*" for imported in found):
                self.odd = "it has a star import"

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, _Definition):
            self.nodes.setdefault(node.name, []).append(node)
            if not self._is_plain_definition(node):
                self.eager.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            self._assignment(node)
        elif isinstance(node, ast.Import | ast.ImportFrom | ast.Pass) or _is_import_block(node):
            pass
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            self.odd = self.odd or f"it runs a statement on line {node.lineno}"

    def _assignment(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [each for target in targets for each in _target_names(target)]
        if not all(names):
            self.odd = self.odd or f"it sets something within something else on line {node.lineno}"
        for name in names:
            self.nodes.setdefault(name, []).append(node)
            if node.value is not None and not self._is_plain(node.value):
                self.eager.add(name)

    def _piece(self, name: str) -> Piece:
        nodes = self.nodes[name]
        uses = uses_of(nodes)
        roots = {chain[0] for chain in uses.chains} | uses.words
        sources = sorted(each for each in self.imports if each.name in roots)
        return Piece(_digest("\n".join([*map(normal_form, nodes), repr(sources)])), uses)

    def _is_plain_definition(self, node: _Definition) -> bool:
        if not all(map(self._is_plain_decorator, node.decorator_list)):
            return False
        if isinstance(node, ast.ClassDef):
            harmless = all(is_harmless_base(self._dotted(_unsubscripted(b))) for b in node.bases)
            return harmless and not node.keywords and all(map(self._is_plain_member, node.body))
        defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        return all(map(self._is_plain, defaults))

    def _is_plain_decorator(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            return self._is_plain_decorator(node.func) and all(map(self._is_plain, given))
        return is_harmless_decorator(self._dotted(node))

    def _is_plain_member(self, node: ast.stmt) -> bool:
        if isinstance(node, _Definition):
            return self._is_plain_definition(node)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            return node.value is None or self._is_plain(node.value)
        return isinstance(node, ast.Pass) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )

    def _is_plain(self, value: ast.expr) -> bool:
        """Whether an expression only makes a value."""
        for node in ast.walk(value):
            if isinstance(node, ast.Call) and not self._is_plain_call(node):
                return False
            if isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
                return False
        return True

    def _is_plain_call(self, node: ast.Call) -> bool:
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant):
            return True  # a method of a text or a number
        return is_harmless_call(self._dotted(node.func))

    def _dotted(self, node: ast.AST) -> str:
        """Return the full name of what an expression names, as far as imports tell."""
        chain = chain_of(node)
        if not chain:
            return ""
        found = [each for each in self.imports if each.name == chain[0]]
        if len(found) == 1 and found[0].level == 0 and chain[0] not in self.nodes:
            start = ".".join(part for part in (found[0].module, found[0].attribute) if part)
            return ".".join([start, *chain[1:]])
        own = chain[0] in self.nodes or found or chain[0] not in _BUILTINS
        return "" if own else ".".join(chain)


def _imports_in(node: ast.stmt) -> Iterator[ast.Import | ast.ImportFrom]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    elif isinstance(node, ast.If | ast.Try | ast.With):
        yield from (n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom))


def _is_import_block(node: ast.stmt) -> bool:
    """Whether a statement only chooses what to import: for types, or with a way out."""
    if isinstance(node, ast.If):
        return _is_for_types(node) and all(map(_only_imports, [*node.body, *node.orelse]))
    if isinstance(node, ast.Try):
        handled = [each for handler in node.handlers for each in handler.body]
        body = [*node.body, *handled, *node.orelse, *node.finalbody]
        return all(map(_only_imports, body))
    return False


def _only_imports(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass)


def _is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and chain_of(node.test)[-1:] == ("TYPE_CHECKING",)


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and not node.orelse and ast.dump(node.test) == _MAIN


_MAIN = ast.dump(ast.parse('__name__ == "__main__"', mode="eval").body)


def _target_names(target: ast.expr) -> list[str]:
    """Return the names that an assignment binds; an empty one for what is no name."""
    if isinstance(target, ast.Tuple | ast.List):
        return [name for each in target.elts for name in _target_names(each)]
    return [target.id if isinstance(target, ast.Name) else ""]


def _unsubscripted(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
