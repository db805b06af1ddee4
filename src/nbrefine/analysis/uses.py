"""What a piece of code uses of modules: dotted names, imports, environment variables."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbrefine.analysis.facts import Import, Uses, files_in
from nbrefine.analysis.normal import MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d]\w*")
# What reaches for things by names that only a run knows.
_BY_NAME = frozenset({"globals", "locals", "vars", "eval", "exec", "__import__", "__builtins__"})
_BY_NAME_ATTRIBUTES = frozenset(
    {
        *("__subclasses__", "__globals__", "__builtins__", "allow_pickle"),
        *("run_cell", "run_line_magic", "run_cell_magic"),
    }
)
_ENVIRON_CALLS = (("environ", "get"), ("environ", "pop"), ("environ", "setdefault"))


def uses_of(nodes: Iterable[ast.AST]) -> Uses:
    """Collect what code uses, whichever scope a name belongs to."""
    visitor = _Visitor()
    for node in nodes:
        visitor.visit(node)
    return Uses(
        frozenset(visitor.chains),
        frozenset(visitor.imports),
        frozenset(visitor.environ),
        frozenset(visitor.words),
        frozenset(visitor.files),
        frozenset(visitor.folders),
        visitor.by_name,
    )


def imports_of(node: ast.Import | ast.ImportFrom) -> list[Import]:
    """Return what an import statement binds."""
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        return [
            Import("*", module, "*", node.level)
            if alias.name == "*"
            else Import(alias.asname or alias.name, module, alias.name, node.level)
            for alias in node.names
        ]
    return [
        Import(alias.asname, alias.name, imports=alias.name)
        if alias.asname
        else Import(alias.name.split(".", 1)[0], alias.name.split(".", 1)[0], imports=alias.name)
        for alias in node.names
    ]


def chain_of(node: ast.AST) -> tuple[str, ...]:
    """Return a dotted name as its parts; empty if it is none."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else ()


class _Visitor(ast.NodeVisitor):
    def __init__(self) -> None:
        self.chains: set[tuple[str, ...]] = set()
        self.imports: set[Import] = set()
        self.environ: set[str] = set()
        self.words: set[str] = set()
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.by_name = False

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._chain((node.id,))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.by_name |= node.attr in _BY_NAME_ATTRIBUTES
        chain = chain_of(node)
        if not chain:
            self.visit(node.value)
        elif isinstance(node.ctx, ast.Load):
            self._chain(chain)
        else:  # what is set on a module changes it
            self._chain(chain[:-1])

    def visit_Import(self, node: ast.Import) -> None:
        self.imports.update(imports_of(node))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.imports.update(imports_of(node))

    def visit_Global(self, node: ast.Global) -> None:
        self.chains.update((name,) for name in node.names)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._text(node.value)

    def visit_keyword(self, node: ast.keyword) -> None:
        self.by_name |= node.arg == "allow_pickle"
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        chain = chain_of(node.func)
        first = node.args[0] if node.args else None
        text = first.value if isinstance(first, ast.Constant) else None
        if chain[-1:] == ("getenv",) or chain[-2:] in _ENVIRON_CALLS:
            if isinstance(text, str):
                self.environ.add(text)
        elif chain[-1:] == ("import_module",):
            if isinstance(text, str) and not text.startswith("."):
                # The module comes out as a value: all of it may be used.
                self.imports.add(Import("*", text, "*"))
            else:
                self.by_name = True
        elif chain == (MAGIC,) and isinstance(text, str):
            self.by_name |= text.startswith(("%run", "%load ", "%pylab", "%reset"))
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if chain_of(node.value)[-1:] == ("environ",) and isinstance(key, str):
            self.environ.add(key)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        key = node.left.value if isinstance(node.left, ast.Constant) else None
        asked = any(chain_of(each)[-1:] == ("environ",) for each in node.comparators)
        if asked and isinstance(key, str):
            self.environ.add(key)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring, or a text that does nothing
            self._path_change(node)
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if chain := chain_of(node.target):
            self._chain(chain)
        self._path_change(node)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self._path_change(node)
        self.generic_visit(node)

    def _path_change(self, node: ast.stmt) -> None:
        if any(
            isinstance(each, ast.Attribute)
            and each.attr in {"path", "addsitedir"}
            and chain_of(each)[:1] in {("sys",), ("site",)}
            for each in ast.walk(node)
        ):
            self.folders.update(
                each.value
                for each in ast.walk(node)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )

    def _chain(self, chain: tuple[str, ...]) -> None:
        self.by_name |= chain[0] in _BY_NAME and len(chain) == 1
        if chain:
            self.chains.add(chain)

    def _text(self, text: str) -> None:
        self.words.update(_WORD.findall(text))
        self.files.update(files_in(text))
