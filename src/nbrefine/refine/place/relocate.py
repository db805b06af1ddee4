"""Paths that lead out of the notebook's folder, as they read from the project's root."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.analysis.literals import Places
from nbrefine.notebook.text_edits import Edit, apply_edits
from nbrefine.refine.flow.facts import gather_anew

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from nbrefine.notebook.document import Notebook
    from nbrefine.refine.flow.facts import CellFacts

_LONGEST = 400
_OPENING = re.compile(r"[a-zA-Z]{0,2}('''|\"\"\"|'|\")")
_CLIMB = re.compile(r"(?:\./)?(?:\.\.(?:/|\Z))+")
_OPEN_END = re.compile(r"[*?\[]")
# Calls for which a text is no path, whatever it looks like.
_OF_TEXTS = frozenset(
    {
        *("print", "display", "split", "rsplit", "replace", "strip", "lstrip", "rstrip", "count"),
        *("startswith", "endswith", "find", "index", "partition", "rpartition", "removeprefix"),
        *("title", "set_title", "suptitle", "xlabel", "ylabel", "format", "warn", "info", "debug"),
    }
)


@dataclass(frozen=True)
class Relocation:
    """A notebook whose paths read from the project's root.

    Parameters
    ----------
    notebook
        What lies below the notebook's own folder is named by the same path as before.
    cells
        What is known of its cells; the files are those that the original reads.
    paths
        Beginnings of paths that have changed, the new and the old one; the longest new one first.
    """

    notebook: Notebook
    cells: tuple[CellFacts, ...]
    paths: tuple[tuple[str, str], ...] = ()


def relocate(
    notebook: Notebook, cells: Sequence[CellFacts], root: Path, modules: Collection[Path] = ()
) -> Relocation:
    """Let the texts that lead to files elsewhere do so from the project's root.

    Parameters
    ----------
    notebook
        The notebook.
    cells
        What is known of its code cells. A text counts if it, or the folder that it begins with,
        holds a file that was read or written.
    root
        The project's root, which steps run in.
    modules
        Modules of the user's own; their folders count too.

    Returns
    -------
    Relocation
        The very same notebook where no path leads out of its folder.
    """
    folder = notebook.path.resolve().parent
    read = set(modules)
    for facts in cells:
        read |= {Path(path) for path in (*facts.files.read, *facts.files.written)}
    places = _Places(folder, root.resolve(), frozenset(read))
    edits = {facts.cell.index: _edits(facts, places) for facts in cells}
    paths = {(new, old) for found in edits.values() for _, old, new in found}
    if not paths:
        return Relocation(notebook, tuple(cells))
    changed = tuple(
        replace(cell, source=apply_edits(cell.source, [each for each, *_ in edits[cell.index]]))
        if cell.index in edits
        else cell
        for cell in notebook.cells
    )
    notebook = replace(notebook, cells=changed)
    ordered = sorted(paths, key=lambda pair: (-len(pair[0]), pair))
    return Relocation(notebook, gather_anew(notebook, cells), tuple(ordered))


@dataclass(frozen=True)
class _Places:
    """Where the notebook and the project lie, and what was read."""

    folder: Path
    root: Path
    read: frozenset[Path]

    def beginning(self, text: str, *, is_open: bool) -> tuple[str, str] | None:
        """Return the beginning of a path that changes, and what it becomes; None if none does.

        Parameters
        ----------
        text
            A text that may be a path.
        is_open
            Whether more follows, as in ``"../data/" + name``.
        """
        if not text or len(text) > _LONGEST or "\n" in text:
            return None
        climb = _CLIMB.match(text)
        if climb is None and not Path(text).is_absolute():
            return None
        wild = _OPEN_END.search(text)
        known = text[: wild.start()] if wild else text
        is_open = is_open or wild is not None
        if not self._leads_to_read(known, is_open=is_open):
            return None
        if climb is not None:
            begin = climb[0].rstrip("/")
            return begin, self._from_root(self.folder / begin)
        begin = (known.rpartition("/")[0] if is_open else known) or "/"
        # What shares no folder with the project moves with neither: `/kaggle/input`.
        apart = os.path.commonpath([begin, self.root]) == Path(begin).anchor
        return None if apart else (begin, self._from_root(Path(begin)))

    def _leads_to_read(self, known: str, *, is_open: bool) -> bool:
        """Whether a text, or the folder that it begins with, holds a file that was read."""
        whole = Path(os.path.normpath(self.folder / known))
        # A bare `".."` is a path where something is read from there, and data else.
        bare = {*known.split("/")} <= {"..", ""}
        if any(
            path.is_relative_to(whole) and not (bare and path.is_relative_to(self.folder))
            for path in self.read
        ):
            return True
        begin = known.rpartition("/")[0]
        named = begin.removeprefix("./").replace("..", "").strip("/")
        if not begin or not (is_open or named):
            return False
        start = Path(os.path.normpath(self.folder / begin))
        return any(path.is_relative_to(start) for path in self.read)

    def _from_root(self, path: Path) -> str:
        path = Path(os.path.normpath(path))
        if path != self.folder and path.is_relative_to(self.folder):
            return path.relative_to(self.folder).as_posix()
        return Path(os.path.relpath(path, self.root)).as_posix()


def _edits(facts: CellFacts, places: _Places) -> list[tuple[Edit, str, str]]:
    """Return what changes in a cell's text, each with the old beginning of a path and the new."""
    spans = Places(facts.python)
    lines = facts.cell.source.split("\n")
    edits: list[tuple[Edit, str, str]] = []
    for node, text, is_open in _texts(facts.tree):
        found = places.beginning(text, is_open=is_open)
        span = spans.span(node)
        if found is None or span is None:
            continue
        line, column, *_ = span
        opening = _OPENING.match(lines[line - 1], column)
        if opening is not None and lines[line - 1].startswith(found[0], opening.end()):
            start = opening.end()
            edits.append((Edit(line, start, line, start + len(found[0]), found[1]), *found))
    return edits


def _texts(tree: ast.Module) -> Iterator[tuple[ast.expr, str, bool]]:
    """Yield the literals that may be paths, their texts, and whether more follows on them."""
    other = {id(node) for node in _no_paths(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            other |= {id(part) for part in node.values}
            first = node.values[0] if node.values else None
            if isinstance(first, ast.Constant) and id(node) not in other:
                yield node, str(first.value), len(node.values) > 1
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left = node.left
            if isinstance(left, ast.Constant) and isinstance(left.value, str):
                other.add(id(left))
                if id(node) not in other:
                    yield left, left.value, True
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in other
        ):
            yield node, node.value, False


def _no_paths(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield expressions that stand where a path would make no sense."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in _OF_TEXTS:
                yield from node.args
        elif isinstance(node, (ast.Attribute, ast.Expr)):
            yield node.value
        elif isinstance(node, ast.Compare):
            yield from (node.left, *node.comparators)
        elif isinstance(node, ast.Subscript):
            yield node.slice
