"""What the global names of a step notebook stand for: imports, constants, variables."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from nbrefine.refine.extract.cells import DEFINITIONS, IMPORTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.refine.extract.cells import CodeCell, Statement

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_IMMUTABLE = (
    ast.Constant,
    ast.Tuple,
    ast.UnaryOp,
    ast.BinOp,
    ast.unaryop,
    ast.operator,
    ast.expr_context,
)
_CONTAINERS = (*_IMMUTABLE, ast.List, ast.Set, ast.Dict)


@dataclass(frozen=True)
class Binding:
    """A statement that binds a name."""

    cell: CodeCell
    statement: Statement


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

    def imports(self, name: str) -> frozenset[str] | None:
        """Return the imports that bind a name, one a line; None if anything else may bind it."""
        found = self.bindings.get(name, ())
        if not found or not all(
            isinstance(each.statement.node, IMPORTS) and each.statement.plain for each in found
        ):
            return None
        return frozenset(
            known.statement
            for each in found
            for known in each.statement.names.imports
            if known.name == name
        )

    def bound_once(self, name: str) -> bool:
        """Whether a name surely stands for one object, from its binding to the notebook's end."""
        found = self.bindings.get(name, ())
        return (
            len(found) == 1
            and name not in self.rebinds
            and not isinstance(found[0].statement.node, _LOOPS)
            and name not in found[0].statement.names.may_delete
        )

    def constant(self, name: str) -> Statement | None:
        """Return the statement that gives a name a value that never changes."""
        if not self.bound_once(name):
            return None
        cell, statement = self.bindings[name][0].cell, self.bindings[name][0].statement
        node = statement.node
        if cell.is_parameters or not statement.plain or not isinstance(node, ast.Assign):
            return None
        if len(node.targets) > 1 or not isinstance(node.targets[0], ast.Name):
            return None
        kinds = _IMMUTABLE if name in self.mutated else _CONTAINERS
        return statement if all(isinstance(each, kinds) for each in ast.walk(node.value)) else None


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
    for cell in cells:
        for statement in cell.statements or ():
            for name in _bound(statement):
                bindings[name].append(Binding(cell, statement))
    return Namespace(path, tuple(cells), dict(bindings))


def _bound(statement: Statement) -> Iterator[str]:
    names = statement.names
    yield from sorted(names.binds | names.deletes | names.may_delete)


def is_definition(statement: Statement) -> bool:
    """Whether a statement defines a function or a class."""
    return isinstance(statement.node, DEFINITIONS)
