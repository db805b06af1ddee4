"""A step notebook's code cells as statements that can be taken out one by one."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbrefine.analysis.scopes import CellNames, analyse_statement
from nbrefine.notebook.syntax import to_python
from nbrefine.refine.extract.references import find_references
from nbrefine.refine.flow.recipes import first_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.refine.extract.references import Reference

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a cell.

    Parameters
    ----------
    node
        As parsed; its lines count from the cell's first.
    first, last
        Its lines in the cell, from 1, decorators included.
    group
        These, with the lines of all statements that share some of them: ``a = 1; b = 2``.
    text
        Its lines as they are written; of shared lines, what is its own.
    plain
        Whether its lines are Python, without any of IPython's own syntax.
    alone
        Whether no other statement shares them.
    place
        Where it begins in its group: line from 1, column in characters from 0.
    names
        How it uses global names.
    references
        Where it does; their lines count from the cell's first.
    """

    node: ast.stmt
    first: int
    last: int
    group: tuple[int, int]
    text: str
    plain: bool
    alone: bool
    place: tuple[int, int]
    names: CellNames
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class CodeCell:
    """A code cell of a step notebook.

    Parameters
    ----------
    notebook, index
        The notebook's path, and the cell's index among all cells of it.
    origin
        Which of the original's cells it is; None if it is none of them.
    role
        What refine added it for; empty otherwise.
    is_parameters
        Whether Ploomber sets what it binds.
    lines
        Its text.
    statements
        In order; None if the cell is no Python that can be understood.
    """

    notebook: str
    index: int
    origin: int | None
    role: str
    is_parameters: bool
    lines: tuple[str, ...]
    statements: tuple[Statement, ...] | None

    @property
    def is_added(self) -> bool:
        """Whether refine added it; otherwise it is the author's."""
        return bool(self.role) or (self.is_parameters and self.origin is None)

    @property
    def place(self) -> int:
        """Which cell it is, from 0: of the refined notebook, else of the step."""
        return self.index if self.origin is None else self.origin


def read_cells(path: str, notebook: Mapping[str, Any]) -> tuple[CodeCell, ...]:
    """Read the code cells of a step notebook.

    Parameters
    ----------
    path
        Its path, relative to the project's root.
    notebook
        As nbformat 4 has it.
    """
    return tuple(
        _read(path, index, cell)
        for index, cell in enumerate(notebook["cells"])
        if cell.get("cell_type") == "code"
    )


def source_of(cell: Mapping[str, Any]) -> str:
    """Return a cell's text."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _read(path: str, index: int, cell: Mapping[str, Any]) -> CodeCell:
    source = source_of(cell)
    metadata = cell.get("metadata", {})
    ours = metadata.get("nbrefine")
    ours = ours if isinstance(ours, dict) else {}
    return CodeCell(
        path,
        index,
        ours.get("origin"),
        ours.get("role", ""),
        "parameters" in metadata.get("tags", ()),
        tuple(source.split("\n")),
        _understood(source),
    )


def _understood(source: str) -> tuple[Statement, ...] | None:
    try:
        return _statements(source)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _statements(source: str) -> tuple[Statement, ...] | None:
    python = to_python(source)
    if python.error:
        return None
    body = ast.parse(python.code).body
    written, translated = source.split("\n"), python.code.split("\n")
    spans = [(first_line(node), node.end_lineno or node.lineno) for node in body]
    groups = _groups(spans)
    found = []
    for node, (first, last), group in zip(body, spans, groups, strict=True):
        lines = slice(group[0] - 1, group[1])
        alone = groups.count(group) == 1
        # What is translated loses the blanks of empty lines in strings, too.
        plain = [*map(str.rstrip, written[lines])] == [*map(str.rstrip, translated[lines])]
        own = None if alone else ast.get_source_segment(python.code, node)
        text = "\n".join(written[first - 1 : last]) if own is None else own
        line = translated[node.lineno - 1].encode()
        place = node.lineno - group[0] + 1, len(line[: node.col_offset].decode(errors="ignore"))
        names, references = analyse_statement(node), find_references(node, python.code)
        found.append(
            Statement(node, first, last, group, text, plain, alone, place, names, references)
        )
    return tuple(found)


def _groups(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return for each statement the lines that it shares with others, all together."""
    found: list[tuple[int, int]] = []
    for first, last in spans:
        if found and first <= found[-1][1]:
            group = found[-1][0], max(last, found[-1][1])
            found = [group if each == found[-1] else each for each in found]
            found.append(group)
        else:
            found.append((first, last))
    return found
