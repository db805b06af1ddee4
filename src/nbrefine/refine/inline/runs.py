"""Runs of statements that turn one frame into one frame."""

from __future__ import annotations

import ast
import builtins
import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbrefine.refine.inline.frames import shape_of
from nbrefine.refine.inline.links import Link, link
from nbrefine.refine.inline.loops import loop_variable
from nbrefine.transforms import Kind, classify

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from nbrefine.analysis.cell_names import Definition
    from nbrefine.refine.extract.cells import CodeCell, Statement
    from nbrefine.transforms.model import Classification

__all__ = ["Run", "Surroundings", "find_runs"]

# They put rows in order, or show them in another way.
_PLAIN = frozenset({"copy", "reset_index", "set_index", "sort_values", "sort_index", "round"})


@dataclass(frozen=True)
class Surroundings:
    """What the notebooks define around the statements.

    Attributes
    ----------
    functions : mapping of str to tuple of Definition
        Functions, classes and named lambdas; several where a name is defined again.
    sources : str
        The functions' code, for the classification.
    imported : frozenset of str
        Names of modules, and of what is taken from them.
    constants : mapping of str to object
        Names that are bound once, to a number, a text or a list of them.
    bound : frozenset of str
        All names that the notebooks bind.
    loose : frozenset of str
        Variables of loops that nothing reads but the loops.
    """

    functions: Mapping[str, tuple[Definition, ...]]
    sources: str
    imported: frozenset[str]
    constants: Mapping[str, object]
    bound: frozenset[str]
    loose: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Run:
    """Statements that follow each other in a cell, of one kind.

    Attributes
    ----------
    cell : CodeCell
        Where they are.
    statements : tuple of Statement
        One or more.
    takes, gives : str
        Names of the frame that goes in, and of the frame that comes out.
    arguments : tuple of str
        What else they read.
    kind : Classification
        What they may be used for; its line is that of the cell.
    """

    cell: CodeCell
    statements: tuple[Statement, ...]
    takes: str
    gives: str
    arguments: tuple[str, ...]
    kind: Classification


def find_runs(
    cells: Sequence[CodeCell], around: Surroundings, frames: Collection[str]
) -> list[Run]:
    """Find the runs of a step notebook.

    Parameters
    ----------
    cells
        Its code cells.
    around
        What the notebooks define.
    frames
        Names that are known to hold frames whenever they are bound.
    """
    found: list[Run] = []
    held = set(frames)
    for cell in cells:
        linked: list[tuple[Statement, Link | None]] = []
        for statement in cell.statements or ():
            linked.append((statement, link(statement.node, held)))
            _follow(statement, held, frames)
        if cell.role or cell.is_parameters or cell.statements is None:
            continue
        for group in _groups(linked, around):
            found.extend(_of_one_kind(cell, group, around))
    return found


def _follow(statement: Statement, held: set[str], frames: Collection[str]) -> None:
    """Keep up which names hold frames."""
    node = statement.node
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Name):
            shape = shape_of(node.value, held)
            if shape == "frame" or (not shape and target.id in frames):
                held.add(target.id)
            else:
                held.discard(target.id)
            return
    for name in statement.names.kills - set(frames):
        held.discard(name)


def _groups(
    linked: Sequence[tuple[Statement, Link | None]], around: Surroundings
) -> Iterator[list[tuple[Statement, Link]]]:
    """Return statements next to each other that pass one frame on."""
    group: list[tuple[Statement, Link]] = []
    for statement, found in linked:
        if found is None or not _may_move(statement, found, around):
            if group:
                yield group
            group = []
            continue
        if group and not (found.takes == found.gives == group[-1][1].gives):
            yield group
            group = []
        group.append((statement, found))
    if group:
        yield group


def _may_move(statement: Statement, found: Link, around: Surroundings) -> bool:
    """Return whether a statement means the same in a function."""
    names = statement.names
    alone = statement.plain and statement.alone
    if not alone or names.uses_all or names.binds_unknown or names.history:
        return False
    own_loop = {loop_variable(statement.node)} & around.loose
    if (
        names.binds - {found.gives} - own_loop
        or names.deletes
        or names.definitions
        or names.imports
    ):
        return False
    if any(_spans_lines(each) for each in ast.walk(statement.node)):
        return False
    mentioned = _mentioned(statement) & around.functions.keys()
    called = [each for name in mentioned for each in around.functions[name]]
    own = {found.takes, found.gives}
    return not any(each.binds or each.mutates or each.reads & own for each in called)


def _spans_lines(node: ast.AST) -> bool:
    """Return whether a text would be changed by moving its lines to the right."""
    texts = isinstance(node, (ast.Constant, ast.JoinedStr))
    return texts and getattr(node, "end_lineno", 0) != getattr(node, "lineno", 0)


def _mentioned(statement: Statement) -> set[str]:
    return {each.id for each in ast.walk(statement.node) if isinstance(each, ast.Name)}


def _of_one_kind(
    cell: CodeCell, group: list[tuple[Statement, Link]], around: Surroundings
) -> Iterator[Run]:
    """Part statements where their kind changes; what is not understood stays."""
    part: list[tuple[Statement, Link]] = []
    kind: Kind | None = None
    for statement, found in group:
        now = _classified(cell, [statement], found, around).kind
        if part and now != kind:
            yield from _run(cell, part, around)
            part = []
        kind = now
        part.append((statement, found))
    yield from _run(cell, part, around)


def _run(
    cell: CodeCell, part: Sequence[tuple[Statement, Link]], around: Surroundings
) -> Iterator[Run]:
    statements = tuple(statement for statement, _ in part)
    whole = Link(part[0][1].takes, part[-1][1].gives)
    kind = _classified(cell, statements, whole, around)
    if kind.kind == Kind.UNKNOWN or all(_is_plain(each.node) for each in statements):
        return
    arguments = _arguments(statements, whole, around)
    yield Run(cell, statements, whole.takes, whole.gives, arguments, kind)


def _is_plain(node: ast.stmt) -> bool:
    """Whether a statement says as it is what a function's name would: ``df = df.reset_index()``."""
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    if isinstance(target, ast.Attribute) and target.attr == "index":
        return True
    value = node.value if isinstance(node, (ast.Assign, ast.Expr)) else None
    method = value.func if isinstance(value, ast.Call) else None
    if not isinstance(method, ast.Attribute) or not isinstance(method.value, ast.Name):
        return False
    return method.attr in _PLAIN


def _classified(
    cell: CodeCell, statements: Sequence[Statement], whole: Link, around: Surroundings
) -> Classification:
    """Classify statements as a function of their frame; the line is that of the cell."""
    first, last = statements[0].first, statements[-1].last
    body = textwrap.indent("\n".join(cell.lines[first - 1 : last]), "    ")
    before = f"{around.sources}\ndef transform({whole.takes}):"
    said = classify(f"{before}\n{body}\n    return {whole.gives}\n", around.constants)
    line = said.line - len(before.split("\n")) if said.line is not None else 0
    return replace(said, line=first + line - 1 if line > 0 else None)


def _arguments(
    statements: Sequence[Statement], whole: Link, around: Surroundings
) -> tuple[str, ...]:
    """Return what statements read beside their frame: the notebook's variables, in their order."""
    read: dict[str, None] = {}
    for statement in statements:
        known = statement.names.reads | (statement.names.string_names & around.bound)
        names = [each for each in ast.walk(statement.node) if isinstance(each, ast.Name)]
        names.sort(key=lambda each: (each.lineno, each.col_offset))
        order = [each.id for each in names]
        read |= dict.fromkeys(name for name in [*order, *sorted(known)] if name in known)
    defined = {
        name
        for name, each in around.functions.items()
        if all(definition.kind != "lambda" for definition in each)
    }
    own = {whole.takes, whole.gives, *defined, *around.imported}
    return tuple(
        name
        for name in read
        if name not in own and (name in around.bound or not hasattr(builtins, name))
    )
