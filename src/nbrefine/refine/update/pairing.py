"""Which items of two versions are the same: by the first of some rules that says so."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

__all__ = ["pair_by", "pair_files"]

T = TypeVar("T")


def pair_by(
    old: Sequence[T],
    new: Sequence[T],
    rules: Iterable[tuple[Callable[[T], Hashable | None], Callable[[T], Hashable | None]]],
    pairs: dict[int, int] | None = None,
) -> dict[int, int]:
    """Pair items that a rule gives the same name; among several, the first with the first.

    Parameters
    ----------
    old, new
        The items of two versions.
    rules
        Each two functions that name an item, of the old and of the new version; None if the rule
        does not speak of it. What an earlier rule has paired, a later one leaves alone.
    pairs
        What is paired already.

    Returns
    -------
    dict of int to int
        Indexes of new items, and of the old ones that they are.
    """
    pairs = dict(pairs or {})
    for name_old, name_new in rules:
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        taken = {*pairs.values()}
        for index, item in enumerate(old):
            name = None if index in taken else name_old(item)
            if name is not None:
                waiting[name].append(index)
        for index, item in enumerate(new):
            name = None if index in pairs else name_new(item)
            if name is not None and waiting[name]:
                pairs[index] = waiting[name].pop(0)
    return pairs


def pair_files(
    shared: Iterable[tuple[str, str]], old: Iterable[str], new: Iterable[str]
) -> Mapping[str, str]:
    """Pair files by what they share.

    Parameters
    ----------
    shared
        For each item that both versions have, its file in the old one and in the new one.
    old, new
        The files of either version.

    Returns
    -------
    Mapping of str to str
        New files, and the old ones that they are: those that share most; if none is left that
        shares anything, that of the same name.
    """
    counts = Counter(shared)
    found: dict[str, str] = {}
    ranked = sorted(counts, key=lambda pair: (-counts[pair], pair[0] != pair[1], pair))
    for before, after in ranked:
        if after not in found and before not in found.values():
            found[after] = before
    before_too = {*old} - {*found.values()}
    found |= {path: path for path in new if path in before_too and path not in found}
    return found
