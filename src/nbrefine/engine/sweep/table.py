"""A sweep as text, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING

from nbrefine.files.paths import shown
from nbrefine.report.masking import mask_text, mask_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from nbrefine.engine.sweep.result import Row, Sweep

OTHER_COLUMNS = ("variant", "best", "seconds", "state", "failure", "place")
"""What a CSV file has beside parameters and metrics."""
_MOST_METRICS = 6
_MARK = "*"


def value_text(name: str, value: object) -> str:
    """Return a parameter's value as it is shown: never a credential."""
    shown_value = mask_value(name, value)
    return shown_value if isinstance(shown_value, str) else str(shown_value)


def number_text(value: float | None) -> str:
    """Return a metric as it is shown: six significant digits."""
    return "" if value is None else f"{value:.6g}"


def best_text(sweep: Sweep) -> str:
    """Say in one sentence which variant is best, or why none is marked."""
    if sweep.aim is None:
        return "None is marked as the best: name a metric with --metric." if sweep.metrics else ""
    if not sweep.best:
        return f"No variant has a value of {sweep.aim.metric}."
    other = (
        "--minimize marks the lowest" if sweep.aim.is_highest else "--maximize marks the highest"
    )
    best = " and ".join(row.name for row in sweep.best)
    value = number_text(sweep.best[0].metrics[sweep.aim.metric])
    what = f"{sweep.aim.metric} {value}, the {sweep.aim.word}"
    return mask_text(f"Best: {best} ({what}; {other}).")


def origin_text(sweep: Sweep) -> str:
    """Say where the metrics were found."""
    if not sweep.metrics:
        return "No metrics: no variant has a JSON product with numbers in it."
    by_origin: dict[str, list[str]] = {}
    for name, origin in sweep.metrics.items():
        by_origin.setdefault(origin, []).append(name)
    said = (
        f"{', '.join(names[:_MOST_METRICS])}"
        f"{f' and {len(names) - _MOST_METRICS} more' if len(names) > _MOST_METRICS else ''}"
        f" (from {origin})"
        for origin, names in by_origin.items()
    )
    return f"Metrics: {'; '.join(said)}."


def text_lines(sweep: Sweep) -> Iterator[str]:
    """Give the lines of a table, the best variant marked, and what is to be said below it."""
    metrics = sweep.shown_metrics[:_MOST_METRICS]
    heads = ["", *sweep.parameters, *metrics, "time", "state"]
    rows = [_cells(sweep, row, metrics) for row in sweep.rows]
    widths = [max(len(line[i]) for line in (heads, *rows)) for i in range(len(heads))]
    for line in (heads, *rows):
        padded = (cell.rjust(width) for cell, width in zip(line[:-1], widths, strict=False))
        yield f"{'  '.join(padded)}  {line[-1]}".rstrip()
    yield ""
    for row in sweep.failed:
        at = f" at {row.place}" if row.place else ""
        yield mask_text(f"{row.name}: {row.failure}{at}")
    yield origin_text(sweep)
    if said := best_text(sweep):
        yield said


def csv_text(sweep: Sweep) -> str:
    """Return a table with all parameters and metrics; numbers as exactly as they are."""
    metrics = sweep.shown_metrics
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    first, *last = OTHER_COLUMNS
    writer.writerow([first, *sweep.parameters, *metrics, *last])
    for row in sweep.rows:
        values = [mask_value(name, row.values.get(name)) for name in sweep.parameters]
        numbers = [row.metrics.get(name, "") for name in metrics]
        end = [sweep.is_best(row), round(row.seconds, 3), row.state, mask_text(row.failure)]
        writer.writerow([row.name, *values, *numbers, *end, row.place])
    return stream.getvalue()


def sweep_json(sweep: Sweep, root: Path) -> dict[str, object]:
    """Return all that came of a sweep, credentials masked.

    Parameters
    ----------
    sweep
        The sweep.
    root
        The project's folder; folders of variants are relative to it.
    """
    aim = sweep.aim
    return {
        "step": sweep.step,
        "parameters": [*sweep.parameters],
        "metrics": dict(sweep.metrics),
        "aim": None if aim is None else {"metric": aim.metric, "best": aim.word},
        "best": [row.name for row in sweep.best],
        "stopped": sweep.build.stopped,
        "seconds": round(sweep.build.seconds, 3),
        "notes": [mask_text(note) for note in sweep.notes],
        "variants": [
            {
                "name": row.name,
                "parameters": mask_value("", dict(row.values)),
                "folder": None if row.folder is None else shown(row.folder, root),
                "state": row.state,
                "seconds": round(row.seconds, 3),
                "metrics": {name: _finite(each) for name, each in row.metrics.items()},
                "failure": mask_text(row.failure) or None,
                "place": row.place or None,
            }
            for row in sweep.rows
        ],
    }


def _finite(number: float) -> float | None:
    """Return what JSON has for a number: it knows no NaN."""
    return number if math.isfinite(number) else None


def _cells(sweep: Sweep, row: Row, metrics: Sequence[str]) -> list[str]:
    values = [value_text(name, row.values.get(name)) for name in sweep.parameters]
    numbers = [number_text(row.metrics.get(name)) for name in metrics]
    seconds = f"{row.seconds:.1f} s" if row.seconds else ""
    return [_MARK if row in sweep.best else "", *values, *numbers, seconds, row.state]
