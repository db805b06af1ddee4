"""Three versions of a text made into one, line by line."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

__all__ = ["merge_lines"]


class _Change(NamedTuple):
    """Lines of the base that read otherwise: from `begin` to before `end`."""

    begin: int
    end: int
    lines: tuple[str, ...]

    def meets(self, other: _Change, *, strict: bool) -> bool:
        """Whether two changes speak of the same lines; if strict, or of neighbouring ones."""
        if strict or self.begin == other.begin:
            return self.begin <= other.end and other.begin <= self.end
        return self.begin < other.end and other.begin < self.end


def merge_lines(base: str, ours: str, theirs: str, *, strict: bool = True) -> str | None:
    """Merge two changes of a text.

    Parameters
    ----------
    base
        What both started from.
    ours, theirs
        What became of it on either side.
    strict
        Whether changes of neighbouring lines contradict each other too, as they do in code. In
        lists and settings they do not.

    Returns
    -------
    str or None
        The text with both changes; None if they contradict each other.

    Notes
    -----
    This is the classic three-way merge of diff3 (Khanna, Kunal and Pierce, *A formal
    investigation of diff3*, 2007), without its markers.
    """
    if ours in {base, theirs}:
        return theirs
    if theirs == base:
        return ours
    before = base.splitlines(keepends=True)
    mine, new = _changes(before, ours), _changes(before, theirs)
    wanted = {*mine, *new}
    if any(
        each != other and each.meets(other, strict=strict)
        for each in set(mine) - set(new)
        for other in new
    ):
        return None
    merged: list[str] = []
    at = 0
    for change in sorted(wanted):
        merged += [*before[at : change.begin], *change.lines]
        at = change.end
    return "".join([*merged, *before[at:]])


def _changes(base: list[str], text: str) -> list[_Change]:
    lines = text.splitlines(keepends=True)
    matcher = SequenceMatcher(None, base, lines, autojunk=False)
    return [
        _Change(begin, end, tuple(lines[first:last]))
        for tag, begin, end, first, last in matcher.get_opcodes()
        if tag != "equal"
    ]
