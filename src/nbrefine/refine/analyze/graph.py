"""The graph of what flows between steps: steps as boxes in their colours, values on the arrows."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from nbrefine.files.sizes import size_text
from nbrefine.refine.analyze.text import value_text
from nbrefine.report.layout import Box, Layout, lay_out
from nbrefine.report.masking import mask_text
from nbrefine.report.svg import route_path, shortened, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.analyze.analyze import Analysis, Passage, ProposedStep

_MARGIN = 6.0
_STEP_HEIGHT, _LINE = 46.0, 16.0
_LEAST, _MOST = 120.0, 270.0
_PAGE_WIDTH = 1248.0
_SMALL = 11.5 / 13.0
_LINES = 4
_TIP = (
    '<defs><marker id="flow-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path class="tip" d="M0 .8 7.4 4 0 7.2Z"/></marker></defs>'
)
# Hues of the steps, far apart for neighbours; more steps begin again.
_HUES = (212, 28, 150, 330, 48, 262, 96, 0, 184, 300, 70, 236)

GRAPH_STYLE = """
.flow { font-family:system-ui,-apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif }
.flow .step rect { fill:hsl(var(--h) 75% 94%); stroke:hsl(var(--h) 55% 42%); stroke-width:1.4 }
.flow .step text { fill:var(--ink); font-size:13px; font-weight:600 }
.flow .step .note { font-weight:400; font-size:11.5px; fill:var(--soft) }
.flow .value rect { fill:var(--panel); stroke:var(--rule); stroke-width:1 }
.flow .value text { fill:var(--ink); font-size:11.5px } .flow .value tspan { fill:var(--soft) }
.flow .edge { fill:none; stroke:#8f99a3; stroke-width:1.4 } .flow .tip { fill:#8f99a3 }
.flow a { text-decoration:none } .flow a:hover rect { stroke-width:2.4 }
@media (prefers-color-scheme: dark) {
  .flow .step rect { fill:hsl(var(--h) 35% 19%); stroke:hsl(var(--h) 55% 62%) } }
""".strip()


@dataclass(frozen=True)
class _Value:
    """What goes from one step to the same others, drawn as one label."""

    key: str
    producer: str
    consumers: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    tip: str

    @property
    def width(self) -> float:
        longest = max(text_width(f"{name}  {note}") for name, note in self.lines)
        return min(longest * _SMALL + 18, _MOST)

    @property
    def height(self) -> float:
        return _LINE * len(self.lines) + 10


def hue(position: int) -> int:
    """Return the hue of a step's colour by its position."""
    return _HUES[position % len(_HUES)]


def flow_svg(analysis: Analysis) -> str:
    """Draw the steps and what flows between them.

    Parameters
    ----------
    analysis
        The analysis.

    Returns
    -------
    str
        An ``<svg>`` element for a page that has `GRAPH_STYLE`. A step links to its first cell.
    """
    values = _values(analysis.passages)
    layout = _fitting(analysis.steps, values)
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" role="group" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="{-_MARGIN:g} {-_MARGIN:g} {width:.1f} {height:.1f}" '
        'aria-label="What flows between the steps">'
    )
    parts = [opening, _TIP]
    labels = {value.key for value in values}
    for (start, end), route in layout.routes.items():
        tip = "" if end in labels else ' marker-end="url(#flow-tip)"'
        path = route_path(route, layout.direction)
        parts.append(f'<path class="edge" data-from="{escape(start)}"{tip} d="{path}"/>')
    parts += [
        _step(step, position, layout.boxes[step.name])
        for position, step in enumerate(analysis.steps)
    ]
    parts += [_label(value, layout.boxes[value.key]) for value in values]
    return "\n".join([*parts, "</svg>"])


def _values(passages: Sequence[Passage]) -> list[_Value]:
    """Put together what has the same way."""
    ways: dict[tuple[str, tuple[str, ...]], list[Passage]] = {}
    for passage in passages:
        ways.setdefault((passage.producer, passage.consumers), []).append(passage)
    return [
        _Value(f"value {number}", producer, consumers, _lines(group), _tip(group))
        for number, ((producer, consumers), group) in enumerate(ways.items())
    ]


def _lines(passages: Sequence[Passage]) -> tuple[tuple[str, str], ...]:
    """Return names with sizes, the largest first; the last line counts what has no room."""
    ordered = sorted(
        passages, key=lambda each: (-(each.facts.size if each.facts else 0), each.name)
    )
    shown = ordered if len(ordered) <= _LINES else ordered[: _LINES - 1]
    lines = [(each.name, size_text(each.facts.size) if each.facts else "") for each in shown]
    if rest := ordered[len(shown) :]:
        lines.append((f"and {len(rest)} more", ""))
    return tuple(lines)


def _tip(passages: Sequence[Passage]) -> str:
    return "\n".join(
        each.name + (f": {value_text(each.facts)}" if each.facts else "") for each in passages
    )


def _fitting(steps: Sequence[ProposedStep], values: Sequence[_Value]) -> Layout:
    """Lay out to the right, or down where that would be too wide for a page."""
    room = max((text_width(step.name) for step in steps), default=0.0) + 28
    width = min(max(room, _LEAST), _MOST)
    sizes = {step.name: (width, _STEP_HEIGHT) for step in steps}
    sizes |= {value.key: (value.width, value.height) for value in values}
    edges = [(value.producer, value.key) for value in values]
    edges += [(value.key, consumer) for value in values for consumer in value.consumers]
    right = lay_out(sizes, edges, direction="right", layer_gap=30, node_gap=16)
    if right.width <= _PAGE_WIDTH:
        return right
    down = lay_out(sizes, edges, direction="down", layer_gap=24, node_gap=20)
    return down if down.width < right.width else right


def _step(step: ProposedStep, position: int, box: Box) -> str:
    count = f"{len(step.cells)} cell{'' if len(step.cells) == 1 else 's'}"
    middle = box.x + box.width / 2
    return (
        f'<a class="step" style="--h:{hue(position)}" href="#cell-{step.cells[0] + 1}" '
        f'aria-label="Step {escape(step.name)}, {count}">'
        f"<title>{escape(mask_text(step.title))}</title>{_rect(box, 9)}"
        f'<text x="{middle:.1f}" y="{box.y + 20:.1f}" text-anchor="middle">'
        f"{escape(shortened(step.name, box.width - 16))}</text>"
        f'<text class="note" x="{middle:.1f}" y="{box.y + 36:.1f}" text-anchor="middle">{count}'
        "</text></a>"
    )


def _label(value: _Value, box: Box) -> str:
    lines = "".join(
        f'<text x="{box.x + 9:.1f}" y="{box.y + 17 + _LINE * index:.1f}">'
        f"{escape(shortened(name, (box.width - 18) / _SMALL - text_width(note)))}"
        f"{f' <tspan>{note}</tspan>' if note else ''}</text>"
        for index, (name, note) in enumerate(value.lines)
    )
    spoken = escape(f"From {value.producer} to {', '.join(value.consumers)}: {value.tip}")
    return (
        f'<g class="value" role="img" aria-label="{spoken}"><title>{escape(value.tip)}</title>'
        f"{_rect(box, 12)}{lines}</g>"
    )


def _rect(box: Box, radius: int) -> str:
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="{radius}"/>'
    )
