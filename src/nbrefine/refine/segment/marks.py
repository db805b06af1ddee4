"""The author's own marks, by the code cell that follows them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.notebook.outline import outline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.notebook.document import Cell, Notebook
    from nbrefine.notebook.outline import Heading
    from nbrefine.refine.flow.facts import CellFacts

_HEADING = re.compile(
    r"^ {0,3}#{1,6}(?:[ \t].*)?$|<h([1-6])\b(?:.|\n)*?</h\1\s*>", re.MULTILINE | re.IGNORECASE
)


@dataclass(frozen=True)
class Marks:
    """What the author says about parts; cells are given by their origin.

    Parameters
    ----------
    levels, titles
        Cells that a heading stands before: its level and its text.
    comments
        Those of them whose heading is only a comment at their top.
    notes
        Cells that prose stands before: the markdown without its headings.
    tags
        Cells whose tag names a step.
    """

    levels: Mapping[int, int] = field(default_factory=dict)
    titles: Mapping[int, str] = field(default_factory=dict)
    comments: frozenset[int] = frozenset()
    notes: Mapping[int, str] = field(default_factory=dict)
    tags: Mapping[int, str] = field(default_factory=dict)


def find_marks(notebook: Notebook, cells: Sequence[CellFacts]) -> Marks:
    """Find the author's marks.

    Parameters
    ----------
    notebook
        The notebook.
    cells
        Its code cells that are not empty.

    Returns
    -------
    Marks
        Of several headings before one cell the highest counts, and of these the last: under the
        others there is no code. Before the first cell it is the last of all, since the highest is
        the notebook's own.
    """
    found = outline(notebook)
    following = _following(notebook.cells, {facts.cell.index: facts.origin for facts in cells})
    chosen: dict[int, Heading] = {}
    for heading in found.headings:
        origin = following.get(heading.cell)
        if origin is None:
            continue
        if origin == 0 or origin not in chosen or heading.level <= chosen[origin].level:
            chosen[origin] = heading
    return Marks(
        levels={origin: heading.level for origin, heading in chosen.items()},
        titles={origin: heading.title for origin, heading in chosen.items()},
        comments=frozenset(origin for origin, heading in chosen.items() if heading.is_comment),
        notes=_notes(notebook.cells, following),
        tags={following[index]: name for index, name in found.tagged if index in following},
    )


def _notes(cells: Sequence[Cell], following: Mapping[int, int]) -> dict[int, str]:
    """Return what the author says before each code cell."""
    found: dict[int, list[str]] = {}
    for cell in cells:
        if cell.kind == "markdown" and cell.index in following:
            text = _HEADING.sub("", cell.source).strip()
            if text:
                found.setdefault(following[cell.index], []).append(text)
    return {origin: "\n\n".join(texts) for origin, texts in found.items()}


def _following(cells: Sequence[Cell], origins: Mapping[int, int]) -> dict[int, int]:
    """Map each cell of the document to the code cell that it belongs to or precedes."""
    following: dict[int, int] = {}
    current: int | None = None
    for cell in reversed(cells):
        current = origins.get(cell.index, current)
        if current is not None:
            following[cell.index] = current
    return following


def parts(
    notebook: Notebook, cells: Sequence[CellFacts], cuts: Sequence[Sequence[int]]
) -> tuple[tuple[Cell, ...], ...]:
    """Give each step its cells of the document, markdown included.

    Parameters
    ----------
    notebook
        The notebook.
    cells
        Its code cells that are not empty.
    cuts
        For each step the origins of its cells.

    Returns
    -------
    tuple of tuple of Cell
        Markdown goes with the code that follows it, and at the end with the last step. Empty code
        cells are left out.
    """
    origins = {facts.cell.index: facts.origin for facts in cells}
    following = _following(notebook.cells, origins)
    step_of = {origin: index for index, cut in enumerate(cuts) for origin in cut}
    found: list[list[Cell]] = [[] for _ in cuts]
    for cell in notebook.cells:
        if cell.kind == "code" and cell.index not in origins:
            continue
        origin = following.get(cell.index)
        found[step_of[origin] if origin is not None else len(cuts) - 1].append(cell)
    return tuple(tuple(each) for each in found)
