"""Use of IPython's history of inputs and outputs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject


class HistoryUse(Rule):
    """A cell uses the output of an earlier one by ``_`` or ``Out``.

    What it does
    ------------
    Looks for ``_``, ``__``, ``_5``, ``Out[5]``, ``In`` and the like, where they are IPython's and
    not a variable of the notebook.

    Why is this bad
    ---------------
    They mean whatever was shown last, or under that number, in this very session. When a cell is
    run again, added or moved, they mean something else; in another session the numbers differ.

    Examples
    --------
    Bad::

        # In[1]:
        sorted([3, 1, 2])

        # In[2]:
        smallest = _[0]
        print(smallest)

    Good::

        # In[1]:
        ordered = sorted([3, 1, 2])
        ordered

        # In[2]:
        smallest = ordered[0]
        print(smallest)
    """

    code = "NBR105"
    name = "history-use"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for reads of history names that nothing has bound."""
        bound: set[str] = set()
        for facts in subject.cells:
            for name in sorted(facts.names.history - bound - facts.names.binds):
                node = next(
                    (
                        node
                        for node in ast.walk(facts.tree)
                        if isinstance(node, ast.Name) and node.id == name
                    ),
                    None,
                )
                yield self.at(
                    facts,
                    node,
                    f"`{name}` is IPython's history: it depends on what was run before, and when.",
                    "Give the earlier result a name, and use that.",
                )
            bound |= facts.names.binds
