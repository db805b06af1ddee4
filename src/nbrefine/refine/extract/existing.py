"""The modules that a project has already: what is in them, and how more is added."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from nbrefine.refine.extract.cells import DEFINITIONS, IMPORTS
from nbrefine.refine.write.imports import import_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Existing:
    """The modules of a package as they are.

    Parameters
    ----------
    package
        The package's name.
    texts
        Text of each module, by its name without the package's.
    """

    package: str
    texts: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def trees(self) -> Mapping[str, ast.Module]:
        """Each module's syntax tree."""
        return {name: ast.parse(text) for name, text in self.texts.items()}

    @cached_property
    def definitions(self) -> Mapping[str, str]:
        """Functions and classes, and the module of each."""
        return {
            node.name: module
            for module, tree in self.trees.items()
            for node in tree.body
            if isinstance(node, DEFINITIONS)
        }

    @cached_property
    def imports(self) -> Mapping[str, frozenset[str]]:
        """For each module those of the same package that it imports."""
        start = f"{self.package}."
        return {
            module: frozenset(
                node.module.removeprefix(start)
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(start)
                if node.module
            )
            for module, tree in self.trees.items()
        }

    def module_of(self, statement: str) -> str:
        """Return the module of the package that an import is from; empty for any other."""
        start = f"from {self.package}."
        return statement.removeprefix(start).split()[0] if statement.startswith(start) else ""

    def bound(self, module: str) -> Mapping[str, str]:
        """Return the names at the top of a module; for an import its text, else nothing."""
        found: dict[str, str] = {}
        tree = self.trees.get(module)
        for node in tree.body if tree else ():
            if isinstance(node, IMPORTS):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = _one(node, alias)
            elif isinstance(node, DEFINITIONS):
                found[node.name] = ""
            else:
                names = (each for each in ast.walk(node) if isinstance(each, ast.Name))
                found |= {each.id: "" for each in names if isinstance(each.ctx, ast.Store)}
        return found

    def defines(self, name: str, text: str) -> str:
        """Return the module that has this very definition; empty if none has."""
        module = self.definitions.get(name, "")
        same = ast.dump(ast.parse(text).body[0])
        nodes = self.trees[module].body if module else ()
        return module if any(ast.dump(node) == same for node in nodes) else ""

    def extended(
        self, module: str, imports: Iterable[str], constants: Sequence[str], blocks: Sequence[str]
    ) -> str:
        """Return a module's text with more in it.

        Parameters
        ----------
        module
            The module's name.
        imports
            Imports that it needs, one name each.
        constants
            Assignments, to go behind the imports.
        blocks
            Definitions, to go to the end.
        """
        lines = self.texts[module].rstrip("\n").split("\n")
        there = self.bound(module)
        new = {each for each in imports if each not in there.values()}
        body = self.trees[module].body
        first, last = _import_lines(body)
        if _is_plain(body, lines, first, last):
            old = {_one(n, alias) for n in body if isinstance(n, IMPORTS) for alias in n.names}
            head = import_block(old | new, self.package)
            lines[first - 1 : last] = head if new else lines[first - 1 : last]
            end = first - 1 + len(head) if new else last
        else:
            head = import_block(new, self.package)
            gap = [""] if head and last and not first else []
            lines[last:last] = [*gap, *head]
            end = last + len(gap) + len(head)
        if constants:
            lines[end:end] = ["", *constants]
        return "\n\n\n".join(["\n".join(lines), *blocks]) + "\n"


def _import_lines(body: Sequence[ast.stmt]) -> tuple[int, int]:
    """Return the first line of the imports, 0 if there are none, and the last line of the head."""
    first = last = 0
    for number, node in enumerate(body):
        if isinstance(node, IMPORTS):
            first = first or node.lineno
            last = node.end_lineno or node.lineno
        elif not (number == 0 and isinstance(node, ast.Expr)):
            break
        else:
            last = node.end_lineno or node.lineno
    return first, last


def _is_plain(body: Sequence[ast.stmt], lines: Sequence[str], first: int, last: int) -> bool:
    """Whether imports can be sorted anew: nothing but they are on their lines."""
    nodes = [node for node in body if isinstance(node, IMPORTS)]
    inside = all(first <= node.lineno <= last for node in nodes)
    return bool(first) and inside and not any("#" in line for line in lines[first - 1 : last])


def _one(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """Return the import of one name."""
    if isinstance(node, ast.Import):
        return ast.unparse(ast.Import([alias]))
    return ast.unparse(ast.ImportFrom(node.module, [alias], node.level))
