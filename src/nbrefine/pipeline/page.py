"""A pipeline as one HTML page: its picture, and a table of its steps."""

from __future__ import annotations

import datetime as dt
import json
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.paths import shown
from nbrefine.files.sizes import size_text
from nbrefine.pipeline.drawing import TONES, picture_of, summary
from nbrefine.pipeline.params import RESOURCES
from nbrefine.pipeline.state import Status
from nbrefine.report.masking import mask_text, mask_value
from nbrefine.report.page import link, page
from nbrefine.report.svg import svg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbrefine.pipeline.model import Pipeline, Relation, Step
    from nbrefine.pipeline.state import StepState

_STYLE = """
.counts { display:flex; flex-wrap:wrap; gap:8px; margin:14px 0 20px; padding:0; list-style:none }
.counts li, .state { color:var(--tone); font-weight:600; white-space:nowrap }
.counts li { border:1px solid color-mix(in srgb, var(--tone) 45%, transparent);
  border-radius:99px; padding:2px 12px; font-size:13px }
.t-good { --tone:var(--good) } .t-stale { --tone:var(--stale) }
.t-absent { --tone:var(--absent) } .t-unsure { --tone:var(--unsure) }
.picture { padding:22px 24px } .picture svg { display:block; margin:0 auto; height:auto;
  max-width:max(100%, var(--least)) }
.reasons { margin:3px 0 0; padding:0; list-style:none; color:var(--soft); font-size:13px;
  min-width:13em; overflow-wrap:anywhere }
th.step { font-size:14px; color:var(--ink); min-width:15em; white-space:normal;
  overflow-wrap:anywhere }
th.step div { font-weight:400; font-size:13px; margin-top:2px }
.products, .params { margin:0; padding:0; list-style:none }
.products li { margin-top:2px; white-space:nowrap } .products code { overflow-wrap:normal }
.products small { color:var(--soft); font-size:12.5px; padding-left:5px }
.products .soft, .watched { font-size:12.5px } .watched { color:var(--soft); min-width:18em }
@media (max-width:820px) { thead { display:none } table, tbody, tr, tr > * { display:block }
  tr { padding:14px 16px; border-bottom:1px solid var(--rule) } tr > * { padding:4px 0; border:0 }
  .products li { white-space:normal } .products code { overflow-wrap:anywhere } }
""".strip()

_COLUMNS = ("Step", "State", "Products", "Parameters")
_FOOTER = (
    '<footer class="soft">States are as <code>ploomber status</code> sees them: by source text, '
    "parameters and times. Nothing was run to draw this page.</footer>"
)
_MARKS = {
    Status.UP_TO_DATE: "✓",
    Status.OUTDATED: "↻",
    Status.MISSING: "○",
    Status.UNKNOWN: "?",
}


def pipeline_page(pipeline: Pipeline, states: Mapping[str, StepState], place: Path) -> str:
    """Write a pipeline as a page.

    Parameters
    ----------
    pipeline
        The pipeline.
    states
        The state of each step, in the order of the build.
    place
        The folder that the page will lie in: links are relative to it.

    Returns
    -------
    str
        The whole page.
    """
    parts = [
        _heading(pipeline, place),
        _counts(states),
        _figure(pipeline, states),
        _table(pipeline, states, place),
        _FOOTER,
    ]
    return page(f"{pipeline.root.name} · pipeline", parts, style=_STYLE)


def anchor(name: str) -> str:
    """Return the part of an address that leads to a step's row."""
    return "step-" + re.sub(r"[^\w-]", lambda match: f"_{ord(match[0]):x}_", name)


def _heading(pipeline: Pipeline, place: Path) -> str:
    now = dt.datetime.now().astimezone()
    return (
        f"<h1>{escape(pipeline.root.name)}</h1>\n"
        f'<div class="soft">{link(pipeline.spec_file, place, pipeline.spec_file.name)} · drawn '
        f'<time datetime="{now.isoformat(timespec="seconds")}">{_when(now.timestamp())}</time>'
        "</div>"
    )


def _counts(states: Mapping[str, StepState]) -> str:
    numbers = {
        status: sum(state.status is status for state in states.values()) for status in Status
    }
    items = "".join(
        f'<li class="t-{TONES[status]}"><span aria-hidden="true">{_MARKS[status]}</span> '
        f"{number} {status.value}</li>"
        for status, number in numbers.items()
        if number
    )
    return f'<ul class="counts" aria-label="{escape(summary(states))}">{items}</ul>'


def _figure(pipeline: Pipeline, states: Mapping[str, StepState]) -> str:
    picture = picture_of(pipeline, states, link=lambda step: f"#{anchor(step.name)}")
    drawing = svg(picture)
    width = re.search(r'width="(\d+)"', drawing)
    # On a narrow window the picture shrinks somewhat, and then scrolls.
    least = f"{0.75 * int(width[1]):.0f}px" if width else "100%"
    return (
        f'<div class="panel picture scroll" style="--least:{least}" tabindex="0" role="region" '
        f'aria-label="The pipeline\'s graph">{drawing}</div>'
    )


def _table(pipeline: Pipeline, states: Mapping[str, StepState], place: Path) -> str:
    titles = "".join(f'<th scope="col">{title}</th>' for title in _COLUMNS)
    rows = "\n".join(
        _row(pipeline, pipeline.steps[name], state, place) for name, state in states.items()
    )
    return (
        '<h2 id="steps">Steps</h2>\n'
        '<div class="panel scroll" tabindex="0" role="region" aria-labelledby="steps"><table>\n'
        f"<thead><tr>{titles}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )


def _row(pipeline: Pipeline, step: Step, state: StepState, place: Path) -> str:
    source = link(step.source, place, shown(step.source, pipeline.root))
    function = f" <code>{escape(step.dotted_path.rpartition('.')[2])}</code>" * bool(
        step.dotted_path
    )
    made = f'<li class="soft">made {_when(state.made)}</li>' * (state.made is not None)
    reasons = "".join(f"<li>{escape(mask_text(reason))}</li>" for reason in state.reasons)
    return (
        f'<tr id="{anchor(step.name)}"><th scope="row" class="step">{escape(step.name)}'
        f"<div>{source}{function}</div>{_reads(step)}</th>"
        f'<td><span class="state t-{TONES[state.status]}"><span aria-hidden="true">'
        f"{_MARKS[state.status]}</span> {state.status.value}</span>"
        f'<ul class="reasons">{reasons}{made}</ul></td>'
        f'<td><ul class="products">{"".join(_products(pipeline, step, place))}</ul></td>'
        f'<td><ul class="params">{"".join(_params(pipeline, step))}</ul></td></tr>'
    )


def _reads(step: Step) -> str:
    links = (f'<a href="#{anchor(up)}">{escape(up)}</a>' for up in step.upstream)
    return f'<div class="soft">reads {", ".join(links)}</div>' if step.upstream else ""


def _products(pipeline: Pipeline, step: Step, place: Path) -> Iterator[str]:
    folders = {path.parent for path in step.files.values()}
    shared = folders.pop() if len(folders) == 1 and len(step.files) > 1 else pipeline.root
    if shared != pipeline.root:
        yield f'<li class="soft">in <code>{escape(shown(shared, pipeline.root))}/</code></li>'
    for product in step.products.values():
        yield f"<li>{_product(product, shared, place)}</li>"


def _product(product: Path | Relation, folder: Path, place: Path) -> str:
    if not isinstance(product, Path):
        return f"<code>{escape(str(product))}</code> <small>in a database</small>"
    name = link(product, place, shown(product, folder))
    try:
        facts = product.stat()
    except OSError:  # not there, or gone while a build replaces it
        return f"{name} <small>is not there</small>"
    size = "folder" if product.is_dir() else size_text(facts.st_size)
    return f"{name} <small>{size} · {_when(facts.st_mtime)}</small>"


def _params(pipeline: Pipeline, step: Step) -> Iterator[str]:
    for name, value in step.params.items():
        if name != RESOURCES or not isinstance(value, dict):
            text = json.dumps(mask_value(name, value), ensure_ascii=False, default=str)
            yield f"<li><code>{escape(name)}: {escape(text)}</code></li>"
            continue
        paths = [Path(str(file)) for file in value.values()]
        for folder in dict.fromkeys(path.parent for path in paths):
            names = ", ".join(escape(path.name) for path in paths if path.parent == folder)
            inside = escape(shown(folder, pipeline.root))
            yield f'<li class="watched">watches {names} in <code>{inside}/</code></li>'


def _when(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return dt.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
