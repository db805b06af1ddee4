"""Scripts with cells, in jupytext's percent format, read as notebooks."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from nbrefine.errors import NotebookError, Place
from nbrefine.files.paths import shown
from nbrefine.notebook.document import Cell, Notebook, read_text

if TYPE_CHECKING:
    from pathlib import Path

_MARKER = re.compile(r"# ?%%(?P<rest>.*)\Z")
_TAGS = re.compile(r"tags=(\[[^\]]*\])")
_KIND = re.compile(r"\[(markdown|md|raw)\]")
_KINDS = {"markdown": "markdown", "md": "markdown", "raw": "raw"}
_COMMENT = re.compile(r"\A# ?")
_MAGIC = re.compile(r"\A# (?=%%?[A-Za-z]|![^ ])")


def read_script(path: Path) -> Notebook:
    """Read a Python script whose cells begin with ``# %%``.

    Parameters
    ----------
    path
        The script.

    Returns
    -------
    Notebook
        Its cells, as jupytext would make them.

    Raises
    ------
    NotebookError
        If it cannot be read, or marks its cells in another way.
    """
    rows = read_text(path).split("\n")
    marks = [i for i, row in enumerate(rows) if _MARKER.match(row)]
    if not marks and any(row.strip() for row in rows):
        raise NotebookError(
            "The script has no cells that begin with '# %%'.",
            where=Place(shown(path)),
            hint=f"Convert it to jupytext's percent format: jupytext --to py:percent {shown(path)}",
        )
    cells = []
    before = _without_header(rows[: marks[0]] if marks else rows)
    if any(row.strip() for row in before):
        cells.append(Cell("code", _code(before)))
    for start, end in pairwise([*marks, len(rows)]):
        cells.append(_cell(rows[start], rows[start + 1 : end], len(cells)))
    return Notebook(path, tuple(cells))


def _cell(marker: str, body: list[str], index: int) -> Cell:
    match = _MARKER.match(marker)
    rest = match["rest"] if match else ""
    tags: object = []
    if found := _TAGS.search(rest):
        try:
            tags = ast.literal_eval(found[1])
        except (ValueError, SyntaxError):
            tags = []
    kind = _KIND.search(rest)
    return Cell(
        kind=_KINDS[kind[1]] if kind else "code",
        source=_prose(body) if kind else _code(body),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        index=index,
    )


def _code(rows: list[str]) -> str:
    """Return code; magics are comments in a script so that it stays valid Python."""
    return _trimmed([_MAGIC.sub("", row) for row in rows])


def _prose(rows: list[str]) -> str:
    """Return the text of comments, or of one string in triple quotes."""
    text = _trimmed(rows)
    for quotes in ('"""', "'''"):
        if text.startswith(quotes) and text.endswith(quotes) and len(text) >= 2 * len(quotes):
            return text.removeprefix(quotes).removesuffix(quotes).strip("\n")
    return _trimmed([_COMMENT.sub("", row) for row in rows])


def _without_header(rows: list[str]) -> list[str]:
    """Leave out the YAML header, which jupytext writes between two ``# ---``."""
    if rows and rows[0].rstrip() == "# ---" and "# ---" in (row.rstrip() for row in rows[1:]):
        end = next(i for i, row in enumerate(rows[1:], 1) if row.rstrip() == "# ---")
        return rows[end + 1 :]
    return rows


def _trimmed(rows: list[str]) -> str:
    return "\n".join(rows).strip("\n")
