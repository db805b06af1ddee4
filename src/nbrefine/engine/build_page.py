"""A build as one HTML page: when each step ran, why, how much memory it held, what failed."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.engine.failure_text import failure_text
from nbrefine.engine.outcome import Ending
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.files.sizes import size_text
from nbrefine.pipeline.own_folder import FOLDER
from nbrefine.report.masking import mask_text
from nbrefine.report.page import link, page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.engine.outcome import Build, Outcome
    from nbrefine.pipeline.model import Pipeline

NAME = "build-report.html"

_STYLE = """
.chart { padding:18px 20px } .chart svg { display:block; width:100%; height:auto }
.chart text { font:12px system-ui,-apple-system,"Segoe UI","Noto Sans",sans-serif; fill:var(--ink) }
.chart .tick { fill:var(--soft) } .chart line { stroke:var(--rule) }
.ran { --tone:var(--link) } .restored, .refreshed { --tone:var(--good) }
.failed { --tone:var(--bad) } .skipped, .up-to-date { --tone:var(--absent) }
:root { --bad:#b3261e } @media (prefers-color-scheme: dark) { :root { --bad:#ff8a80 } }
rect.bar { fill:var(--tone) } .state { color:var(--tone); font-weight:600; white-space:nowrap }
td.number { text-align:right; font-variant-numeric:tabular-nums; white-space:nowrap }
th.number { text-align:right } ul.why { margin:0; padding:0; list-style:none }
pre { margin:0; padding:14px 16px; overflow-x:auto; font-size:12.5px; line-height:1.45 }
""".strip()
_COLUMNS = (("Step", ""), ("State", ""), ("Why", ""), ("Time", "number"), ("Memory", "number"))
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 1000.0, 190.0, 60.0, 26.0, 26.0
_STEPS_OF_SCALE = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_MOST_TICKS = 8
_SHOWN_NAME = 24


def page_place(pipeline: Pipeline) -> Path:
    """Return where the page goes: beside the products, if these have a folder of their own."""
    folders = [str(path.parent) for each in pipeline.steps.values() for path in each.files.values()]
    common = Path(os.path.commonpath(folders)) if folders else pipeline.root
    inside = common.is_relative_to(pipeline.root) and common != pipeline.root
    return (common if inside else pipeline.root / FOLDER) / NAME


def write_page(pipeline: Pipeline, build: Build) -> Path | None:
    """Write a build's page, unless it has done nothing: then that of an earlier one says more.

    Returns
    -------
    Path or None
        The page, if it was written.
    """
    if all(outcome.ending is Ending.FRESH for outcome in build.outcomes.values()):
        return None
    place = page_place(pipeline)
    write_atomic(place, build_page(pipeline, build))
    return place


def build_page(pipeline: Pipeline, build: Build) -> str:
    """Write a build as a page.

    Parameters
    ----------
    pipeline
        The pipeline.
    build
        The build.

    Returns
    -------
    str
        The whole page, credentials masked.
    """
    place = page_place(pipeline).parent
    word = "stopped" if build.stopped else "failed" if build.failed else "built"
    parts = [
        f"<h1>{escape(pipeline.root.name)} · {word}</h1>",
        f'<p class="soft">{_counts(build)}, in {build.seconds:.1f} s</p>',
        *(f"<p>{escape(mask_text(note))}</p>" for note in build.notes),
        *_failures(build),
        *_chart(build),
        "<h2>Steps</h2>",
        _table(pipeline, build, place),
    ]
    return page(f"{pipeline.root.name} · build", parts, style=_STYLE)


def _counts(build: Build) -> str:
    endings = [outcome.ending for outcome in build.outcomes.values()]
    return ", ".join(f"{endings.count(each)} {each}" for each in Ending if each in endings)


def _failures(build: Build) -> Iterator[str]:
    for outcome in build.failed:
        yield f'<div class="panel"><pre>{escape(failure_text(outcome))}</pre></div>'


def _chart(build: Build) -> Iterator[str]:
    """Draw when the steps ran that did anything."""
    busy = [each for each in build.outcomes.values() if each.seconds > 0]
    if not busy:
        return
    total = max(each.start + each.seconds for each in busy)
    scale = (_WIDTH - _LEFT - _RIGHT) / total
    height = _TOP + _ROW * len(busy)
    yield '<h2>When</h2><div class="panel chart">'
    yield f'<svg viewBox="0 0 {_WIDTH:.0f} {height:.0f}" role="img" aria-label="When steps ran">'
    for tick in _ticks(total):
        x = _LEFT + tick * scale
        yield f'<line x1="{x:.1f}" y1="18" x2="{x:.1f}" y2="{height:.0f}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="12" text-anchor="middle">{tick:g} s</text>'
    for index, outcome in enumerate(busy):
        yield _bar(outcome, _TOP + index * _ROW, scale)
    yield "</svg></div>"


def _ticks(total: float) -> Iterator[float]:
    step = next((s for s in _STEPS_OF_SCALE if total / s <= _MOST_TICKS), total / _MOST_TICKS)
    number = 0
    while number * step <= total:
        yield round(number * step, 6)
        number += 1


def _bar(outcome: Outcome, y: float, scale: float) -> str:
    x, width = _LEFT + outcome.start * scale, max(outcome.seconds * scale, 2)
    name = outcome.step if len(outcome.step) <= _SHOWN_NAME else f"{outcome.step[:_SHOWN_NAME]}…"
    title = f"{outcome.step}: {outcome.ending}, {outcome.seconds:.1f} s"
    return (
        f'<g class="{_class(outcome)}"><title>{escape(title)}</title>'
        f'<text x="{_LEFT - 10:.0f}" y="{y + 14:.0f}" text-anchor="end">{escape(name)}</text>'
        f'<rect class="bar" x="{x:.1f}" y="{y + 3:.0f}" width="{width:.1f}" height="15" rx="3"/>'
        f'<text class="tick" x="{x + width + 6:.1f}" y="{y + 14:.0f}">'
        f"{outcome.seconds:.1f} s</text></g>"
    )


def _table(pipeline: Pipeline, build: Build, place: Path) -> str:
    heads = "".join(f'<th class="{kind}">{name}</th>' for name, kind in _COLUMNS)
    rows = "".join(_row(pipeline, outcome, place) for outcome in build.outcomes.values())
    return (
        f'<div class="panel scroll"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(pipeline: Pipeline, outcome: Outcome, place: Path) -> str:
    step = pipeline.steps[outcome.step]
    source = link(step.source, place, shown(step.source, pipeline.root))
    why = "".join(f"<li>{_text(reason)}</li>" for reason in outcome.reasons)
    seconds = f"{outcome.seconds:.1f} s" if outcome.seconds else ""
    memory = size_text(outcome.memory) if outcome.memory else ""
    same = outcome.ending is Ending.RAN and not outcome.changed
    more = '<div class="soft">made the same as before</div>' if same else ""
    return (
        f'<tr><td><b>{escape(outcome.step)}</b><div class="soft">{source}</div></td>'
        f'<td class="{_class(outcome)}"><span class="state">{outcome.ending}</span>{more}</td>'
        f'<td><ul class="why">{why}</ul></td><td class="number">{seconds}</td>'
        f'<td class="number">{memory}</td></tr>'
    )


def _class(outcome: Outcome) -> str:
    return outcome.ending.value.replace(" ", "-")


def _text(reason: str) -> str:
    """Show what is between backticks as code."""
    parts = escape(mask_text(reason)).split("`")
    return "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))
