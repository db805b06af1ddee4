"""What a cell uses and leaves behind, looked at by itself."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.flow.streams import stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.recipes import Recipe

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def mentions(facts: CellFacts) -> frozenset[str]:
    """Return the names that a cell's statements use, bodies of definitions left out."""
    used = facts.names.reads | facts.names.calls | facts.names.string_names
    for node in facts.tree.body:
        if not isinstance(node, _DEFINITIONS):
            used |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return used | {name for each in facts.names.definitions for name in each.eager}


def used_later(cells: Sequence[CellFacts]) -> list[frozenset[str]]:
    """Return for each cell the names that later cells may use, by themselves or in functions."""
    hidden: set[str] = set()
    for facts in cells:
        hidden |= {name for each in facts.names.definitions for name in each.reads | each.binds}
        hidden |= {name for names in facts.names.carries.values() for name in names}
    everything = {name for facts in cells for name in facts.names.binds}
    used: set[str] = hidden
    found = []
    for facts in reversed(cells):
        found.append(frozenset(used))
        used = used | mentions(facts) | facts.names.mutates | facts.names.may_mutate
        if facts.names.uses_all or facts.names.binds_unknown:
            used = used | everything
    return found[::-1]


def last_binders(facts: CellFacts) -> dict[str, tuple[int, int]]:
    """Return for each name where the last statement begins that may bind it: line and column."""
    last: dict[str, tuple[int, int]] = {}
    for node in facts.tree.body:
        bound: set[str] = set()
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, (ast.Store, ast.Del)):
                bound.add(each.id)
            elif isinstance(each, ast.alias):
                bound.add(each.asname or each.name.split(".")[0])
        if isinstance(node, _DEFINITIONS):
            bound = {node.name}
        last.update(dict.fromkeys(bound, (node.lineno, node.col_offset)))
    return last


def drawn(facts: CellFacts) -> frozenset[str]:
    """Return the random streams from which a cell draws."""
    if facts.record is not None:
        states = facts.record.random.items()
        return frozenset(stream(name) for name, use in states if use in {"draw", "both"})
    return frozenset(stream(each.target) for each in facts.effects if each.kind == "random-draw")


def observed(facts: CellFacts) -> frozenset[str]:
    """Return the names whose objects a run saw to change, rather than be bound anew."""
    return facts.record.changed - facts.record.bound if facts.record else frozenset()


def shows_picture(facts: CellFacts) -> bool:
    """Whether a cell showed a picture, or wrote a file that may be one; in doubt it did."""
    record = facts.record
    if record is None or record.files_written:
        return True
    kinds = (kind for each in record.outputs for kind in each.get("data", {}))
    return any(kind.startswith("image/") for kind in kinds)


def anonymous_reads(facts: CellFacts) -> frozenset[str]:
    """Return the names used in functions of a cell that no statement at its top defines."""
    found: set[str] = set()
    for node in facts.tree.body:
        inner = (ast.Lambda, *_DEFINITIONS)
        for each in ast.walk(node):
            if isinstance(each, inner) and each is not node:
                found |= {part.id for part in ast.walk(each) if isinstance(part, ast.Name)}
    return frozenset(found)


def compares_identity(facts: CellFacts) -> bool:
    """Whether a cell, or a function in it, asks whether two objects are the same."""
    for each in ast.walk(facts.tree):
        if isinstance(each, ast.Compare) and any(
            isinstance(op, (ast.Is, ast.IsNot)) for op in each.ops
        ):
            sides = [each.left, *each.comparators]
            if not any(isinstance(side, ast.Constant) for side in sides):
                return True
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "id":
            return True
    return False


def call_lines(facts: CellFacts, recipes: Iterable[Recipe]) -> list[int]:
    """Return the lines on which a cell calls something, other than in what later steps repeat."""
    plain = {line for each in recipes for line in range(each.line, each.end_line + 1)}
    calls = [each for each in ast.walk(facts.tree) if isinstance(each, ast.Call)]
    return [each.lineno for each in calls if each.lineno not in plain]
