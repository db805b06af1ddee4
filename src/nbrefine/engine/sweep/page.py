"""A sweep as one HTML page: its table, and a plot of the metric over each parameter."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from nbrefine.engine.sweep.table import best_text, number_text, origin_text, value_text
from nbrefine.report.masking import mask_text
from nbrefine.report.page import page
from nbrefine.report.scatter import STYLE as SCATTER_STYLE
from nbrefine.report.scatter import Dot, scatter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.engine.sweep.result import Row, Sweep

_STYLE = """
:root { --bad:#b3261e } @media (prefers-color-scheme: dark) { :root { --bad:#ff8a80 } }
td.number, th.number { text-align:right; font-variant-numeric:tabular-nums; white-space:nowrap }
tr.best > * { background:var(--mark); font-weight:600 } .failed { color:var(--bad) }
.plots { display:grid; grid-template-columns:repeat(auto-fit,minmax(420px,1fr)); gap:16px }
.plots .panel { padding:16px 18px }
""".strip()
_MOST_PLOTTED, _MOST_COLUMNS = 4, 12


def sweep_page(sweep: Sweep, project: str) -> str:
    """Write a sweep as a page.

    Parameters
    ----------
    sweep
        The sweep.
    project
        The project's name.

    Returns
    -------
    str
        The whole page, credentials masked.
    """
    failed = f", {len(sweep.failed)} without a result" if sweep.failed else ""
    word = " · stopped" if sweep.build.stopped else ""
    parts = [
        f"<h1>{escape(project)} · sweep of {escape(sweep.step)}{word}</h1>",
        f'<p class="soft">{len(sweep.rows)} variants{failed}, in {sweep.build.seconds:.1f} s</p>',
        f"<p>{escape(best_text(sweep))}</p>",
        *(f"<p>{escape(mask_text(note))}</p>" for note in sweep.notes),
        *_plots(sweep),
        "<h2>Variants</h2>",
        _table(sweep),
        f'<footer class="soft">{escape(mask_text(origin_text(sweep)))}</footer>',
    ]
    return page(f"{project} · sweep of {sweep.step}", parts, style=f"{_STYLE}\n{SCATTER_STYLE}")


def _plots(sweep: Sweep) -> Iterator[str]:
    """Draw the metric that decides, else the first ones, over each parameter."""
    metrics = [sweep.aim.metric] if sweep.aim else [*sweep.metrics][:_MOST_PLOTTED]
    figures = [
        f'<div class="panel">{scatter(dots, x_name=name, y_name=metric)}</div>'
        for metric in metrics
        for name in sweep.parameters
        if (dots := [*_dots(sweep, name, metric)])
    ]
    if figures:
        yield f'<h2>Plots</h2><div class="plots">{"".join(figures)}</div>'


def _dots(sweep: Sweep, name: str, metric: str) -> Iterator[Dot]:
    for row in sweep.rows:
        number = row.metrics.get(metric)
        if number is None or not math.isfinite(number):
            continue
        value = row.values.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        at = value if is_number and math.isfinite(value) else value_text(name, value)  # type: ignore[arg-type]
        assert isinstance(at, str | int | float)  # noqa: S101  (both kinds of axis)
        label = f"{mask_text(row.name)}: {metric} {number_text(number)}"
        yield Dot(at, number, label, is_marked=sweep.is_best(row))


def _table(sweep: Sweep) -> str:
    heads = [(name, "number") for name in (*sweep.parameters, *_columns(sweep), "Time")]
    head = "".join(
        f'<th class="{kind}">{escape(name)}</th>' for name, kind in [*heads, ("State", "")]
    )
    rows = "".join(_row(sweep, row) for row in sweep.rows)
    return (
        f'<div class="panel scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _columns(sweep: Sweep) -> tuple[str, ...]:
    """Return the metrics that a reader can still look over; CSV and JSON have all."""
    return sweep.shown_metrics[:_MOST_COLUMNS]


def _row(sweep: Sweep, row: Row) -> str:
    cells = [value_text(name, row.values.get(name)) for name in sweep.parameters]
    cells += [number_text(row.metrics.get(name)) for name in _columns(sweep)]
    cells.append(f"{row.seconds:.1f} s" if row.seconds else "")
    numbers = "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells)
    is_best = sweep.is_best(row)
    state = f"{row.state}, best" if is_best else row.state
    at = f"<br><code>{escape(row.place)}</code>" if row.place else ""
    why = f'<div class="failed">{escape(mask_text(row.failure))}{at}</div>' if row.failure else ""
    return f'<tr class="{"best" if is_best else ""}">{numbers}<td>{escape(state)}{why}</td></tr>'
