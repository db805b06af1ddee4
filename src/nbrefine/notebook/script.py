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

_MARKER = re.compile(r"\s*#\s*%%(?P<rest>%*\s.*|\s*)\Z")
_TAGS = re.compile(r"tags=(\[[^\]]*\])")
_KIND = re.compile(r"\[(markdown|md|raw)\]")
_KINDS = {"markdown": "markdown", "md": "markdown", "raw": "raw"}
_COMMENT = re.compile(r"\A# ?")
# What IPython alone understands: magics, shell commands (also those that need no "!"), help, and
# assignments from magics. In a script it is a comment, so that the script stays valid Python...
_ONLY_IPYTHON = (
    r"(?:%{1,3}[A-Za-z]|\s*[?!]\s*[A-Za-z.~$\\/{}]|\s*[A-Za-z_][\w$]*\s*=\s*(?:%{1,3}|!)[A-Za-z]"
    r"|(?:cat|cd|cp|mv|rm|rmdir|mkdir|copy|ddir|echo|ls|ldir|ren)(?:\s?\Z|\s[^=,]))"
)
_COMMENTED = re.compile(rf"(?P<indent>\A\s*)# ?(?=(?:# ?)*(?:{_ONLY_IPYTHON}|\S*\?\s*\Z))")
# ... unless the script, in the format called hydrogen, has it live.
_LIVE = re.compile(rf"(?!#)\s*(?:# ?)*{_ONLY_IPYTHON}")
_FORMAT = re.compile(r"format_name: *(\w+)")
_LEAST_BEFORE_BLANKS = 3


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
    header, rows = _split(read_text(path).removesuffix("\n").split("\n"))
    marks = [i for i, row in enumerate(rows) if _MARKER.match(row)]
    if not marks and any(row.strip() for row in rows):
        raise NotebookError(
            "The script has no cells that begin with '# %%'.",
            where=Place(shown(path)),
            hint=f"Convert it to jupytext's percent format: jupytext --to py:percent {shown(path)}",
        )
    stated = _FORMAT.search("\n".join(header))
    live = stated[1] == "hydrogen" if stated else any(map(_LIVE.match, rows))
    cells = []
    if marks and rows[: marks[0]]:
        cells.append(Cell("code", _code(_without_gap(rows[: marks[0]]), live=live)))
    for start, end in pairwise([*marks, len(rows)] if marks else []):
        body = _without_gap(rows[start:end])[1:]
        cells.append(_cell(rows[start], body, len(cells), live=live))
    return Notebook(path, tuple(cells))


def _cell(marker: str, body: list[str], index: int, *, live: bool) -> Cell:
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
        source=_prose(body) if kind else _code(body, live=live),
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        index=index,
    )


def _code(rows: list[str], *, live: bool) -> str:
    return "\n".join(rows if live else [_COMMENTED.sub(r"\g<indent>", row) for row in rows])


def _prose(rows: list[str]) -> str:
    """Return the text of comments, or of one string in triple quotes."""
    text = "\n".join(rows).strip()
    for quotes in ('"""', "'''"):
        if text.startswith(quotes) and text.endswith(quotes) and len(text) >= 2 * len(quotes):
            inside = text.removeprefix(quotes).removesuffix(quotes)
            return inside.removeprefix("\n").removesuffix("\n")
    return "\n".join(_COMMENT.sub("", row) for row in rows)


def _without_gap(rows: list[str]) -> list[str]:
    """Leave out what sets a cell off from the next one: an empty line, or just two of them."""
    if (
        len(rows) >= _LEAST_BEFORE_BLANKS
        and rows[-3].strip()
        and not rows[-2].strip()
        and not rows[-1].strip()
    ):
        return rows[:-2]
    return rows[:-1] if rows and not rows[-1] else rows


def _split(rows: list[str]) -> tuple[list[str], list[str]]:
    """Split off the YAML header, which jupytext writes between two ``# ---``, and its gap."""
    if rows[0].rstrip() != "# ---":
        return [], rows
    ends = (i for i, row in enumerate(rows[1:], 1) if row.rstrip() == "# ---")
    end = next(ends, -1) + 1
    gap = bool(end and rows[end:] and not rows[end].strip())
    return rows[:end], rows[end + gap :]
