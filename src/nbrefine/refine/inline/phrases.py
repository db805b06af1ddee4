"""What an author calls a run of statements: the comment right above it, as a name."""

from __future__ import annotations

import ast
import itertools
import re
from typing import TYPE_CHECKING

from nbrefine.transforms.tables import words

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["name_in_comment"]

_MOST, _LONGEST = 5, 36
_VERBS = words("""
    add aggregate assign bin build calculate cap categorize clean clip combine compute concatenate
    convert correct create cut derive discretize drop encode engineer extract fill filter fix flag
    format group handle impute join keep limit log make map merge normalise normalize parse prepare
    reduce remove rename reorder replace rescale reshape restrict sample scale select set simplify
    sort split standardise standardize strip subset transform trim turn update
""")
# A phrase without a verb of its own gets that of the statements, where it fits before one.
_FITTING = frozenset({"add", "clean", "convert", "drop", "encode", "fill", "scale"})
_LEFT_OUT = words("a an the our some all of in to from for with on and this that these those new")
_NOT_NAMES = words("""
    let lets we i you now here note todo fixme hack xxx see why how what if when because so but
    not no is are was maybe finally next first then also again try test check look
""")
_NUMBER = re.compile(r"^(?:step\s*)?\d+[.):]?\s*|^[a-z]\)\s*", re.IGNORECASE)
_PHRASE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _/-]+[A-Za-z0-9]+)*\Z")


def name_in_comment(lines: Sequence[str], first: int, last: int, verb: str) -> str:
    """Return a name that a comment gives to statements; empty if there is none that would do.

    Parameters
    ----------
    lines
        Of the cell.
    first, last
        Lines of the statements, from 1.
    verb
        What they do, in one word.

    Returns
    -------
    str
        ``add_ratios`` for ``# ratios`` above a statement that adds columns. Only one line right
        above counts, in a few plain words, with no other comment between the statements, and no
        other assignment right behind them, which the comment would be about, too.
    """
    if first <= 1 or any(line.lstrip().startswith("#") for line in lines[first - 1 : last]):
        return ""
    above = lines[first - 2]
    if not above.startswith("#") or (first > 2 and lines[first - 3].startswith("#")):  # noqa: PLR2004
        return ""
    if _assigns_more(lines[last:]):
        return ""
    text = _NUMBER.sub("", above.strip("#!-=* \t")).rstrip(".:; ")
    if not _PHRASE.match(text):
        return ""
    spoken = [_plain(word) for word in re.split(r"[ _/-]+", text.lower())]
    if spoken[0] in _NOT_NAMES:
        return ""
    told = [spoken[0], *(word for word in spoken[1:] if word not in _LEFT_OUT)]
    if told[0] in _LEFT_OUT:
        del told[0]
    if told and told[0] not in _VERBS:
        told = [verb, *told] if verb in _FITTING else []
    name = "_".join(told)
    return name if 1 < len(told) <= _MOST and len(name) <= _LONGEST else ""


def _assigns_more(lines: Sequence[str]) -> bool:
    """Whether something is assigned before the next comment, or the next blank line."""
    block = itertools.takewhile(lambda line: line.strip() and not line.startswith("#"), lines)
    try:
        nodes = ast.parse("\n".join(block)).body
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) for node in nodes)


def _plain(word: str) -> str:
    """Return ``add`` for ``adding`` and ``adds``, where that is a verb that is known."""
    stem = word.removesuffix("ing")
    options = [stem, f"{stem}e", stem[:-1], word.removesuffix("s")] if stem != word else []
    options = options or [word, word.removesuffix("s")]
    return next((each for each in options if each in _VERBS), word)
