"""Code without what does not matter to it: comments, blank lines, formatting.

Docstrings stay: code can read them. IPython's syntax stays as it is written.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# A line that IPython alone understands: a magic, the shell, help, or an assignment from one.
_LINE = re.compile(
    r"(?P<indent>\s*)(?:(?P<left>[\w.,\s\[\]'\"]+?=)\s*)?(?P<magic>[%!].*|[^#]*\?\s*)\Z"
)
# Cell magics that run their body as it is, in the notebook's own namespace.
_TRANSPARENT = frozenset({"time", "timeit", "capture", "prun"})
# Cell magics whose body is not Python.
_FOREIGN = frozenset(
    {
        *("bash", "sh", "script", "perl", "ruby", "html", "HTML", "javascript", "js", "latex"),
        *("markdown", "svg", "SVG", "writefile", "file", "cmd", "system", "sx", "!"),
    }
)
# Python's own stack carries a walk that is a few times as deep.
_DEEPEST = 150
MAGIC = "__magic__"
"""Stands for IPython in a tree: a call of it has the text of the line."""


@dataclass(frozen=True)
class Code:
    """A cell, or a whole file, as a tree.

    Parameters
    ----------
    tree
        What it says as Python; empty where it is not Python.
    text
        What is left of it that is not Python; else empty.
    foreign
        Whether `text` is of another language, which the notebook's own names do not reach.
    quiet
        Whether a semicolon at its end keeps its last value from being shown.
    """

    tree: ast.Module
    text: str = ""
    foreign: bool = False
    quiet: bool = False

    @property
    def empty(self) -> bool:
        """Whether it does nothing at all."""
        return not (self.tree.body or self.text)


def read_cell(source: str) -> Code:
    """Read a cell's source.

    Parameters
    ----------
    source
        Its text.

    Returns
    -------
    Code
        Magics in it are calls of `MAGIC` with their text.
    """
    if (tree := parse(source)) is not None:
        return Code(tree, quiet=_is_quiet(source))
    stripped = source.strip()
    if stripped.startswith("%%"):
        head, _, body = stripped.partition("\n")
        name = head[2:].split(" ", 1)[0]
        if name not in _TRANSPARENT:
            return Code(_NOTHING, stripped, foreign=name in _FOREIGN)
        inner = read_cell(body)
        return Code(inner.tree, f"{head}\n{inner.text}", inner.foreign and not inner.tree.body)
    tree = parse("\n".join(map(_without_magic, source.split("\n"))))
    return as_text(source) if tree is None else Code(tree, quiet=_is_quiet(source))


def as_text(source: str) -> Code:
    """Return a cell that is not understood: all of its text counts."""
    return Code(_NOTHING, source.strip())


_NOTHING = ast.Module(body=[], type_ignores=[])


def parse(source: str) -> ast.Module | None:
    """Return the tree of Python source; None if it is none, or too deep to be walked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the notebook's own run shows what the parser warns of
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    return tree if _depth(tree) <= _DEEPEST else None


def _depth(tree: ast.AST) -> int:
    """Return how many nodes lie within one another at most."""
    depth, level = 0, [tree]
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


def normal_form(node: ast.AST) -> str:
    """Return a text that is the same for code that differs in comments and formatting only."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant):
            each.kind = None  # u"..." is "..."
    return ast.dump(node)


def normal_cells(cells: Iterable[tuple[Code, Iterable[str]]]) -> list[list[object]]:
    """Return the normal form of a notebook's code cells.

    Parameters
    ----------
    cells
        Each cell, and those of its tags that matter to a run.

    Returns
    -------
    list
        What JSON can hold; cells that do nothing are left out.
    """
    return [
        [normal_form(code.tree), code.text, code.quiet, sorted(tags)]
        for code, tags in cells
        if not code.empty
    ]


def _without_magic(line: str) -> str:
    match = _LINE.match(line)
    if match is None:
        return line
    left = f"{match['left']} " if match["left"] else ""
    return f"{match['indent']}{left}{MAGIC}({match['magic'].strip()!r})"


def _is_quiet(source: str) -> bool:
    """Whether the last token is a semicolon, as IPython looks at it."""
    if ";" not in source:
        return False
    last = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.string.strip() and token.type != tokenize.COMMENT:
                last = token.string
    except (tokenize.TokenError, SyntaxError):
        return False
    return last == ";"
