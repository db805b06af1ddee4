"""What the global names of a step notebook stand for: imports, constants, variables."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from nbrefine.refine.extract.cells import IMPORTS
from nbrefine.refine.extract.timing import first_uses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.analysis.cell_names import ImportBinding
    from nbrefine.refine.extract.cells import CodeCell, Statement

_PICKLES = re.compile(r"pickle|joblib|dill|skops")
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True)
class Binding:
    """A statement that binds a name, and its place among all of the notebook."""

    cell: CodeCell
    statement: Statement
    position: int


@dataclass(frozen=True)
class Namespace:
    """The global names of one step notebook.

    Parameters
    ----------
    path
        The notebook's path.
    cells
        Its code cells.
    bindings
        For each name the statements that may bind or delete it, in order.
    """

    path: str
    cells: tuple[CodeCell, ...]
    bindings: dict[str, list[Binding]] = field(default_factory=dict)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """All statements, in order."""
        return tuple(each for cell in self.cells for each in cell.statements or ())

    @cached_property
    def rebinds(self) -> frozenset[str]:
        """Names that functions bind or delete among the globals."""
        return frozenset(
            name
            for each in self.statements
            for known in each.names.definitions
            for name in known.binds
        )

    @cached_property
    def loads_objects(self) -> bool:
        """Whether the step reads what other steps pickled."""
        return any(
            cell.role == "read" and _PICKLES.search("\n".join(cell.lines)) for cell in self.cells
        )

    @cached_property
    def first_uses(self) -> dict[str, int]:
        """For each definition the first statement that may use it."""
        return first_uses(self.statements, loads_objects=self.loads_objects)

    def settled(self, name: str, user: str) -> list[Binding]:
        """Return the bindings of a name that a definition may meet: the last, if that is sure."""
        found = self.bindings.get(name, [])
        used = self.first_uses.get(user, 0)
        if len(found) > 1 and found[-1].position < used and name not in self.rebinds:
            return found[-1:]
        return found

    def version_at(self, name: str, position: int) -> str:
        """Return the text of what binds a name last before a statement; empty if nothing does."""
        before = [each for each in self.bindings.get(name, ()) if each.position < position]
        return before[-1].statement.text if before else ""

    @cached_property
    def calls_by_text(self) -> bool:
        """Whether code may call a function without naming it."""
        return any(each.names.uses_all for each in self.statements)

    @cached_property
    def is_open(self) -> bool:
        """Whether code binds or reads names that it does not show."""
        return any(cell.statements is None for cell in self.cells) or any(
            each.names.uses_all or each.names.binds_unknown for each in self.statements
        )

    @cached_property
    def mutated(self) -> frozenset[str]:
        """Names whose objects may be changed."""
        found: set[str] = set()
        for each in self.statements:
            found |= each.names.mutates | each.names.may_mutate
            found.update(*(known.mutates for known in each.names.definitions))
        return frozenset(found)

    def imports(self, name: str, user: str) -> frozenset[str] | None:
        """Return the imports that bind a name for a definition; None if anything else may."""
        found = self.settled(name, user)
        if not found or not all(
            isinstance(each.statement.node, IMPORTS) and each.statement.plain for each in found
        ):
            return None
        return frozenset(
            one_way(known)
            for each in found
            for known in each.statement.names.imports
            if known.name == name
        )

    def bound_once(self, name: str, user: str = "") -> bool:
        """Whether a name surely stands for one object, to the notebook's end.

        That is asked from its only binding on; for a definition, from its first use on.
        """
        found = self.settled(name, user) if user else self.bindings.get(name, ())
        return (
            len(found) == 1
            and name not in self.rebinds
            and not isinstance(found[0].statement.node, _LOOPS)
            and name not in found[0].statement.names.may_delete
        )


def read_namespace(path: str, cells: Sequence[CodeCell]) -> Namespace:
    """Gather what binds the names of a notebook.

    Parameters
    ----------
    path
        The notebook's path.
    cells
        Its code cells.
    """
    bindings: dict[str, list[Binding]] = defaultdict(list)
    position = 0
    for cell in cells:
        for statement in cell.statements or ():
            for name in _bound(statement):
                bindings[name].append(Binding(cell, statement, position))
            position += 1
    return Namespace(path, tuple(cells), dict(bindings))


def _bound(statement: Statement) -> Iterator[str]:
    names = statement.names
    yield from sorted(names.binds | names.deletes | names.may_delete)


def one_way(known: ImportBinding) -> str:
    """Return an import as text; of what is written in two ways, always the same one."""
    if known.attribute == "pyplot" and known.module == "matplotlib":
        return f"import matplotlib.pyplot as {known.name}"
    return known.statement
