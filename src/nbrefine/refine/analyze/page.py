"""An analysis as one HTML page: the flow, the findings, and the notebook in its steps' colours."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from nbrefine.refine.analyze.graph import GRAPH_STYLE, flow_svg, hue
from nbrefine.refine.analyze.text import headline
from nbrefine.refine.findings.show import masked_lines
from nbrefine.report.masking import mask_text, mask_value
from nbrefine.report.page import page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.notebook.document import Cell
    from nbrefine.refine.analyze.analyze import Analysis, ProposedStep
    from nbrefine.refine.findings.finding import Finding

_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*|<h[1-6][^>]*>\s*([^<]+?)\s*</h[1-6]>")
_STYLE = (
    GRAPH_STYLE
    + """
:root { --error:#c0272d; --warning:#9a6700; --info:#0757b8 }
@media (prefers-color-scheme: dark) { :root { --error:#ff7b72; --warning:#e3b341; --info:#79b8ff } }
.graph { padding:18px; margin-top:18px } .graph svg { display:block; margin:0 auto }
.failed { padding:14px 20px; border-left:6px solid var(--error); margin-top:18px }
.error { --tone:var(--error) } .warning { --tone:var(--warning) } .info { --tone:var(--info) }
.badge { border:1px solid var(--tone); color:var(--tone); border-radius:20px; padding:0 9px;
  font-size:12px; font-weight:600; white-space:nowrap }
.dot { display:inline-block; width:11px; height:11px; border-radius:3px; margin-right:7px;
  background:hsl(var(--h) 60% 52%) }
.findings td:first-child { white-space:nowrap } td .soft code, .said code { color:inherit }
.cell { border-left:7px solid hsl(var(--h) 60% 52%); background:hsl(var(--h) 75% 96.5%);
  margin:0; padding:10px 16px; scroll-margin-top:12px }
.cell.first { margin-top:22px; border-radius:10px 10px 0 0 } .cell:target { outline:2px solid
  var(--link) }
.cell.none { border-color:var(--rule); background:none }
@media (prefers-color-scheme: dark) { .cell { background:hsl(var(--h) 28% 12%) } }
.cell .head { display:flex; gap:12px; align-items:baseline; font-size:12.5px; color:var(--soft) }
.cell .head strong { color:var(--ink); font-size:14px }
.cell p { margin:2px 0; white-space:pre-wrap; overflow-wrap:anywhere }
.cell h4 { margin:4px 0; font-size:15px }
pre { margin:6px 0 2px; overflow-x:auto; font-size:12.5px; line-height:1.5;
  font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace }
pre span.line { display:block } pre i { display:inline-block; min-width:2.6em; font-style:normal;
  color:var(--soft); user-select:none; opacity:.75 }
pre .hit { background:color-mix(in srgb, var(--tone) 16%, transparent) }
.said { margin:4px 0 2px; padding:6px 12px; border-left:3px solid var(--tone); font-size:13px;
  background:var(--panel); border-radius:0 6px 6px 0 }
"""
)


def analysis_page(analysis: Analysis) -> str:
    """Draw an analysis.

    Parameters
    ----------
    analysis
        The analysis.

    Returns
    -------
    str
        One self-contained page that works offline and without scripts, credentials masked.
    """
    name = analysis.notebook.path.name
    return page(f"Analysis of {name}", _body(analysis, name), style=_STYLE)


def _body(analysis: Analysis, name: str) -> Iterator[str]:
    yield f"<h1>{escape(name)}</h1>"
    how = "from a recorded run" if analysis.recording else "from the code alone, without a run"
    yield f'<p class="soft">{escape(headline(analysis))}; {how}.</p>'
    if analysis.failed is not None:
        where, message = escape(str(analysis.failed.where)), mask_text(analysis.failed.message)
        yield f'<div class="panel failed"><strong>The notebook fails</strong> at {where}.'
        yield f"<pre>{escape(message)}</pre></div>"
    if analysis.steps:
        yield f'<div class="panel graph scroll">{flow_svg(analysis)}</div>'
        yield from _steps(analysis)
    yield from _findings(analysis)
    yield "<h2>Notebook</h2>"
    yield from _cells(analysis)


def _steps(analysis: Analysis) -> Iterator[str]:
    yield '<h2>Steps</h2><div class="panel scroll"><table><thead><tr><th>Step</th><th>Cells</th>'
    yield "<th>Takes</th><th>Gives</th><th>Parameters</th><th>Files</th></tr></thead><tbody>"
    for position, step in enumerate(analysis.steps):
        takes = [each.name for each in analysis.passages if step.name in each.consumers]
        gives = [each.name for each in analysis.passages if each.producer == step.name]
        params = [
            f"{name} = {mask_value(name, analysis.parameters.get(name))!r}" for name in step.params
        ]
        files = [*step.inputs, *(f"writes {path}" for path in step.outputs)]
        yield (
            f'<tr><td style="--h:{hue(position)}"><span class="dot"></span>'
            f'<a href="#cell-{step.cells[0] + 1}">{escape(step.name)}</a><br>'
            f'<span class="soft">{escape(_title(step))}</span></td>'
            f"<td>{len(step.cells)}</td>"
            + "".join(f"<td>{_list(each, ', ')}</td>" for each in (takes, gives))
            + "".join(f"<td>{_list(each, '<br>')}</td>" for each in (params, files))
            + "</tr>"
        )
    yield "</tbody></table></div>"


def _list(items: Sequence[str], between: str) -> str:
    return between.join(f"<code>{escape(item)}</code>" for item in items)


def _findings(analysis: Analysis) -> Iterator[str]:
    if not analysis.findings:
        yield '<h2>Findings</h2><p class="soft">None.</p>'
        return
    yield '<h2>Findings</h2><div class="panel scroll"><table class="findings"><tbody>'
    for each in analysis.findings:
        place = "notebook"
        if each.cell is not None:
            line = f", line {each.line}" if each.line else ""
            place = f'<a href="#cell-{each.cell + 1}">cell {each.cell + 1}</a>{line}'
        yield (
            f'<tr class="{each.severity}"><td>{_badge(each)}</td><td>{place}</td>'
            f"<td>{_said(each.message)}<br>"
            f'<span class="soft">{_said(each.hint)}</span></td></tr>'
        )
    yield "</tbody></table></div>"


def _title(step: ProposedStep) -> str:
    """Return a step's heading; empty where it says no more than the name."""
    same = step.title.lower() == step.name.replace("_", " ")
    return "" if same else mask_text(step.title)


def _said(text: str) -> str:
    """Set what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(mask_text(text)))


def _badge(finding: Finding) -> str:
    return f'<span class="badge">{finding.code} {finding.name}</span>'


def _cells(analysis: Analysis) -> Iterator[str]:
    """Show the notebook; markdown goes with the code that follows it."""
    homes = {index: step for step in analysis.steps for index in step.cells}
    positions = {step.name: position for position, step in enumerate(analysis.steps)}
    following: list[ProposedStep | None] = []
    current: ProposedStep | None = analysis.steps[-1] if analysis.steps else None
    for cell in reversed(analysis.notebook.cells):
        current = homes.get(cell.index, current)
        following.append(current)
    before: ProposedStep | None = None
    for cell, step in zip(analysis.notebook.cells, reversed(following), strict=True):
        said = [each for each in analysis.findings if each.cell == cell.index]
        style = f' style="--h:{hue(positions[step.name])}"' if step else ""
        opening = step.name if step is not None and step is not before else ""
        kind = "cell" + (" first" if opening else "") + ("" if step else " none")
        head = f"<strong>{escape(opening)}</strong>" if opening else ""
        content = _code(cell, said) if cell.kind == "code" else _prose(cell)
        yield (
            f'<div class="{kind}" id="cell-{cell.index + 1}"{style}><div class="head">{head}'
            f"<span>cell {cell.index + 1}</span></div>{content}</div>"
        )
        before = step


def _prose(cell: Cell) -> str:
    """Show markdown as its author wrote it, headings larger."""
    parts = []
    for line in mask_text(cell.source).split("\n"):
        heading = _HEADING.fullmatch(line.strip())
        text = next(filter(None, heading.groups()), "") if heading else ""
        parts.append(f"<h4>{escape(text)}</h4>" if text else escape(line))
    return "<p>" + "\n".join(parts).replace("</h4>\n", "</h4>") + "</p>"


def _code(cell: Cell, said: Sequence[Finding]) -> str:
    """Show code with what was found on its lines below them."""
    parts: list[str] = []
    for number, text in enumerate(masked_lines(cell.source), start=1):
        here = [each for each in said if (each.line or 1) == number]
        mark = f" hit {here[0].severity}" if here else ""
        parts.append(f'<span class="line{mark}"><i>{number}</i>{escape(text)}</span>')
    notes = "".join(
        f'<div class="said {each.severity}">{_badge(each)} '
        f"{f'line {each.line}: ' if each.line else ''}{_said(each.message)} "
        f'<span class="soft">{_said(each.hint)}</span></div>'
        for each in said
    )
    return f"<pre>{''.join(parts)}</pre>{notes}"
