"""What the prose before a cell tells about where a part begins."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIGNS = {
    "anchor": re.compile(r"<a\s+(?:id|name)\s*=", re.IGNORECASE),
    "rule": re.compile(r"^ {0,3}(?:-{3,}|\*{3,}|_{3,})[ \t]*$|<hr", re.MULTILINE | re.IGNORECASE),
    "list": re.compile(r"^\s*(?:[-*+]|\d+[.)]) ", re.MULTILINE),
    "link": re.compile(r"\]\(http"),
    "picture": re.compile(r"!\[|<img", re.IGNORECASE),
    # It leads to the one cell below.
    "colon": re.compile(r":\s*\Z"),
    "goes_on": re.compile(
        r"\A\W*(?:now|next|then|let'?s|let us|finally|first|so|also|and|but|here|again|as|this|we"
        r" can)\b",
        re.IGNORECASE,
    ),
    "announces": re.compile(r"\b(?:we(?:'| wi)ll|i(?:'| wi)ll|going to|in this)\b", re.IGNORECASE),
    "division": re.compile(
        r"\b(?:section|part|step|chapter|phase|task|exercise|question)\b", re.IGNORECASE
    ),
}


def prose_signs(text: str, before: str) -> Mapping[str, float]:
    """Say what the prose before a cell looks like.

    Parameters
    ----------
    text
        The markdown between this cell and the last one, without its headings; maybe empty.
    before
        That before the last one.

    Returns
    -------
    dict of str to float
        Signs, by name: long notes open a part, a line that ends in a colon leads to one cell, and
        where every cell has a note few of them open anything.
    """
    signs: dict[str, float] = {name: bool(found.search(text)) for name, found in _SIGNS.items()}
    length = math.log1p(len(text.split()))
    return {**signs, "note": bool(text), "note_length": length, "noted_before": bool(before)}
