"""Which cell of a baseline is which cell of the notebook as it is now."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Known(Protocol):
    """What a cell is known by."""

    @property
    def id(self) -> str:
        """Its identifier; empty if it has none."""

    @property
    def source(self) -> str:
        """Its text."""


Pair = tuple[int | None, int | None]


def align(old: Sequence[Known], new: Sequence[Known]) -> tuple[Pair, ...]:
    """Pair the cells of two states of a notebook.

    Parameters
    ----------
    old, new
        The cells before and after.

    Returns
    -------
    tuple
        Positions in `old` and `new`, in the order of `new`; a cell that is gone stands where it
        was. None where there is no counterpart. Cells are known by their ids, those without one
        by their text, and edited ones by their place between others.
    """
    matched = dict(_by_id(old, new))
    taken = {*matched.values()}
    left = [index for index in range(len(old)) if index not in matched]
    free = [index for index in range(len(new)) if index not in taken]
    texts = (
        [old[index].source.strip() for index in left],
        [new[index].source.strip() for index in free],
    )
    for kind, start, end, new_start, new_end in SequenceMatcher(
        None, *texts, autojunk=False
    ).get_opcodes():
        if kind == "equal" or (kind == "replace" and end - start == new_end - new_start):
            matched.update(zip(left[start:end], free[new_start:new_end], strict=True))
    return tuple(_in_order(matched, len(old), len(new)))


def _by_id(old: Sequence[Known], new: Sequence[Known]) -> Iterator[tuple[int, int]]:
    """Pair the cells whose ids say that they are the same."""
    counts = [Counter(cell.id for cell in cells if cell.id) for cells in (old, new)]
    places = {cell.id: index for index, cell in enumerate(new)}
    for index, cell in enumerate(old):
        if all(count[cell.id] == 1 for count in counts):
            yield index, places[cell.id]


def _in_order(matched: dict[int, int], before: int, after: int) -> Iterator[Pair]:
    """Give the pairs in the order of the new cells, and what is gone behind what it followed."""
    partners = {new: old for old, new in matched.items()}
    gone: dict[int | None, list[int]] = {}
    last: int | None = None
    for index in range(before):
        if index in matched:
            last = index
        else:
            gone.setdefault(last, []).append(index)
    yield from ((index, None) for index in gone.get(None, ()))
    for index in range(after):
        partner = partners.get(index)
        yield partner, index
        if partner is not None:
            yield from ((each, None) for each in gone.get(partner, ()))
