"""The figures that the benchmark ends with, and the table that it prints."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.refine.extracted import extract_figures
from benchmarks.refine.ours import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.refine.ours import Outcome
    from benchmarks.refine.rows import Row
    from benchmarks.refine.soorgeon import Attempt

_LARGE = 10
# With fewer headings than these a notebook is not divided by them.
_DIVIDED = 2


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Sum up: shares of the notebooks, and medians."""
    large = [row for row in rows if row.cells >= _LARGE]
    formats: Counter[str] = Counter()
    for row in rows:
        formats.update(row.ours.formats)
    crossing = [names for row in rows for names in row.ours.crossing]
    observing = [
        row.ours.observing[0] / row.ours.observing[1] for row in rows if row.ours.observing[1]
    ]
    return {
        "notebooks": len(rows),
        "converted": _share(row.ours.converted for row in rows),
        "built": _share(row.ours.built for row in rows),
        "equal": _share(row.ours.equal for row in rows),
        "silently_different": sum(row.ours.silent for row in rows),
        "equal_in_3_steps": _share(row.ours.equal and row.even and row.light for row in large),
        "equal_in_3_steps_of": len(large),
        "steps_mean": round(sum(len(row.ours.steps) for row in rows) / max(len(rows), 1), 1),
        "names_crossing_median": median(crossing) if crossing else None,
        "plain_format_share": _plain(formats),
        "formats": dict(formats.most_common()),
        "observing_ratio_median": round(median(observing), 3) if observing else None,
        "observing_ratio_max": round(max(observing), 3) if observing else None,
        "time_ratio_median": _median(row.time_ratio for row in rows),
        "seconds_median": _median(row.ours.seconds for row in rows),
        "headings": _headings([row for row in large if row.hidden.headings >= _DIVIDED]),
        **extract_figures(row.ours for row in rows),
        "soorgeon": _tool([row.soorgeon for row in rows]),
        "soorgeon_with_headings": _tool([row.soorgeon_with_headings for row in rows]),
    }


def table(rows: Sequence[Row]) -> str:
    """Lay out one line a notebook."""
    lines = [f"{'notebook':<58} cells  own s | ours   steps    s | soorgeon  with headings"]
    lines += [
        f"{row.name[-58:]:<58} {row.cells:>5} {row.own_seconds:>6.1f} | "
        f"{_word(row.ours):<9} {len(row.ours.steps):>2} {row.ours.seconds:>5.0f} | "
        f"{_stage(row.soorgeon):<9} {_stage(row.soorgeon_with_headings)}"
        for row in rows
    ]
    return "\n".join(lines)


def details(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return what each notebook came to, for the file of results."""
    return [
        {
            "notebook": row.name,
            "cells": row.cells,
            "own_seconds": round(row.own_seconds, 1),
            "seconds": round(row.ours.seconds, 1),
            "result": _word(row.ours),
            "steps": [len(cells) for cells in row.ours.steps],
            "names_crossing": list(row.ours.crossing),
            "formats": dict(row.ours.formats),
            "cuts_on_hidden_headings": [row.hidden.hit, row.hidden.cuts],
            "faults": {str(origin): fault[:300] for origin, fault in row.ours.faults.items()},
            "message": "" if row.ours.equal else row.ours.message,
            "definitions_moved": list(row.ours.definitions),
            "tests_passed": list(row.ours.tests),
            "soorgeon": _stage(row.soorgeon),
            "soorgeon_with_headings": _stage(row.soorgeon_with_headings),
        }
        for row in rows
    ]


def _word(outcome: Outcome) -> str:
    if outcome.silent:
        return "SILENT"
    if outcome.equal:
        return "equal"
    if not outcome.converted:
        return "refused"
    return "different" if outcome.built else "broken"


def _stage(tried: Attempt) -> str:
    if not tried.converted:
        return "-"
    if not tried.built:
        return "converted"
    return f"equal {tried.steps}" if tried.equal else "different"


def _tool(tries: Sequence[Attempt]) -> dict[str, float | None]:
    return {
        "converted": _share(each.converted for each in tries),
        "built": _share(each.built for each in tries),
        "equal": _share(each.equal for each in tries),
        "equal_in_more_than_one_step": _share(each.equal and each.steps > 1 for each in tries),
    }


def _headings(rows: Sequence[Row]) -> dict[str, float | int | None]:
    """Say how many of the cuts are where a heading was that was hidden; and by chance."""
    cuts = sum(row.hidden.cuts for row in rows)
    hits = sum(row.hidden.hit for row in rows)
    chance = sum(row.hidden.cuts * row.hidden.headings / row.hidden.places for row in rows)
    return {
        "notebooks": len(rows),
        "share": round(hits / cuts, 3) if cuts else None,
        "chance": round(chance / cuts, 3) if cuts else None,
    }


def _plain(formats: Mapping[str, int]) -> float | None:
    crossing = sum(formats.values())
    plain = sum(count for suffix, count in formats.items() if suffix in PLAIN)
    return round(plain / crossing, 3) if crossing else None


def _share(hits: Iterable[bool]) -> float | None:
    values = [bool(hit) for hit in hits]
    return round(sum(values) / len(values), 3) if values else None


def _median(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return round(median(numbers), 2) if numbers else None
