"""Imports as isort would write them."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDTH = 88


def import_block(statements: Iterable[str], *own: str) -> list[str]:
    """Sort and join imports.

    Parameters
    ----------
    statements
        Each imports one name.
    *own
        The project's own packages and modules.

    Returns
    -------
    list of str
        Lines: the standard library's, others, the project's own, with blank lines between.
    """
    groups: dict[int, list[ast.Import | ast.ImportFrom]] = defaultdict(list)
    for statement in sorted(set(statements)):
        node = ast.parse(statement).body[0]
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            groups[_group(root_of(node), own)].append(node)
    blocks = [_lines(groups[number]) for number in sorted(groups)]
    return [
        line for number, block in enumerate(blocks) for line in ([""] if number else []) + block
    ]


def root_of(node: ast.Import | ast.ImportFrom) -> str:
    """Return the top-level package or module that an import is from."""
    name = node.names[0].name if isinstance(node, ast.Import) else node.module or ""
    return name.partition(".")[0]


def modules_imported_in(texts: Iterable[str]) -> set[str]:
    """Return the top-level packages and modules that the modules with these texts import."""
    nodes = [node for text in texts for node in ast.walk(_tree(text))]
    found = {root_of(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)}
    return found - {""}


def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.Module([], [])


def import_lines(module: str, names: Iterable[str]) -> list[str]:
    """Return the lines that import names from a module, wrapped where they are too long."""
    shown = sorted(names, key=lambda name: (not name.isupper(), not name[:1].isupper(), name))
    line = f"from {module} import {', '.join(shown)}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in shown), ")"]


def _group(root: str, own: Iterable[str]) -> int:
    if root == "__future__":
        return 0
    if root in sys.stdlib_module_names:
        return 1
    return 3 if root in own else 2


def _lines(nodes: Iterable[ast.Import | ast.ImportFrom]) -> list[str]:
    plain: list[str] = []
    taken: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        if isinstance(node, ast.Import):
            plain.append(ast.unparse(node))
        else:
            module = "." * node.level + (node.module or "")
            taken[module] |= {ast.unparse(alias) for alias in node.names}
    lines = sorted(plain, key=str.lower)
    for module in sorted(taken, key=str.lower):
        lines += import_lines(module, taken[module])
    return lines
