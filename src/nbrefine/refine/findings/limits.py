"""What refine cannot see through, cut or run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.refine.findings.subject import Subject
    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.flow import Bond


class CannotBeCut(Rule):
    """Cells have to stay in one step.

    What it does
    ------------
    Says which cells ``nbrefine refine`` may not separate, and why: a value that no file format
    stores exactly, a figure that is still being drawn, settings made inside of a loop.

    Why is this bad
    ---------------
    It is not. But where the reason is easily removed, the notebook falls into better steps.

    Examples
    --------
    Bad::

        # In[1]:
        numbers = (n * n for n in range(10))
        first = next(numbers)

        # In[2]:
        print(first, sum(numbers))

    Good::

        # In[1]:
        numbers = [n * n for n in range(10)]
        first = numbers[0]

        # In[2]:
        print(first, sum(numbers[1:]))
    """

    code = "NBR501"
    name = "cannot-be-cut"
    severity = Severity.INFO
    needs_run = True

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Take over the bonds that the plan found."""
        for bond in _widest(subject.bonds):
            first, last = subject.cells[bond.first], subject.cells[bond.last]
            yield self.at(
                first,
                1,
                f"Cells {subject.number(first)} to {subject.number(last)} have to stay in one "
                f"step, because {bond.reason}.",
            )


class UsesAllNames(Rule):
    """What a cell reads cannot be seen in its code.

    What it does
    ------------
    Looks for ``globals()``, ``%who``, and ``eval`` and ``exec`` of texts that are put together at
    run time.

    Why is this bad
    ---------------
    Any variable may be needed there. ``nbrefine refine`` has to let all of them cross, and makes
    no parameters.

    Examples
    --------
    Bad::

        # In[1]:
        for year in (2023, 2024):
            globals()[f"sales_{year}"] = year * 2

    Good::

        # In[1]:
        sales = {year: year * 2 for year in (2023, 2024)}
    """

    code = "NBR502"
    name = "uses-all-names"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for cells that may use any name."""
        for facts in subject.cells:
            if facts.names.uses_all and not facts.python.error:
                yield self.at(
                    facts,
                    _culprit(facts),
                    "Which variables are used here cannot be seen.",
                    "Keep them in a dict, and use its items.",
                )


class NotPython(Rule):
    """A cell is not valid Python.

    What it does
    ------------
    Looks for cells that cannot be parsed, IPython's own syntax included.

    Why is this bad
    ---------------
    *Run All Cells* stops there.

    Examples
    --------
    Bad::

        # In[1]:
        print "hello"

    Good::

        # In[1]:
        print("hello")
    """

    code = "NBR503"
    name = "not-python"
    severity = Severity.ERROR

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for syntax errors."""
        for facts in subject.cells:
            if facts.python.error is not None and not facts.python.foreign:
                # IPython compiles statement by statement, and so is content with the second.
                if "raises-exception" in facts.cell.tags or "__future__" in facts.python.error:
                    continue
                yield self.at(
                    facts,
                    facts.python.error_line or 1,
                    f"This is not Python: {facts.python.error}.",
                    "Mend it, or make it a raw cell if it is there to be read.",
                )


def _widest(bonds: Sequence[Bond]) -> list[Bond]:
    """Return bonds of two cells and more that no other one covers; of equal ones the first."""
    found: list[Bond] = []
    for bond in sorted(set(bonds), key=lambda each: (each.first, -each.last, each.reason)):
        covered = any(each.first <= bond.first and bond.last <= each.last for each in found)
        if bond.first < bond.last and not covered:
            found.append(bond)
    return found


def _culprit(facts: CellFacts) -> ast.expr | int:
    for node in ast.walk(facts.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"globals", "locals", "vars", "eval", "exec", "dir"}
        ):
            return node
    return next((magic.line for magic in facts.python.magics), 1)
