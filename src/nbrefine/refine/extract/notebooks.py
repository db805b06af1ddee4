"""Step notebooks that import what they defined."""

from __future__ import annotations

import ast
import copy
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nbrefine.refine.extract.cached import binding_line, decorator_names
from nbrefine.refine.extract.cells import IMPORTS
from nbrefine.refine.extract.edits import CellEdit, Removal, edit_cell
from nbrefine.refine.extract.modules import PARTIAL
from nbrefine.refine.extract.rewrite import Changes, Position
from nbrefine.refine.write.imports import import_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.refine.extract.bindings import Namespace
    from nbrefine.refine.extract.cells import CodeCell, Statement
    from nbrefine.refine.extract.decide import Decision
    from nbrefine.refine.extract.definitions import Key
    from nbrefine.refine.extract.modules import Layout

# Ploomber runs a step in the project's root, JupyterLab in the notebook's folder.
_PATH = ["import sys", "", 'sys.path[:0] = ["src", "../src"]']
# For notebooks that list all their variables.
_UNSEEN_PATH = ['__import__("sys").path[:0] = ["src", "../src"]']


def rewrite_notebook(
    notebook: Mapping[str, Any], namespace: Namespace, decision: Decision, layout: Layout
) -> tuple[dict[str, Any], dict[int, int]]:
    """Take definitions out of a step notebook, and import them instead.

    Parameters
    ----------
    notebook
        As nbformat 4 has it; it is not changed.
    namespace
        What its names stand for.
    decision
        What moves, and which calls have to pass something on.
    layout
        Which modules have what moves.

    Returns
    -------
    notebook : dict of str to Any
        The author's cells import all that they defined, so that the notebook has its names as
        before; cells that refine added, only what is used.
    places : dict of int to int
        The index that each cell had, and the one that it has now.
    """
    return _Rewriting(namespace, decision, layout).run(notebook)


class _Rewriting:
    """One notebook's cells, each with what changes in it."""

    def __init__(self, namespace: Namespace, decision: Decision, layout: Layout) -> None:
        self.namespace, self.decision, self.layout = namespace, decision, layout
        self.gone: dict[int, tuple[Key, ...]] = {}
        for statement in namespace.statements:
            if keys := self._moves(statement):
                self.gone[id(statement)] = keys
        rest = [each for each in namespace.statements if id(each) not in self.gone]
        self.changed = {
            id(each): changes
            for position, each in enumerate(namespace.statements)
            if id(each) not in self.gone and (changes := self._changes(each, position))
        }
        self.used = {name for each in rest for name in _mentions(each)}
        self.bound = {
            key for keys in self.gone.values() for key in keys if key[1] and decision.is_bound(key)
        }
        for key in self.bound:
            self.used |= decorator_names(decision.moving[key])
        if namespace.is_open:
            self.used |= namespace.bindings.keys()

    def run(self, notebook: Mapping[str, Any]) -> tuple[dict[str, Any], dict[int, int]]:
        """Return the notebook as it is without what moves, and where its cells are."""
        top = {
            key
            for cell in self.namespace.cells
            if cell.is_added
            for key in self._defined(cell)
            if key[0] in self.used
        }
        lines = self._lines(top)
        if self.bound or any(each.passed for each in self.changed.values()):
            lines = [PARTIAL, *lines]
        home = next((cell for cell in self.namespace.cells if cell.role == "imports"), None)
        cells: list[dict[str, Any]] = copy.deepcopy(list(notebook["cells"]))
        for cell in self.namespace.cells:
            if edit := self._edit(cell, lines if cell is home else []):
                text = edit_cell(cell, edit)
                cells[cell.index]["source"] = text.splitlines(keepends=True)
        added = [] if home or not lines else [_added("imports", lines, cells)]
        if (self.gone or self.namespace.loads_objects) and not self._has_path():
            added = [_added("path", self._path(), cells), *added]
        start = self._start()
        emptied = {
            cell.index
            for cell in self.namespace.cells
            if cell.role and not "".join(cells[cell.index]["source"]).strip()
        }
        kept = [index for index in range(len(cells)) if index not in emptied or index < start]
        shift = {
            index: number + (number >= start) * len(added) for number, index in enumerate(kept)
        }
        left = [cells[index] for index in kept]
        return {**notebook, "cells": [*left[:start], *added, *left[start:]]}, shift

    def _moves(self, statement: Statement) -> tuple[Key, ...]:
        """Return what a statement binds, name and text, if that is in a module now."""
        key = str(getattr(statement.node, "name", "")), statement.text
        if key in self.decision.moving:
            return (key,)
        bound = statement.names.binds
        is_constant = bound and bound <= self.decision.constants.keys()
        return tuple((name, "") for name in sorted(bound)) if is_constant else ()

    def _changes(self, statement: Statement, position: int) -> Changes:
        """Say which calls in a statement pass something on that was looked up before."""
        calls: dict[Position, tuple[str, ...]] = {}
        passed: dict[Position, tuple[str, ...]] = {}
        assigned: dict[Position, tuple[str, ...]] = {}
        for use in statement.references:
            # Inside of a function the name is looked up later; then there is but one version.
            when = len(self.namespace.statements) if use.depth else position
            key = use.name, self.namespace.version_at(use.name, when)
            arguments = self.decision.given(key, use)
            place = use.line - statement.group[0] + 1, use.column
            if arguments and use.how in {"call", "used", "passed"}:
                (calls if use.how == "call" else passed)[place] = arguments
            if key in self.decision.moving and (names := self.decision.moving[key].returns):
                assigned[place] = names
        return Changes(calls, passed, assigned=assigned)

    def _defined(self, cell: CodeCell) -> set[Key]:
        return {key for each in cell.statements or () for key in self.gone.get(id(each), ())}

    def _edit(self, cell: CodeCell, lines: list[str]) -> CellEdit:
        """Say what changes in a cell; some lines go to its imports."""
        in_place: frozenset[str] = frozenset()
        if not cell.is_added:
            in_place = self.decision.in_place.get(self.namespace.path, frozenset())
            in_place |= {name for name, _ in self.bound}
            lines = self._lines(key for key in self._defined(cell) if key[0] not in in_place)
        removals, changes = [], []
        for statement in cell.statements or ():
            if keys := self.gone.get(id(statement)):
                instead = self._lines(key for key in keys if key[0] in in_place)
                instead += [
                    binding_line(self.decision.moving[key], self.decision.arguments[key])
                    for key in keys
                    if key in self.bound
                ]
                removals.append(Removal(statement, tuple(instead)))
            elif (cell.role == "imports" and self._is_unneeded(statement)) or (
                cell.role == "definitions" and self._is_repeated(statement)
            ):
                removals.append(Removal(statement))
            elif found := self.changed.get(id(statement)):
                changes.append((statement, found))
        return CellEdit(tuple(removals), tuple(changes), tuple(lines))

    def _is_unneeded(self, statement: Statement) -> bool:
        """Whether an import is there for nothing but the definitions that have moved."""
        return statement.names.binds <= self._needed - self.used and isinstance(
            statement.node, IMPORTS
        )

    def _is_repeated(self, statement: Statement) -> bool:
        """Whether the author imports the same further down, before anything needs it."""
        if not isinstance(statement.node, IMPORTS):
            return False
        statements = self.namespace.statements
        for each in statements[statements.index(statement) + 1 :]:
            if id(each) in self.gone:
                continue
            if ast.dump(each.node) == ast.dump(statement.node):
                return True
            if statement.names.binds & _mentions(each):
                return False
        return False

    @cached_property
    def _needed(self) -> set[str]:
        gone = (each for each in self.namespace.statements if id(each) in self.gone)
        return {name for each in gone for name in _mentions(each)}

    def _lines(self, keys: Iterable[Key]) -> list[str]:
        """Return the lines that import things from where they are now."""
        modules: dict[str, set[str]] = defaultdict(set)
        for key in keys:
            module = self.layout.definitions.get(key) or self.layout.constants[key[0]]
            modules[module].add(key[0])
        package = self.layout.package
        return [
            line
            for module in sorted(modules)
            for line in import_lines(f"{package}.{module}", modules[module])
        ]

    def _has_path(self) -> bool:
        """Whether the notebook finds the package already."""
        return any(cell.role == "path" for cell in self.namespace.cells) or any(
            each.module.partition(".")[0] == self.layout.package
            for statement in self.namespace.statements
            for each in statement.names.imports
        )

    def _path(self) -> list[str]:
        lists_all = any(cell.role == "arguments" for cell in self.namespace.cells)
        return _UNSEEN_PATH if lists_all else _PATH

    def _start(self) -> int:
        """Return the place behind the parameters."""
        found = [
            cell.index
            for cell in self.namespace.cells
            if cell.is_parameters or cell.role in {"parameters", "arguments"}
        ]
        return max(found, default=-1) + 1


def _mentions(statement: Statement) -> set[str]:
    """Return the names that a statement may look up, in texts too."""
    names = {each.name for each in statement.references if each.how != "bind"}
    names |= statement.names.string_names | statement.names.reads
    return names.union(*(each.reads for each in statement.names.definitions))


def _added(role: str, lines: list[str], cells: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a cell that refine adds; its name is like those of the others."""
    names = (str(cell["id"]).rpartition("-")[0] for cell in cells if "id" in cell)
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"{next(filter(None, names), 'cell')[:50]}-{role}",
        "metadata": {"nbrefine": {"role": role}},
        "outputs": [],
        "source": "\n".join(lines).splitlines(keepends=True),
    }
