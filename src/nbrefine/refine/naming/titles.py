"""What the author calls the parts of a notebook."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from nbrefine.notebook.step_names import step_name, step_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.segment.marks import Marks

# Headings that say where one is in the text, not what the code does.
_SAYS_NOTHING = re.compile(
    r"(?:(?:table_of_)?contents?|toc|index|intro(?:duction)?|overview|about\w*|abstract|background"
    r"|(?:problem_)?(?:statement|definition|description)|motivation|preface|notes?|disclaimer"
    r"|introducci\w+|introducao|einleitung|einfuehrung|vvedenie|step_\w+"
    r"|\w+_your_\w+_here|your_\w+_here|answers?"
    r"|(?:part|section|chapter|phase|stage|examples?|demo|solution|notebook)(?:_\w{1,3})?)\Z"
)
# What a notebook begins with by habit; it is not what its first step is for.
_PREPARES = re.compile(
    r"(?:(?:set_?up|imports?|importing|librar\w+|load_libraries|packages|config)\w*"
    r"|(?:helper_|utility_|useful_|custom_)?functions?|helpers|utilit(?:y|ies)|utils"
    r"|\w+_(?:libraries|packages|modules|imports|dependencies))\Z"
)
# "Solution - ", "Notebook 3: ": words that most headings of a notebook begin with.
_LEAD = re.compile(r"([^\W\d_]+)\s*[\u2014\u2013:-]\s+(?=\w)")
_MOST_ALIKE = 0.5
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
        level. Then the heading before the second cell names the first step, unless it is of
        preparations. A sentence names nothing, and neither does a title such as "Introduction".
        Each name is there once.
    """
    tags: dict[int, str] = {}
    titles: dict[int, str] = {}
    levels = [level for origin, level in marks.levels.items() if origin]
    lead = _common_lead(marks)
    for index, cut in enumerate(cuts):
        first = cut[0]
        if first in marks.tags:
            tags[index] = marks.tags[first]
        elif first in marks.titles and (first or marks.levels[0] in levels):
            most = _MOST_COMMENTED if first in marks.comments else _MOST_WORDS
            title = _bare(marks.titles[first], lead)
            if len(re.findall(r"\w+", title)) <= most:
                titles[index] = title
        elif not first and (title := _second_title(marks, cut)):
            titles[index] = _bare(title, lead)
    # Tags come first, so that of two that say the same the tag is not numbered.
    named = tags | titles
    names = dict(zip(named, step_names(named.values()), strict=True))
    return {
        index: name
        for index, name in names.items()
        if index in tags or not _SAYS_NOTHING.match(name)
    }


def is_of_preparations(name: str) -> bool:
    """Tell whether a name says no more than that something is prepared: ``imports``.

    Parameters
    ----------
    name
        As `given_names` has it.
    """
    return _PREPARES.match(name) is not None


def _common_lead(marks: Marks) -> str:
    """Return the word before a dash or a colon that most headings begin with; empty if none."""
    titles = [title for origin, title in marks.titles.items() if origin not in marks.comments]
    leads = Counter(match[1] for title in titles if (match := _LEAD.match(title)))
    word, count = max(leads.items(), key=lambda item: item[1], default=("", 0))
    return word if count > max(1, len(titles) * _MOST_ALIKE) else ""


def _bare(title: str, lead: str) -> str:
    """Return a title without the word that most of them begin with."""
    match = _LEAD.match(title)
    return title[match.end() :] if match is not None and match[1] == lead else title


def _second_title(marks: Marks, cut: Sequence[int]) -> str:
    """Return the heading before the second cell, if the first cell has only the notebook's own."""
    if len(cut) < 2 or cut[1] not in marks.titles or cut[1] in marks.comments:  # noqa: PLR2004
        return ""
    second = cut[1]
    inner = min(
        level for origin, level in marks.levels.items() if origin and origin not in marks.comments
    )
    title = marks.titles[second]
    says = marks.levels[second] == inner and len(re.findall(r"\w+", title)) <= _MOST_WORDS
    return title if says and not _PREPARES.match(step_name(title)) else ""


def title_of(name: str, marks: Marks, cut: Sequence[int]) -> str:
    """Return a step's heading: the author's, else its name in words."""
    return marks.titles.get(cut[0], "") or name.replace("_", " ").capitalize()
