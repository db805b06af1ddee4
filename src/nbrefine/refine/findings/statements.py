"""The statements of a notebook in the order in which they run, blocks opened."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbrefine.refine.findings.subject import Subject
    from nbrefine.refine.flow.facts import CellFacts

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def statements(subject: Subject) -> Iterator[tuple[CellFacts, ast.stmt]]:
    """Yield simple statements outside of functions; of a loop its body, once."""
    for facts in subject.cells:
        for node in flat(facts.tree.body):
            yield facts, node


def flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the simple statements of a block."""
    for node in body:
        blocks = [
            block
            for name in ("body", "orelse", "finalbody")
            if isinstance(block := getattr(node, name, None), list)
        ]
        if isinstance(node, _DEFINITIONS):
            continue
        if not blocks:
            yield node
        for block in blocks:
            yield from flat(block)
        for handler in getattr(node, "handlers", ()):
            yield from flat(handler.body)


def names_in(node: ast.AST) -> set[str]:
    """Return the names that code mentions."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def stored_in(node: ast.stmt) -> list[str]:
    """Return the names that an assignment binds, or whose parts it sets, in their order."""
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = node.targets
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    else:
        return []
    found: list[str] = []
    for target in targets:
        parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        for part in parts:
            inner: ast.expr = part
            while isinstance(inner, (ast.Subscript, ast.Attribute, ast.Starred)):
                inner = inner.value
            found.append(inner.id if isinstance(inner, ast.Name) else "")
    return found


def is_partial(node: ast.stmt) -> bool:
    """Whether an assignment keeps something of the former value: ``df["a"] = ...``, ``x += 1``."""
    if isinstance(node, ast.AugAssign):
        return True
    return isinstance(node, ast.Assign) and any(
        isinstance(target, (ast.Subscript, ast.Attribute)) for target in node.targets
    )
