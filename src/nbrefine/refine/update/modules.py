"""A module as a file made of its top-level statements, the definitions known by their names."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from nbrefine.refine.update.model import Document, Item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Modules = Mapping[str, str]

__all__ = ["blocks", "blocks_text", "module_documents"]

_DEFINITION = "def"
_APART = 2  # blank lines before and after a definition


def module_documents(*versions: Modules) -> list[tuple[Document, ...]]:
    """Take the modules of some versions apart.

    Parameters
    ----------
    *versions
        Path relative to the root, and text. A definition is the same in all of them, whichever
        module it is in, unless several in a version have its name.

    Returns
    -------
    list of tuple of Document
        For each version its modules.

    Raises
    ------
    SyntaxError
        If one is no Python.
    """
    parts = [{path: [*_parts(text)] for path, text in each.items()} for each in versions]
    several = {
        name
        for each in parts
        for name, often in Counter(n for part in each.values() for n, _ in part).items()
        if often > 1
    }
    return [
        tuple(
            Document(path, path, tuple(blocks(path, pieces, several)))
            for path, pieces in each.items()
        )
        for each in parts
    ]


def blocks(
    path: str, pieces: Iterable[tuple[str, list[str]]], several: Iterable[str] = ()
) -> Iterator[Item]:
    """Make items of pieces of a file.

    Parameters
    ----------
    path
        The file.
    pieces
        The kind and name of each, and its lines.
    several
        Those of a definition's name that stand for more than one.
    """
    seen: Counter[str] = Counter()
    for name, lines in pieces:
        gap = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
        text = "\n".join(lines[gap:]).rstrip()
        if not text:
            continue
        kind, _, called = name.partition(":")
        key = name if kind == _DEFINITION and name not in several else f"{path}#{name}"
        seen[key] += 1
        rest = {"gap": gap, "apart": _APART * (kind == _DEFINITION), "name": called}
        yield Item(key if seen[key] == 1 else f"{key}~{seen[key]}", text, rest)


def blocks_text(document: Document) -> str:
    """Write a file of blocks, with the blank lines between them that they had."""
    lines: list[str] = []
    apart = 0
    for item in document.items:
        if lines:
            lines += [""] * max(item.rest["gap"], item.rest["apart"], apart)
        apart = item.rest["apart"]
        lines.append(item.text)
    return "\n".join([*lines, ""])


def _parts(text: str) -> Iterator[tuple[str, list[str]]]:
    """Give each top-level statement with the comments over it."""
    lines = text.splitlines()
    at = 0
    for node in ast.parse(text).body:
        end = node.end_lineno or node.lineno
        if end > at:
            yield _name(node), lines[at:end]
            at = end
    yield "end:", lines[at:]


def _name(node: ast.stmt) -> str:
    """Return what a statement is known by, as long as it is what it is."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            name = f"{_DEFINITION}:{node.name}"
        case ast.ImportFrom():
            name = f"import:{'.' * node.level}{node.module or ''}"
        case ast.Import():
            name = f"import:{', '.join(each.name for each in node.names)}"
        case ast.Assign():
            name = f"set:{', '.join(ast.unparse(each) for each in node.targets)}"
        case ast.AnnAssign():
            name = f"set:{ast.unparse(node.target)}"
        case ast.Expr(value=ast.Constant()):
            name = "words:"
        case _:
            name = f"statement:{ast.unparse(node)}"
    return name
