"""Where the boxes and lines of a graph go: in layers, with few crossings (after Sugiyama).

Everything is worked out for a graph that runs to the right; one that runs down is the same with
its axes swapped. The same input gives the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

from nbrefine.report.layers import Slot, ordered_rows, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Direction: TypeAlias = Literal["right", "down"]
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A node's rectangle, by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """A drawing's geometry.

    Parameters
    ----------
    boxes
        Each node's rectangle.
    routes
        Each edge's corners, from the border of its first box to the border of its second. By turns
        they end a straight piece, which passes a layer, and one between layers, which bends.
    width, height
        Of the whole.
    direction
        Where the edges go.
    """

    boxes: Mapping[str, Box]
    routes: Mapping[tuple[str, str], tuple[Point, ...]]
    width: float
    height: float
    direction: Direction


def lay_out(
    sizes: Mapping[str, tuple[float, float]],
    edges: Iterable[tuple[str, str]],
    *,
    direction: Direction = "right",
    layer_gap: float = 48.0,
    node_gap: float = 20.0,
) -> Layout:
    """Lay a graph out.

    Parameters
    ----------
    sizes
        Width and height of each node's box.
    edges
        Pairs of nodes; without cycles.
    direction
        Where the edges go.
    layer_gap
        Space between layers.
    node_gap
        Least space between neighbours in a layer.

    Returns
    -------
    Layout
        Boxes that do not overlap, and edges that only go on in the direction.

    Raises
    ------
    ValueError
        If the edges form a cycle.
    """
    pairs = list(dict.fromkeys(edges))
    names = list(sizes)
    number = {name: i for i, name in enumerate(names)}
    lengthwise = 0 if direction == "right" else 1
    slots = [
        Slot(layer, sizes[name][1 - lengthwise], sizes[name][lengthwise])
        for name, layer in zip(names, _layers(names, pairs), strict=True)
    ]
    chains = {pair: _chain(slots, number[pair[0]], number[pair[1]]) for pair in pairs}
    rows = ordered_rows(slots)
    place(slots, rows, node_gap)
    depths = [max(slots[i].length for i in row) for row in rows]
    starts = [sum(depths[:i]) + layer_gap * i for i in range(len(rows))]
    total = starts[-1] + depths[-1] if rows else 0.0
    low = min((slot.at - slot.breadth / 2 for slot in slots), default=0.0)
    high = max((slot.at + slot.breadth / 2 for slot in slots), default=0.0)

    def point(along: float, across: float) -> Point:
        return (along, across - low) if direction == "right" else (across - low, along)

    boxes = {}
    for name, slot in zip(names, slots, strict=False):
        along = starts[slot.layer] + (depths[slot.layer] - slot.length) / 2
        boxes[name] = Box(*point(along, slot.at - slot.breadth / 2), *sizes[name])
    routes = {}
    for pair, chain in chains.items():
        passes = [(starts[slots[i].layer], depths[slots[i].layer], slots[i].at) for i in chain]
        corners = [
            point(start + part * depth, at) for start, depth, at in passes for part in (0.0, 1.0)
        ]
        (start, depth, at), (end, end_depth, end_at) = passes[0], passes[-1]
        first = point(start + (depth + slots[chain[0]].length) / 2, at)
        last = point(end + (end_depth - slots[chain[-1]].length) / 2, end_at)
        routes[pair] = (first, *corners[1:-1], last)
    width, height = (total, high - low) if direction == "right" else (high - low, total)
    return Layout(boxes, routes, width, height, direction)


def _layers(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[int]:
    """Return each node's layer: the longest way to it, but near its readers if it reads nothing."""
    before: dict[str, list[str]] = {name: [] for name in names}
    after: dict[str, list[str]] = {name: [] for name in names}
    for start, end in pairs:
        before[end].append(start)
        after[start].append(end)
    layer: dict[str, int] = {}
    waiting = list(names)
    while waiting:
        ready = [name for name in waiting if all(up in layer for up in before[name])]
        if not ready:
            raise ValueError(f"the edges form a cycle among {', '.join(waiting)}")
        for name in ready:
            layer[name] = max((layer[up] + 1 for up in before[name]), default=0)
        waiting = [name for name in waiting if name not in layer]
    for name in names:
        if after[name] and not before[name]:
            layer[name] = min(layer[end] for end in after[name]) - 1
    return [layer[name] for name in names]


def _chain(slots: list[Slot], start: int, end: int) -> list[int]:
    """Give an edge a slot in each layer that it passes, and link them."""
    chain = [start]
    for layer in range(slots[start].layer + 1, slots[end].layer):
        chain.append(len(slots))
        slots.append(Slot(layer, breadth=2.0))
    chain.append(end)
    for one, two in pairwise(chain):
        slots[one].after += (two,)
        slots[two].before += (one,)
    return chain
