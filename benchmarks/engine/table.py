"""Figures and a table from what the ways took."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.engine.spent import Spent
from benchmarks.engine.ways import EXECUTOR, FLOOR, NBREFINE, NBREFINE_2, PLOOMBER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.engine.project import Shape

Times = dict[str, list[Spent]]
"""By way, what each round took."""


def middle(times: Sequence[Spent]) -> Spent:
    """Return the medians of CPU and of wall time."""
    return Spent(median(each.cpu for each in times), median(each.wall for each in times))


def ratios(name: str, times: Times) -> dict[str, float]:
    """Return what we take over what Ploomber takes, in CPU time.

    Parameters
    ----------
    name
        Of the pipeline.
    times
        What building it took.
    """
    mid = {way: middle(each) for way, each in times.items()}
    return {
        f"{name}.{key}_over_ploomber": round(mid[way].cpu / mid[PLOOMBER].cpu, 3)
        for way, key in ((NBREFINE, "nbrefine"), (EXECUTOR, "executor"))
        if way in mid and PLOOMBER in mid
    }


def figures(shape: Shape, times: Times, again: Times) -> dict[str, float]:
    """Return the figures of a pipeline, by the names that are agreed on.

    Parameters
    ----------
    shape
        What it looks like.
    times
        What building it took.
    again
        What a build took that had nothing to do.
    """
    mid = {way: middle(each) for way, each in times.items()}
    name, found = shape.name, ratios(shape.name, times)
    if NBREFINE in mid and FLOOR in mid:
        overhead = (mid[NBREFINE].cpu - mid[FLOOR].cpu) / len(shape.names)
        found[f"{name}.overhead_cpu_s"] = overhead
    if shape.kind == "fan" and NBREFINE in mid and NBREFINE_2 in mid:
        found[f"{name}.speedup_2_workers"] = mid[NBREFINE].wall / mid[NBREFINE_2].wall
    if NBREFINE in again:
        nothing = f"noop.{name}" if shape.kind == "fan" else f"noop{shape.steps}"
        found[f"{nothing}.nbrefine_cpu_s"] = middle(again[NBREFINE]).cpu
        if PLOOMBER in again:
            ratio = middle(again[NBREFINE]).cpu / middle(again[PLOOMBER]).cpu
            found[f"{nothing}.nbrefine_over_ploomber"] = ratio
    return {key: round(value, 3) for key, value in found.items()}


def noop_figures(steps: int, times: Times) -> dict[str, float]:
    """Return the figures of a pipeline in which nothing is to do."""
    keys = {way: "nbrefine" if way == NBREFINE else way.rpartition(" ")[2] for way in times}
    return {
        f"noop{steps}.{keys[way]}_cpu_s": round(middle(each).cpu, 3) for way, each in times.items()
    }


def table(name: str, times: Times, again: Times) -> str:
    """Return a table of medians, and of ratios to the first way."""
    lines = [f"{name:<28} {'CPU s':>8} {'wall s':>8} {'CPU, ratio':>11} {'again, CPU s':>13}"]
    first: float | None = None
    for way, each in times.items():
        mid = middle(each)
        first = first or mid.cpu
        line = f"{way:<28} {mid.cpu:>8.2f} {mid.wall:>8.2f} {mid.cpu / first:>11.1f}"
        lines.append(line + (f" {middle(again[way]).cpu:>13.2f}" if way in again else ""))
    return "\n".join(lines)
