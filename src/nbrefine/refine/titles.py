"""What the author calls the parts of a notebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbrefine.notebook.step_names import step_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.marks import Marks

# Headings that say where one is in the text, not what the code does.
_SAYS_NOTHING = re.compile(
    r"(?:(?:table_of_)?contents?|toc|index|intro(?:duction)?|overview|about\w*|abstract|background"
    r"|(?:problem_)?(?:statement|definition|description)|motivation|preface|notes?|disclaimer"
    r"|introducci\w+|introducao|einleitung|einfuehrung|vvedenie|step_\w+"
    r"|(?:part|section|chapter|phase|stage)(?:_\w{1,3})?)\Z"
)
# A title of more words is a sentence: it stays the heading, but names nothing.
_MOST_WORDS, _MOST_COMMENTED = 8, 5


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
        level. A sentence names nothing, and neither does a title such as "Introduction". Each
        name is there once.
    """
    tags: dict[int, str] = {}
    titles: dict[int, str] = {}
    levels = [level for origin, level in marks.levels.items() if origin]
    for index, cut in enumerate(cuts):
        first = cut[0]
        if first in marks.tags:
            tags[index] = marks.tags[first]
        elif first in marks.titles and (first or marks.levels[0] in levels):
            most = _MOST_COMMENTED if first in marks.comments else _MOST_WORDS
            if len(marks.titles[first].split()) <= most:
                titles[index] = marks.titles[first]
    # Tags come first, so that of two that say the same the tag is not numbered.
    named = tags | titles
    names = dict(zip(named, step_names(named.values()), strict=True))
    return {
        index: name
        for index, name in names.items()
        if index in tags or not _SAYS_NOTHING.match(name)
    }


def title_of(name: str, marks: Marks, cut: Sequence[int]) -> str:
    """Return a step's heading: the author's, else its name in words."""
    return marks.titles.get(cut[0], "") or name.replace("_", " ").capitalize()
