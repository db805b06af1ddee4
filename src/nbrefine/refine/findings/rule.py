"""What all rules have in common."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from nbrefine.refine.findings.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject
    from nbrefine.refine.flow.facts import CellFacts


class Rule(ABC):
    """One thing that is looked for.

    The docstring of a rule is its page in the documentation. It says in sections *What it does*,
    *Why is this bad* and *Examples*; the examples are cells as ``jupyter nbconvert --to script``
    writes them, a bad one and a good one, and the tests hold the rule to both.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    needs_run: ClassVar[bool] = False
    """Whether only a run of the notebook can show it."""

    @abstractmethod
    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for it in a notebook."""

    def at(
        self, facts: CellFacts, node: ast.AST | int | None, message: str, hint: str = ""
    ) -> Finding:
        """Make a finding at a piece of code, at a line, or at a cell as a whole."""
        place: dict[str, int] = {}
        if isinstance(node, int):
            text = facts.text(node, node)
            lead = len(text) - len(text.lstrip())
            place = {
                "line": node,
                "end_line": node,
                "column": lead,
                "end_column": max(len(text.rstrip()), lead),
            }
        elif isinstance(node, (ast.expr, ast.stmt, ast.alias)):
            place = _place(facts, node)
        return Finding(
            self.code, self.name, self.severity, message, hint, cell=facts.cell.index, **place
        )

    def about_notebook(self, message: str, hint: str = "") -> Finding:
        """Make a finding about the notebook as a whole."""
        return Finding(self.code, self.name, self.severity, message, hint)


def _place(facts: CellFacts, node: ast.expr | ast.stmt | ast.alias) -> dict[str, int]:
    """Return where code stands; positions of the syntax tree count bytes."""
    lines = facts.python.code.split("\n")
    last = node.end_lineno or node.lineno

    def characters(line: int, count: int) -> int:
        return len(lines[line - 1].encode()[:count].decode(errors="ignore"))

    start = characters(node.lineno, node.col_offset)
    end = characters(last, node.end_col_offset or node.col_offset)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        # Its first line says which one is meant.
        last, end = node.lineno, len(lines[node.lineno - 1].rstrip())
    return {"line": node.lineno, "end_line": last, "column": start, "end_column": end}
