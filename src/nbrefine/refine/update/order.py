"""Which items were put elsewhere: as few as explain the new order."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.refine.update.model import Document

__all__ = ["longest_rise", "moved_keys"]


def moved_keys(before: Mapping[str, Document], after: Mapping[str, Document]) -> frozenset[str]:
    """Return the items that have another file, or another place among those of their file.

    Parameters
    ----------
    before, after
        The files by their keys.
    """
    home = {item.key: key for key, each in before.items() for item in each.items}
    at = {item.key: number for each in before.values() for number, item in enumerate(each.items)}
    moved: set[str] = set()
    for key, document in after.items():
        known = [item.key for item in document.items if item.key in home]
        here = [each for each in known if home[each] == key]
        rising = {here[index] for index in longest_rise([at[each] for each in here])}
        moved |= {each for each in known if each not in rising}
    return frozenset(moved)


def longest_rise(numbers: Sequence[int]) -> list[int]:
    """Return the indexes of a longest part of a sequence that rises.

    Parameters
    ----------
    numbers
        Each different from the others.

    Notes
    -----
    By patience sorting, in n log n steps.
    """
    ends: list[int] = []
    last: list[int] = []
    previous: dict[int, int | None] = {}
    for index, number in enumerate(numbers):
        at = bisect_left(ends, number)
        previous[index] = last[at - 1] if at else None
        ends[at : at + 1] = [number]
        last[at : at + 1] = [index]
    found: list[int] = []
    index_or_none = last[-1] if last else None
    while index_or_none is not None:
        found.append(index_or_none)
        index_or_none = previous[index_or_none]
    return found[::-1]
