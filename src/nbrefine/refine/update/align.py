"""Which cell of a changed notebook is which cell of the former one."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["align"]

# How alike two cells are that are one cell, changed: where it stood, and anywhere.
_HERE, _ANYWHERE = 0.4, 0.75


def align(before: Sequence[str], after: Sequence[str]) -> dict[int, int]:
    """Match cells by their texts.

    Parameters
    ----------
    before, after
        The code of the cells, in their order.

    Returns
    -------
    dict of int to int
        For each cell that is still there its new index: first those that stayed as they are, then
        those that were changed in between, then those that were put elsewhere.
    """
    found: dict[int, int] = {}
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    gaps: list[tuple[range, range]] = []
    for tag, begin, end, first, last in matcher.get_opcodes():
        if tag == "equal":
            found |= zip(range(begin, end), range(first, last), strict=True)
        elif tag == "replace":
            gaps.append((range(begin, end), range(first, last)))
    for old, new in gaps:
        _pair(found, _alike(before, after, old, new, _HERE), in_order=(old, new))
    taken = {*found.values()}
    left = [index for index in range(len(before)) if index not in found]
    free = [index for index in range(len(after)) if index not in taken]
    _pair(found, _alike(before, after, left, free, _ANYWHERE), in_order=None)
    return found


def _alike(
    before: Sequence[str],
    after: Sequence[str],
    old: Sequence[int],
    new: Sequence[int],
    least: float,
) -> Iterator[tuple[float, int, int]]:
    """Give pairs that are alike, with how much."""
    for other in new:
        matcher = SequenceMatcher(None, "", after[other], autojunk=False)
        for one in old:
            matcher.set_seq1(before[one])
            if matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least:
                ratio = matcher.ratio()
                if ratio >= least:
                    yield ratio, one, other


def _pair(
    found: dict[int, int],
    alike: Iterator[tuple[float, int, int]],
    in_order: tuple[range, range] | None,
) -> None:
    """Take the most alike pairs; inside a gap only such as keep the order."""
    for _, one, other in sorted(alike, key=lambda each: (-each[0], each[1], each[2])):
        if one in found or other in found.values():
            continue
        crosses = in_order is not None and any(
            (known < one) != (found[known] < other) for known in in_order[0] if known in found
        )
        if not crosses:
            found[one] = other
