"""What the author calls the parts of a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.notebook.outline import step_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.marks import Marks


def given_names(marks: Marks, cuts: Sequence[Sequence[int]]) -> dict[int, str]:
    """Return the names that the author gives to steps, by their position.

    Parameters
    ----------
    marks
        The author's marks.
    cuts
        For each step the origins of its cells.

    Returns
    -------
    dict of int to str
        From the tag of its first cell, or from the heading before it. The heading before the
        first cell may be the whole notebook's: it names a step only if another stands on its
        level.
    """
    found: dict[int, str] = {}
    titles: dict[int, str] = {}
    levels = [level for origin, level in marks.levels.items() if origin]
    for index, cut in enumerate(cuts):
        if cut[0] in marks.tags:
            found[index] = marks.tags[cut[0]]
        elif cut[0] in marks.titles and (cut[0] or marks.levels[0] in levels):
            titles[index] = marks.titles[cut[0]]
    names = zip(titles, step_names(titles.values()), strict=True)
    return found | {index: name for index, name in names if not name.startswith("step_")}


def title_of(name: str, marks: Marks, cut: Sequence[int]) -> str:
    """Return a step's heading: the author's, else its name in words."""
    return marks.titles.get(cut[0], "") or name.replace("_", " ").capitalize()
