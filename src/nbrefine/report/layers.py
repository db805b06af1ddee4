"""The order of the nodes in each layer of a drawing, and their places across it."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ORDER_SWEEPS = 12
_PLACE_SWEEPS = 16
# How strongly a line is kept straight, by how many of its ends are mere passages: steps that follow
# one another stand in line, and the long edges that pass them give way.
_STRAIGHT = {0: 1.0, 1: 0.001, 2: 0.005}


@dataclass
class Slot:
    """A node, or the place where a long edge passes a layer.

    Parameters
    ----------
    layer
        The layer that it is in.
    breadth
        Its size across the direction of the edges.
    length
        Its size along it; 0 where an edge passes.
    before, after
        The slots that it has an edge from, and to.
    at
        Its middle, across the direction.
    """

    layer: int
    breadth: float
    length: float = 0.0
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    at: float = 0.0


def ordered_rows(slots: Sequence[Slot]) -> list[list[int]]:
    """Order the slots of each layer so that few edges cross.

    Parameters
    ----------
    slots
        All slots.

    Returns
    -------
    list
        For each layer, its slots by number, from the first side to the other.
    """
    count = max((slot.layer for slot in slots), default=-1) + 1
    rows: list[list[int]] = [[] for _ in range(count)]
    for index in _walk(slots):
        rows[slots[index].layer].append(index)
    best, fewest = [list(row) for row in rows], _crossings(slots, rows)
    for sweep in range(_ORDER_SWEEPS):
        if fewest == 0:
            break
        forward = sweep % 2 == 0
        for row in rows if forward else reversed(rows):
            position = {index: i for other in rows for i, index in enumerate(other)}
            row.sort(key=lambda index: _middle(slots[index], index, position, forward=forward))
        if (crossings := _crossings(slots, rows)) < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def place(slots: Sequence[Slot], rows: Sequence[Sequence[int]], gap: float) -> None:
    """Set each slot's place so that edges run straight and neighbours keep their distance.

    Parameters
    ----------
    slots
        All slots; their `at` is set.
    rows
        The order of each layer.
    gap
        Least space between neighbours.
    """
    for row in rows:
        edge = 0.0
        for index in row:
            slots[index].at = edge + slots[index].breadth / 2
            edge += slots[index].breadth + gap
        for index in row:
            slots[index].at -= (edge - gap) / 2
    for sweep in range(_PLACE_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _settle(slots, row, gap)


def _walk(slots: Sequence[Slot]) -> list[int]:
    """List the slots depth first, so that what belongs together starts out together."""
    seen: dict[int, None] = {}
    for root in (i for i, slot in enumerate(slots) if not slot.before):
        waiting = [root]
        while waiting:
            index = waiting.pop()
            if index not in seen:
                seen[index] = None
                waiting.extend(reversed(slots[index].after))
    return list(seen)


def _middle(slot: Slot, index: int, position: dict[int, int], *, forward: bool) -> float:
    others = slot.before if forward else slot.after
    if not others:
        return float(position[index])
    return sum(position[other] for other in others) / len(others)


def _crossings(slots: Sequence[Slot], rows: Sequence[Sequence[int]]) -> int:
    total = 0
    for row, following in pairwise(rows):
        position = {index: i for i, index in enumerate(following)}
        ends: list[int] = []
        for index in row:
            for end in sorted(position[other] for other in slots[index].after):
                # An earlier edge that ends further on is crossed.
                total += len(ends) - bisect.bisect_right(ends, end)
                bisect.insort(ends, end)
    return total


def _settle(slots: Sequence[Slot], row: Sequence[int], gap: float) -> None:
    """Move a layer's slots as near to their neighbours' middle as their distances allow.

    The least squares under a fixed order are found by pooling: slots that would come too close
    move as one block to their common mean.
    """
    blocks: list[tuple[float, float, int]] = []  # mean, weight, number of slots
    offsets: list[float] = []
    offset = 0.0
    for number, index in enumerate(row):
        slot = slots[index]
        if number:
            offset += (slots[row[number - 1]].breadth + slot.breadth) / 2 + gap
        offsets.append(offset)
        wanted, weight = _wanted(slots, slot)
        mean, count = wanted - offset, 1
        while blocks and blocks[-1][0] >= mean:
            other, other_weight, other_count = blocks.pop()
            mean = (other * other_weight + mean * weight) / (other_weight + weight)
            weight += other_weight
            count += other_count
        blocks.append((mean, weight, count))
    means = [mean for mean, _, count in blocks for _ in range(count)]
    for index, mean, offset in zip(row, means, offsets, strict=True):
        slots[index].at = mean + offset


def _wanted(slots: Sequence[Slot], slot: Slot) -> tuple[float, float]:
    """Return where a slot's edges pull it, and how strongly."""
    pulls = [
        (slots[other].at, _STRAIGHT[(slot.length == 0) + (slots[other].length == 0)])
        for other in (*slot.before, *slot.after)
    ]
    weight = sum(pull for _, pull in pulls)
    return (sum(at * pull for at, pull in pulls) / weight, weight) if pulls else (slot.at, 0.5)
