"""The order of a pipeline's steps: before, after, and in which layer."""

from __future__ import annotations

from heapq import heappop, heappush
from types import MappingProxyType
from typing import TYPE_CHECKING

from nbrefine.errors import PipelineSpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.errors import Place

_NOWHERE: Mapping[str, Place | None] = MappingProxyType({})


class Graph:
    """Steps and what they build on; never with a cycle.

    Parameters
    ----------
    upstream
        For each step, the steps that it reads from.
    places
        Where steps are declared, for those of which it is known.

    Attributes
    ----------
    order
        The steps so that each comes after all that it builds on; else in the given order.

    Raises
    ------
    PipelineSpecError
        If steps build on one another in a circle.
    """

    def __init__(
        self, upstream: Mapping[str, Iterable[str]], places: Mapping[str, Place | None] = _NOWHERE
    ) -> None:
        self._places = places
        self._upstream = {name: tuple(steps) for name, steps in upstream.items()}
        self._downstream: dict[str, list[str]] = {name: [] for name in self._upstream}
        for name, steps in self._upstream.items():
            for step in steps:
                self._downstream[step].append(name)
        self.order = self._sorted()

    def upstream(self, name: str) -> tuple[str, ...]:
        """Return the steps that a step reads from."""
        return self._upstream[name]

    def downstream(self, name: str) -> tuple[str, ...]:
        """Return the steps that read from a step."""
        return tuple(self._downstream[name])

    def ancestors(self, name: str) -> tuple[str, ...]:
        """Return all that a step builds on, near or far, in order."""
        return self._reached(name, self._upstream)

    def descendants(self, name: str) -> tuple[str, ...]:
        """Return all that builds on a step, near or far, in order."""
        return self._reached(name, self._downstream)

    def edges(self) -> tuple[tuple[str, str], ...]:
        """Return each pair of a step and one that reads from it."""
        return tuple((up, name) for name in self.order for up in self._upstream[name])

    def layers(self) -> tuple[tuple[str, ...], ...]:
        """Return the steps by the length of the longest way that leads to them."""
        depth: dict[str, int] = {}
        for name in self.order:
            depth[name] = max((depth[up] + 1 for up in self._upstream[name]), default=0)
        rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
        for name in self.order:
            rows[depth[name]].append(name)
        return tuple(map(tuple, rows))

    def _reached(self, name: str, ways: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
        seen: set[str] = set()
        waiting = list(ways[name])
        while waiting:
            step = waiting.pop()
            if step not in seen:
                seen.add(step)
                waiting.extend(ways[step])
        return tuple(step for step in self.order if step in seen)

    def _sorted(self) -> tuple[str, ...]:
        missing = {name: len(set(steps)) for name, steps in self._upstream.items()}
        order: list[str] = []
        # The first step in the given order that is ready comes next, so the result is stable.
        names = [*self._upstream]
        position = {name: i for i, name in enumerate(names)}
        ready = [position[name] for name, count in missing.items() if count == 0]
        while ready:
            name = names[heappop(ready)]
            order.append(name)
            for step in dict.fromkeys(self._downstream[name]):
                missing[step] -= 1
                if missing[step] == 0:
                    heappush(ready, position[step])
        if len(order) < len(self._upstream):
            raise self._cycle_error({name for name, count in missing.items() if count > 0})
        return tuple(order)

    def _cycle_error(self, left: set[str]) -> PipelineSpecError:
        # Every step that is left builds on another one that is left: walking up must close.
        walk = [next(name for name in self._upstream if name in left)]
        while (up := next(up for up in self._upstream[walk[-1]] if up in left)) not in walk:
            walk.append(up)
        cycle = [*walk[walk.index(up) :], up][::-1]
        return PipelineSpecError(
            f"Steps build on one another in a circle: {' → '.join(cycle)}.",
            where=self._places.get(cycle[0]),
            hint="Take one name out of the upstream of one of them.",
        )
