"""Functions that mean something else further down, and names of Python's own that are lost."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.analysis.cell_names import Definition
    from nbrefine.refine.findings.subject import Subject
    from nbrefine.refine.flow.facts import CellFacts

# Names of Python's own that code is full of; that `id` or `input` is hidden is seldom felt.
_NEEDED = frozenset(
    {
        *("list", "dict", "set", "tuple", "str", "int", "float", "bool", "type", "object"),
        *("sum", "min", "max", "len", "range", "print", "sorted", "zip", "map", "filter"),
        *("enumerate", "open", "iter", "next", "abs", "round", "any", "all", "isinstance"),
    }
)


class Redefinition(Rule):
    """A function or a class is defined a second time, and differently.

    What it does
    ------------
    Looks for two cells that define a function or a class of the same name with different code.

    Why is this bad
    ---------------
    What a call does depends on which of the cells ran last. Whoever goes back to the upper half
    of the notebook gets the lower half's function.

    Examples
    --------
    Bad::

        # In[1]:
        def scale(x):
            return x / 10

        print(scale(5))

        # In[2]:
        def scale(x):
            return x / 100

        print(scale(5))

    Good::

        # In[1]:
        def scale(x, by=10):
            return x / by

        print(scale(5))

        # In[2]:
        print(scale(5, by=100))
    """

    code = "NBR103"
    name = "redefinition"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for definitions of one name in several cells."""
        first: dict[str, tuple[CellFacts, str]] = {}
        for facts in subject.cells:
            for node in facts.tree.body:
                if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    continue
                code = ast.unparse(node)
                home, known = first.setdefault(node.name, (facts, code))
                if home is not facts and known != code:
                    yield self.at(
                        facts,
                        node,
                        f"`{node.name}` was defined differently in cell {subject.number(home)}.",
                        "Give one of them another name, or one function a parameter.",
                    )
                    first[node.name] = (facts, code)


class GlobalReadingFunction(Rule):
    """A function reads a variable of the notebook that more than one cell sets.

    What it does
    ------------
    Looks for functions that use a variable which is not passed to them, where two cells or more
    give that variable a value.

    Why is this bad
    ---------------
    What the function returns depends on when it is called, and nothing at the call shows it. It
    cannot be tested or moved to a module as it is.

    Examples
    --------
    Bad::

        # In[1]:
        limit = 10

        def is_big(x):
            return x > limit

        print(is_big(12))

        # In[2]:
        limit = 20
        print(is_big(12))

    Good::

        # In[1]:
        def is_big(x, limit):
            return x > limit

        print(is_big(12, limit=10))

        # In[2]:
        print(is_big(12, limit=20))
    """

    code = "NBR104"
    name = "global-reading-function"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for functions that read what several cells bind."""
        for facts in subject.cells:
            for each in facts.names.definitions:
                if each.kind != "function":
                    continue
                for name in sorted((each.reads - each.eager) - subject.imported - {each.name}):
                    binders = subject.binders(name)
                    if len(binders) > 1 and name not in subject.defined:
                        yield self._found(subject, facts, each, name)

    def _found(
        self, subject: Subject, facts: CellFacts, definition: Definition, name: str
    ) -> Finding:
        numbers = [str(subject.number(each)) for each in subject.binders(name)]
        cells = f"{', '.join(numbers[:-1])} and {numbers[-1]}"
        node = next(
            (
                node
                for node in ast.walk(facts.tree)
                if isinstance(node, ast.Name)
                and node.id == name
                and isinstance(node.ctx, ast.Load)
                and definition.line <= node.lineno <= definition.end_line
            ),
            None,
        )
        return self.at(
            facts,
            node or definition.line,
            f"`{definition.name}` reads the variable `{name}`, which cells {cells} set.",
            f"Pass `{name}` as an argument.",
        )


class HiddenBuiltin(Rule):
    """A name that Python itself needs is given another value.

    What it does
    ------------
    Looks for assignments at the top of a cell to names such as ``list``, ``sum`` or ``max``.

    Why is this bad
    ---------------
    From there on ``list(...)`` or ``sum(...)`` fails in any cell, also in those above when they
    are run again.

    Examples
    --------
    Bad::

        # In[1]:
        sum = 3 + 4
        print(sum)

    Good::

        # In[1]:
        total = 3 + 4
        print(total)
    """

    code = "NBR110"
    name = "hidden-builtin"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for assignments to built-in names."""
        for facts in subject.cells:
            hidden = facts.names.binds & _NEEDED & set(dir(builtins)) - subject.imported
            for name in sorted(hidden):
                node = next(
                    (
                        node
                        for node in ast.walk(facts.tree)
                        if isinstance(node, ast.Name)
                        and node.id == name
                        and isinstance(node.ctx, ast.Store)
                    ),
                    None,
                )
                if node is not None:
                    yield self.at(
                        facts,
                        node,
                        f"`{name}` is no longer Python's own `{name}` from here on.",
                        f"Choose another name, such as `{name}_`.",
                    )
