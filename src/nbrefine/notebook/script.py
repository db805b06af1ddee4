"""Scripts with cells, in jupytext's percent format, read as notebooks."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbrefine.errors import NotebookError, Place
from nbrefine.files.paths import shown
from nbrefine.notebook.document import Cell, Notebook, read_text

if TYPE_CHECKING:
    from pathlib import Path

_MARKER = re.compile(r"# ?%%(?P<rest>.*)\Z")
_LIGHT = re.compile(r"^# \+", re.MULTILINE)
_TAGS = re.compile(r"tags=(\[[^\]]*\])")
_KIND = re.compile(r"\[(markdown|md|raw)\]")


def read_script(path: Path) -> Notebook:
    """Read a Python script whose cells begin with ``# %%``.

    Parameters
    ----------
    path
        The script.

    Returns
    -------
    Notebook
        Its cells. Comments of markdown cells are kept as they are.

    Raises
    ------
    NotebookError
        If it cannot be read, or marks its cells in another way.
    """
    text = read_text(path)
    rows = text.splitlines()
    marks = [i for i, row in enumerate(rows) if _MARKER.match(row)]
    if not marks and _LIGHT.search(text):
        raise NotebookError(
            "The script marks its cells with '# +', but '# %%' is expected.",
            where=Place(shown(path)),
            hint=f"Convert it: jupytext --update-metadata '{{}}' --to py:percent {shown(path)}",
        )
    cells = []
    before = _without_header(rows[: marks[0]] if marks else rows)
    if any(row.strip() for row in before):
        cells.append(Cell("code", _trimmed(before)))
    for start, end in zip(marks, [*marks[1:], len(rows)], strict=True):
        cells.append(_cell(rows[start], rows[start + 1 : end], len(cells)))
    return Notebook(path, tuple(cells))


def _cell(marker: str, body: list[str], index: int) -> Cell:
    match = _MARKER.match(marker)
    rest = match["rest"] if match else ""
    kind = _KIND.search(rest)
    tags: object = []
    if found := _TAGS.search(rest):
        try:
            tags = ast.literal_eval(found[1])
        except (ValueError, SyntaxError):
            tags = []
    name = {"md": "markdown"}.get(kind[1], kind[1]) if kind else "code"
    words = tuple(str(tag) for tag in tags) if isinstance(tags, list) else ()
    return Cell(name, _trimmed(body), words, index=index)


def _without_header(rows: list[str]) -> list[str]:
    """Leave out the YAML header, which jupytext writes between two ``# ---``."""
    if rows and rows[0].rstrip() == "# ---" and "# ---" in (row.rstrip() for row in rows[1:]):
        end = next(i for i, row in enumerate(rows[1:], 1) if row.rstrip() == "# ---")
        return rows[end + 1 :]
    return rows


def _trimmed(rows: list[str]) -> str:
    return "\n".join(rows).strip("\n")
