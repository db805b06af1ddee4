"""Assignments to a copy of a frame's rows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.frames import frames
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject


class ChainedAssignment(Rule):
    """Rows of a frame are chosen and assigned to, in two steps.

    What it does
    ------------
    Looks for ``df[rows]["column"] = value`` and ``df["column"][rows] = value`` where ``df`` is a
    pandas frame.

    Why is this bad
    ---------------
    ``df[rows]`` is a copy. From pandas 3 on the assignment never reaches ``df``, before that it
    depended on the frame's insides.

    Examples
    --------
    Bad::

        # In[1]:
        import pandas as pd

        df = pd.DataFrame({"speed": [5, 900]})
        df[df["speed"] > 100]["speed"] = 0
        print(df)

    Good::

        # In[1]:
        import pandas as pd

        df = pd.DataFrame({"speed": [5, 900]})
        df.loc[df["speed"] > 100, "speed"] = 0
        print(df)
    """

    code = "NBR109"
    name = "chained-assignment"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for subscripts of subscripts of frames on the left side."""
        known = frames(subject)
        for facts, node in subject.walk():
            if not isinstance(node, (ast.Assign, ast.AugAssign)):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if (
                    isinstance(target, ast.Subscript)
                    and isinstance(target.value, ast.Subscript)
                    and isinstance(target.value.value, ast.Name)
                    and target.value.value.id in known
                ):
                    name = target.value.value.id
                    yield self.at(
                        facts,
                        target,
                        f"This assigns to a copy: from pandas 3 on `{name}` stays as it is.",
                        f"Write `{name}.loc[rows, column] = ...`.",
                    )
