"""One object under two names, changed under one of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.analysis.mutation import roots, surely_changed
from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject
    from nbrefine.refine.flow.facts import CellFacts

_CHANGING = frozenset(
    {
        *("append", "extend", "insert", "remove", "pop", "clear", "update", "sort", "reverse"),
        *("add", "discard", "setdefault"),
    }
)


class AliasMutated(Rule):
    """An object is changed under one name and used under another.

    What it does
    ------------
    Looks for ``b = a``, where the object is then changed through one of the two names, and the
    other name is used further down.

    Why is this bad
    ---------------
    ``b = a`` copies nothing. A reader of the later cell sees ``a``, which no code there has
    changed, and is wrong.

    Examples
    --------
    Bad::

        # In[1]:
        columns = ["age", "height"]
        all_columns = columns
        all_columns.append("weight")

        # In[2]:
        print(columns)

    Good::

        # In[1]:
        columns = ["age", "height"]
        all_columns = columns.copy()
        all_columns.append("weight")

        # In[2]:
        print(columns)
    """

    code = "NBR106"
    name = "alias-mutated"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Follow plain copies of names through the notebook."""
        statements = [(facts, node) for facts in subject.cells for node in facts.tree.body]
        twins: dict[str, set[str]] = {}
        for index, (facts, node) in enumerate(statements):
            for name in sorted(_changed(node)):
                for other in sorted(twins.get(name, ())):
                    user = _next_use(statements[index + 1 :], other)
                    if user is not None and not _mentions(node, other):
                        yield self.at(
                            facts,
                            node,
                            f"This changes `{other}` too, which is the same object as `{name}` "
                            f"and is used in cell {subject.number(user)}.",
                            f"If it is not meant, make `{name}` from a copy: `{other}.copy()`.",
                        )
                        _separate(twins, other)
            for name in _bound(node):
                _separate(twins, name)
            if (pair := _copied(node)) and pair[1] not in subject.imported | subject.defined:
                group = {pair[0], pair[1], *twins.get(pair[1], ())}
                for name in group:
                    twins[name] = group - {name}


def _copied(node: ast.stmt) -> tuple[str, str] | None:
    """Return the two names of ``b = a``."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id != node.value.id:
            return target.id, node.value.id
    return None


def _changed(node: ast.stmt) -> set[str]:
    """Return names whose object a statement changes in place, beyond doubt."""
    found: set[str] = set()
    targets: list[ast.expr] = []
    if isinstance(node, (ast.Assign, ast.Delete)):
        targets = node.targets
    elif isinstance(node, ast.AugAssign):
        targets = [node.target]
    for target in targets:
        if isinstance(target, (ast.Subscript, ast.Attribute)) and isinstance(
            target.value, ast.Name
        ):
            found.add(target.value.id)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Attribute):
            # `df.loc[rows, "a"] = 0`
            found |= roots(target) if target.value.attr in {"loc", "iloc", "at", "iat"} else set()
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        found |= surely_changed(node.value)
        func = node.value.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            found |= {func.value.id} if func.attr in _CHANGING else set()
    return found


def _bound(node: ast.stmt) -> set[str]:
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, (ast.Store, ast.Del))
    }


def _separate(twins: dict[str, set[str]], name: str) -> None:
    for other in twins.pop(name, set()):
        twins.get(other, set()).discard(name)


def _mentions(node: ast.stmt, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


def _next_use(statements: list[tuple[CellFacts, ast.stmt]], name: str) -> CellFacts | None:
    """Return the cell that reads a name next, unless it gets another value before."""
    for facts, node in statements:
        loads = [
            each
            for each in ast.walk(node)
            if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load)
        ]
        if loads:
            return facts
        if name in _bound(node):
            return None
    return None
