"""Pictures and other files beside the notebook that its markdown shows or links to."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbrefine.notebook.document import Notebook

STEPS = "notebooks"
"""The folder of the steps' notebooks: what markdown names is looked for from there."""

# `![text](place "title")`, `[text](place)`, `[name]: place`, and `<img src="place">`.
_PLACES = re.compile(
    r"(?P<before>\]\(\s*<?|^\s{0,3}\[[^\]\n]+\]:\s*<?|<(?:img|a|source|video)\b[^>]*?"
    r"\b(?:src|href)\s*=\s*[\"']?)(?P<place>[^\s)>\"'#?]+)",
    re.MULTILINE | re.IGNORECASE,
)
_CODE = re.compile(r"(`{3,}|~{3,}).*?(?:\1|\Z)|`[^`\n]+`", re.DOTALL)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|/|\\", re.IGNORECASE)


@dataclass(frozen=True)
class Pictures:
    """A notebook whose markdown finds its files from the project.

    Parameters
    ----------
    notebook
        The notebook.
    links
        Paths relative to the project's root, and the files that they stand for.
    """

    notebook: Notebook
    links: Mapping[str, Path] = field(default_factory=dict)


def keep_pictures(notebook: Notebook, root: Path) -> Pictures:
    """Let the markdown of a notebook show the files beside it from a step's notebook.

    Parameters
    ----------
    notebook
        The notebook.
    root
        The project's root.

    Returns
    -------
    Pictures
        What lies below the notebook's folder has the same path in the project; the rest is named
        where it is.
    """
    folder, root = notebook.path.resolve().parent, root.resolve()
    links: dict[str, Path] = {}

    def place(match: re.Match[str]) -> str:
        text = unquote(match["place"])
        file = Path(os.path.normpath(folder / text))
        if _ELSEWHERE.match(text) or not file.is_file():
            return match[0]
        new = file
        if file.is_relative_to(folder):
            new = root / file.relative_to(folder)
            links[new.relative_to(root).as_posix()] = file
        path = Path(os.path.relpath(new, root / STEPS)).as_posix()
        return match["before"] + (quote(path) if "%" in match["place"] else path)

    cells = tuple(
        replace(cell, source=_outside_of_code(cell.source, place))
        if cell.kind == "markdown"
        else cell
        for cell in notebook.cells
    )
    return Pictures(replace(notebook, cells=cells), links)


def _outside_of_code(text: str, place: Callable[[re.Match[str]], str]) -> str:
    """Replace the places in markdown, but not in the code that it shows."""
    parts, end = [], 0
    for code in _CODE.finditer(text):
        parts += [_PLACES.sub(place, text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, _PLACES.sub(place, text[end:])])
