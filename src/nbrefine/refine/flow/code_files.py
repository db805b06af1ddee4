"""The files that a notebook's code names, for where no run has shown which it reads and writes."""

from __future__ import annotations

import ast
import glob
import os
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from nbrefine.analysis.effects import Effect
    from nbrefine.notebook.syntax import PythonCell

SOMEWHERE = "?"
"""Stands for a file whose name the code does not spell out."""

# Such a statement, alone on its line.
_MAKES_FOLDER = re.compile(r".*\b(?:makedirs|mkdir)\(.*")
_OPENS = re.compile(r"(?:\A|\.)open\Z")
_WORD = re.compile(r"\w")
_ADDRESS = re.compile(r"\w{2,}://")
_LONGEST = 400
_MOST = 1000
# What a cell of the shell or of another language does to files cannot be told from its text.
_OPAQUE_MAGICS = frozenset({"bash", "sh", "script", "system", "perl", "ruby", "js", "R"})


@dataclass(frozen=True)
class FileUse:
    """The files that a cell reads and writes.

    Parameters
    ----------
    read, written
        Absolute paths; from the code alone `SOMEWHERE` may be among them.
    """

    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


class CodeFiles:
    """Follows the texts that a notebook's names stand for, cell by cell.

    Parameters
    ----------
    folder
        The notebook's own folder, absolute: relative paths start there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[str, str] = {}
        self._handles: set[str] = set()
        self._written: set[str] = set()

    def of_cell(self, python: PythonCell, tree: ast.Module, effects: Iterable[Effect]) -> FileUse:
        """Return what a cell reads and writes, as far as its code tells.

        Parameters
        ----------
        python, tree
            The cell's code, and its syntax tree.
        effects
            What it does beyond its names.

        Returns
        -------
        FileUse
            A text that names a file which is there counts as read, unless what the text is given
            to writes.
        """
        bound = _bound(tree)
        self._texts = _texts_after(tree, self._texts, bound)
        self._handles = (self._handles - bound.keys()) | _handles(tree)
        written: dict[str, None] = {}
        read: dict[str, None] = {}
        for effect in effects:
            if _MAKES_FOLDER.fullmatch(effect.source):
                self._written.update(self._named(effect))
            elif effect.kind in {"file-read", "file-write"} and not effect.names & self._handles:
                named = self._paths(effect)
                paths = dict.fromkeys(path if "*" not in path else SOMEWHERE for path in named)
                paths = paths or {SOMEWHERE: None}
                (written if effect.kind == "file-write" else read).update(paths)
        if any(each.kind == "shell" or each.name in _OPAQUE_MAGICS for each in python.magics):
            read[SOMEWHERE] = written[SOMEWHERE] = None
        self._written.update(written)
        read.update(dict.fromkeys(self._existing(tree)))
        return FileUse(_without_folders(read), _without_folders(written))

    def _paths(self, effect: Effect) -> list[str]:
        """Return the paths that an effect's statement spells out."""
        if _is_path(effect.target, effect.source):
            return [self._absolute(effect.target)]
        found = self._named(effect)
        return [path for path in found if _looks_like_file(path) or os.path.isdir(path)]  # noqa: PTH112

    def _named(self, effect: Effect) -> list[str]:
        """Return the texts of an effect's statement, as paths; of a magic there are none."""
        try:
            statement = ast.parse(effect.source)
        except SyntaxError:
            return []
        return [self._absolute(text) for text in self._texts_in(statement)]

    def _existing(self, tree: ast.Module) -> Iterator[str]:
        """Yield the files that are there and that the code names in any way, written ones aside."""
        named = map(self._absolute, self._texts_in(tree))
        # A folder that the notebook lies in is named in passing, as in `"..".join(parts)`.
        below = [path for path in named if not self._folder.is_relative_to(path)]
        written = tuple(f"{path}/" for path in self._written)
        for path in (match for name in below for match in _matching(name)):
            if not f"{path}/".startswith(written):
                yield path

    def _texts_in(self, tree: ast.Module) -> list[str]:
        """Return the texts that a piece of code spells out or puts together, the longest only."""
        found: dict[str, None] = {}
        todo: list[ast.AST] = [tree]
        while todo:
            node = todo.pop()
            text = _text(node, self._texts) if isinstance(node, ast.expr) else None
            if text is None:
                todo += ast.iter_child_nodes(node)
            elif _WORD.search(text) and len(text) <= _LONGEST and "\n" not in text:
                found[text] = None
        return sorted(found)

    def _absolute(self, text: str) -> str:
        return os.path.normpath(self._folder / text)


def name_files(uses: Sequence[FileUse]) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Return what cells read and write as the flow names it: ``<file:/home/ann/data.csv>``.

    Parameters
    ----------
    uses
        Of all cells, in their order.

    Returns
    -------
    list of pairs of frozenset of str
        A file that the code does not spell out may be any that was written before.
    """
    found = []
    before: set[str] = set()
    for use in uses:
        read, written = set(use.read), set(use.written)
        if SOMEWHERE in read:
            read |= before
        if SOMEWHERE in before and read:
            read.add(SOMEWHERE)
        before |= written
        found.append((_names(read), _names(written)))
    return found


def _names(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(f"<file:{path}>" for path in paths)


def _bound(tree: ast.Module) -> Counter[str]:
    """Count how often a cell binds each name."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return Counter(node.id for node in nodes if not isinstance(node.ctx, ast.Load))


def _texts_after(
    tree: ast.Module, before: Mapping[str, str], bound: Mapping[str, int]
) -> dict[str, str]:
    """Return the names that stand for a text after a cell, spelt out or put together."""
    found = {name: text for name, text in before.items() if name not in bound}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            text = _text(node.value, {**before, **found})
            for target in node.targets:
                # A name that is bound in two ways may stand for either.
                if isinstance(target, ast.Name) and bound[target.id] == 1 and text is not None:
                    found[target.id] = text
    return found


def _handles(tree: ast.Module) -> set[str]:
    """Return the names that a cell gives to open files: what is done with these is done already."""
    pairs: list[tuple[ast.expr, ast.expr | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.withitem):
            pairs.append((node.context_expr, node.optional_vars))
        elif isinstance(node, ast.Assign):
            pairs += [(node.value, target) for target in node.targets]
    return {
        target.id
        for value, target in pairs
        if isinstance(target, ast.Name)
        and isinstance(value, ast.Call)
        and _OPENS.search(ast.unparse(value.func))
    }


def _text(node: ast.expr, known: Mapping[str, str]) -> str | None:
    """Return the text that an expression surely is; None if that cannot be told."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name):
        return known.get(node.id)
    parts: list[ast.expr] = []
    joint = ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)):
        parts, joint = [node.left, node.right], "/" if isinstance(node.op, ast.Div) else ""
    elif isinstance(node, ast.JoinedStr):
        parts = [
            each.value if isinstance(each, ast.FormattedValue) else each for each in node.values
        ]
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("Path", "path.join")):
        parts, joint = node.args, "/"
    texts = [_text(part, known) for part in parts]
    return joint.join(filter(None, texts)) if parts and None not in texts else None


def _without_folders(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if not os.path.isdir(path))  # noqa: PTH112


def _matching(path: str) -> list[str]:
    """Return the files that a path stands for: itself, those in a folder, those of a pattern."""
    folder = os.path.isdir(path)  # noqa: PTH112  (texts of any kind)
    pattern = f"{glob.escape(path)}/*" if folder else path
    found = glob.glob(pattern) if folder or "*" in path else [path]  # noqa: PTH207
    return sorted(each for each in found if os.path.isfile(each))[:_MOST]  # noqa: PTH113


def _is_path(target: str, source: str) -> bool:
    """Whether an effect's target is the path that its statement spells out."""
    return _looks_like_file(target) and (f"'{target}'" in source or f'"{target}"' in source)


def _looks_like_file(text: str) -> bool:
    name = text.replace("\\", "/").rpartition("/")[2]
    short = 0 < len(text) <= _LONGEST and "\n" not in text
    return short and not _ADDRESS.match(text) and bool(re.search(r"\w\.\w{1,8}\Z", name))
