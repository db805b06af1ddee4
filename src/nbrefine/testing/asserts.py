"""The assertions in a cell: each is a test of its own."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.notebook.syntax import to_python

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 70
_OTHERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Assertion:
    """One assertion.

    Parameters
    ----------
    name
        Its message where it has one, else its text; no two of a cell have the same.
    line, end_line
        Where it stands in the cell, from 1.
    """

    name: str
    line: int
    end_line: int


def assertions(source: str) -> tuple[Assertion, ...]:
    """Find the assertions in a cell.

    Parameters
    ----------
    source
        Its text.

    Returns
    -------
    tuple of Assertion
        ``assert`` statements, calls of ``assert_...`` functions, and of the ``validate`` of a
        schema; not those in functions, which are made when these are called.
    """
    python = to_python(source)
    if python.foreign or python.error is not None:
        return ()
    try:
        tree = ast.parse(python.code)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    found: list[Assertion] = []
    seen: Counter[str] = Counter()
    for node in _statements(tree):
        if isinstance(node, ast.Assert) or _asserts(node):
            text = _name(node, python.code)
            seen[text] += 1
            name = text if seen[text] == 1 else f"{text} ({seen[text]})"
            found.append(Assertion(name, node.lineno, node.end_lineno or node.lineno))
    return tuple(found)


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Give the statements of a cell that run when it does, in their order."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _OTHERS):
            continue
        if isinstance(child, ast.stmt):
            yield child
        yield from _statements(child)


def _asserts(node: ast.stmt) -> bool:
    """Whether a statement consists of a call that fails where its argument is not right."""
    value = node.value if isinstance(node, ast.Expr | ast.Assign) else None
    if not isinstance(value, ast.Call):
        return False
    name = value.func.attr if isinstance(value.func, ast.Attribute) else ""
    name = value.func.id if isinstance(value.func, ast.Name) else name
    return name.startswith("assert_") or (name == "validate" and bool(value.args))


def _name(node: ast.stmt, code: str) -> str:
    if isinstance(node, ast.Assert) and isinstance(node.msg, ast.Constant):
        text = str(node.msg.value)
    else:
        text = ast.get_source_segment(code, node) or ""
    # A test's name is parted by double colons, and stands on one line.
    text = " ".join(text.split()).replace("::", ":")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
