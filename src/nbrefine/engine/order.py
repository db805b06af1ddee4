"""Which of the steps that could run is to run first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.pipeline.graph import Graph

_UNKNOWN_SECONDS = 10.0


def longest_first(
    graph: Graph, steps: Iterable[str], seconds: Mapping[str, float]
) -> tuple[str, ...]:
    """Return steps so that those come first on which the longest way to the end depends.

    Parameters
    ----------
    graph
        The order of the pipeline.
    steps
        Those that are to be built.
    seconds
        What each took in its last run; a step without counts like the mean of the others.
    """
    wanted = {*steps}
    known = [seconds[name] for name in wanted if name in seconds]
    usual = sum(known) / len(known) if known else _UNKNOWN_SECONDS
    left: dict[str, float] = {}
    for name in reversed(graph.order):
        if name in wanted:
            below = max((left[down] for down in graph.downstream(name) if down in left), default=0)
            left[name] = seconds.get(name, usual) + below
    position = {name: index for index, name in enumerate(graph.order)}
    return tuple(sorted(left, key=lambda name: (-left[name], position[name])))
