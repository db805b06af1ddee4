"""A notebook as the rules see it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nbrefine.refine.findings.calls import Call, find_calls
from nbrefine.refine.findings.lineage import Lineage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.notebook.document import Notebook
    from nbrefine.recording.facts import Recording
    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.flow import Bond, Flow


@dataclass(frozen=True)
class Subject:
    """What is known of a notebook.

    Parameters
    ----------
    notebook
        The document.
    cells
        Its code cells that are not empty.
    recording
        Its observed run; None if there was none.
    bonds
        Cells that refine could not separate.
    flow
        What flows between the cells, if anybody has found out.
    """

    notebook: Notebook
    cells: Sequence[CellFacts]
    recording: Recording | None = None
    bonds: Sequence[Bond] = ()
    flow: Flow | None = None

    @cached_property
    def aliases(self) -> dict[str, str]:
        """What imported names stand for: ``{"np": "numpy", "sqrt": "math.sqrt"}``."""
        return {
            each.name: _target(each.name, each.module, each.attribute)
            for facts in self.cells
            for each in facts.names.imports
        }

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """All calls, in the order of the code."""
        return tuple(call for facts in self.cells for call in find_calls(facts, self.aliases))

    @cached_property
    def lineage(self) -> Lineage:
        """What is known of the data's past."""
        return Lineage(self)

    def calls_of(self, facts: CellFacts) -> tuple[Call, ...]:
        """All calls of one cell."""
        return tuple(call for call in self.calls if call.facts is facts)

    def walk(self) -> list[tuple[CellFacts, ast.AST]]:
        """All nodes of all cells."""
        return [(facts, node) for facts in self.cells for node in ast.walk(facts.tree)]

    def binders(self, name: str) -> list[CellFacts]:
        """Cells that may bind a name."""
        return [facts for facts in self.cells if name in facts.names.binds]

    @cached_property
    def imported(self) -> frozenset[str]:
        """Names that imports bind."""
        return frozenset(each.name for facts in self.cells for each in facts.names.imports)

    @cached_property
    def defined(self) -> frozenset[str]:
        """Names of functions and classes."""
        return frozenset(each.name for facts in self.cells for each in facts.names.definitions)

    @property
    def is_murky(self) -> bool:
        """Whether a cell may read any variable, so that none is surely unused."""
        return any(facts.names.uses_all or facts.python.error for facts in self.cells)

    def number(self, facts: CellFacts) -> int:
        """Return a cell's number as messages give it: over all cells, from 1."""
        return facts.cell.index + 1


def _target(name: str, module: str, attribute: str | None) -> str:
    if attribute is not None:
        return f"{module}.{attribute}"
    # `import a.b` binds `a`, `import a.b as c` binds the module itself.
    top = module.partition(".")[0]
    return top if name == top else module
