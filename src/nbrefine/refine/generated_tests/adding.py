"""Add new tests to those that a project has: what is there stays as it is."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nbrefine.refine.extract.cells import DEFINITIONS, IMPORTS
from nbrefine.refine.extract.existing import Existing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Files = Mapping[str, str | bytes]

__all__ = ["added_tests"]

_FIXTURES = "tests/fixtures/"


def added_tests(root: Path, files: Files, package: str) -> dict[str, str | bytes]:
    """Return test files with new tests in them.

    Parameters
    ----------
    root
        The project's folder.
    files
        New tests and fixtures: path relative to the root, and content.
    package
        The project's package in ``src/``.

    Returns
    -------
    dict
        Of a module that has tests already, these with the new ones below; a fixture whose name is
        taken has got another. A test whose name is taken is left out.
    """
    names = _free_names(root, files)
    found: dict[str, str | bytes] = {}
    for path, content in files.items():
        if isinstance(content, bytes):
            found[names.get(path, path)] = content
            continue
        text = content
        for old, new in names.items():
            text = text.replace(f'"{_name(old)}"', f'"{_name(new)}"')
        file = root / path
        if not file.is_file():
            found[path] = text
        elif path.endswith(".py") and PurePosixPath(path).name != "conftest.py":
            found[path] = _extended(file.read_text("utf-8"), text, package)
        elif path.startswith(_FIXTURES):
            found[names.get(path, path)] = text
    return found


def _extended(there: str, new: str, package: str) -> str:
    """Return tests with those of another file at the end, and what they import."""
    name = "tests"
    existing = Existing(package, {name: there})
    known = existing.bound(name)
    lines = new.splitlines()
    imports: set[str] = set()
    constants, blocks = [], []
    for node in ast.parse(new).body:
        text = "\n".join(lines[_first(node) - 1 : node.end_lineno])
        if isinstance(node, IMPORTS):
            imports |= {*_one_each(node)}
        elif isinstance(node, DEFINITIONS):
            blocks += [text] * (node.name not in known)
        elif isinstance(node, ast.Assign):
            constants += [text] * (ast.unparse(node.targets[0]) not in known)
    return existing.extended(name, imports, constants, blocks) if blocks else there


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _one_each(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    for alias in node.names:
        if isinstance(node, ast.Import):
            yield ast.unparse(ast.Import([alias]))
        else:
            yield ast.unparse(ast.ImportFrom(node.module, [alias], node.level))


def _free_names(root: Path, files: Files) -> dict[str, str]:
    """Return other paths for fixtures whose name another fixture has."""
    found: dict[str, str] = {}
    for path, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        new, number = path, 1
        while path.startswith(_FIXTURES) and (root / new).is_file():
            if (root / new).read_bytes() == raw:
                break
            number += 1
            new = re.sub(r"(?=\.\w+$)", f"_{number}", path)
        if new != path:
            found[path] = new
    return found


def _name(path: str) -> str:
    return PurePosixPath(path).name
