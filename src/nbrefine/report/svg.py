"""A graph as an SVG picture: sharp at any size, light and dark, with links and spoken labels."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from nbrefine.report.graph import Tone
from nbrefine.report.layout import Box, Direction, Layout, lay_out

if TYPE_CHECKING:
    from nbrefine.report.graph import Node, Picture
    from nbrefine.report.layout import Point

_MARGIN = 6.0
_HEIGHT = 48.0
_ICON_ROOM = 36.0
_LEAST_WIDTH, _MOST_WIDTH = 124.0, 280.0
# What fits a page beside its margins without scrolling.
_PAGE_WIDTH = 1248.0

STYLE = """
.nbr { --box:#fff; --ink:#1f2328; --line:#a8b0b9;
  --good:#1a7f4b; --stale:#9a6700; --absent:#59636e; --unsure:#6e56cf;
  font-family: system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
@media (prefers-color-scheme: dark) { .nbr { --box:#1b2027; --ink:#e6edf3; --line:#5d6874;
  --good:#57c98a; --stale:#e3b341; --absent:#9aa4af; --unsure:#b3a4f5; } }
.nbr .good { --tone:var(--good) } .nbr .stale { --tone:var(--stale) }
.nbr .absent { --tone:var(--absent) } .nbr .unsure { --tone:var(--unsure) }
.nbr rect { fill:var(--box); stroke:var(--tone); stroke-width:1.25; stroke-opacity:.55 }
.nbr .absent rect { stroke-dasharray:4 3; stroke-opacity:.8 }
.nbr .name { fill:var(--ink); font-size:13px; font-weight:600 }
.nbr .note { fill:var(--tone); font-size:11.5px }
.nbr .disc { fill:var(--tone) } .nbr .ring { fill:none; stroke:var(--tone); stroke-width:1.6 }
.nbr .mark { fill:none; stroke:var(--box); stroke-width:1.8; stroke-linecap:round;
  stroke-linejoin:round }
.nbr .ring-mark { stroke:var(--tone) }
.nbr .edge { fill:none; stroke:var(--line); stroke-width:1.4 } .nbr .tip { fill:var(--line) }
.nbr a { text-decoration:none; cursor:pointer; outline:none }
.nbr a:hover rect, .nbr a:focus-visible rect { stroke-opacity:1; stroke-width:2 }
""".strip()

_TIP = (
    '<defs><marker id="nbr-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path class="tip" d="M0 .8 7.4 4 0 7.2Z"/></marker></defs>'
)
# Drawn around (0, 0) in a disc of radius 8.5, so that no font has to have them.
_DISC = '<circle class="disc" r="8.5"/><path class="mark" d="{}"/>'
_RING = '<circle class="ring" r="7.7"{}/><path class="mark ring-mark" d="{}"/>'
_ICONS = {
    Tone.GOOD: _DISC.format("M-3.6 .3-1 2.9 3.8-2.6"),
    Tone.STALE: _DISC.format("M3.5 1.2A3.7 3.7 0 1 1 2.6-2.6M3.6-4.6V-1.9H.9"),
    Tone.ABSENT: _RING.format(' stroke-dasharray="3 2.2"', "M-3 0H3"),
    Tone.UNSURE: _RING.format("", "M-2.3-1.6A2.3 2.3 0 1 1 .9 .5Q0 1 0 2M0 4.4V4.5"),
}


def svg(picture: Picture, *, direction: Direction | None = None) -> str:
    """Draw a graph.

    Parameters
    ----------
    picture
        The graph.
    direction
        Where its edges go; else the direction that fits a page.

    Returns
    -------
    str
        An ``<svg>`` element that needs nothing else, to be put into a page or a file of its own.
    """
    layout = _fitting(picture, direction)
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nbr" role="group" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="{-_MARGIN:g} {-_MARGIN:g} {width:.1f} {height:.1f}" '
        f'aria-label="{escape(picture.title)}">'
    )
    parts = [opening, f"<style>{STYLE}</style>", _TIP]
    for edge in picture.edges:
        path = route_path(layout.routes[edge], layout.direction)
        parts.append(f'<path class="edge" marker-end="url(#nbr-tip)" d="{path}"/>')
    parts += [_node(node, layout.boxes[node.name]) for node in picture.nodes]
    return "\n".join([*parts, "</svg>"])


def _fitting(picture: Picture, direction: Direction | None) -> Layout:
    """Lay out in the wanted direction; else to the right, or down if that would be too wide."""
    text = max((text_width(node.name) for node in picture.nodes), default=0.0)
    width = min(max(text + _ICON_ROOM + 12, _LEAST_WIDTH), _MOST_WIDTH)
    sizes = {node.name: (width, _HEIGHT) for node in picture.nodes}
    right = lay_out(sizes, picture.edges, direction="right", layer_gap=36, node_gap=18)
    if direction == "right" or (direction is None and right.width <= _PAGE_WIDTH):
        return right
    down = lay_out(sizes, picture.edges, direction="down", layer_gap=40, node_gap=24)
    return down if direction == "down" or down.width <= right.width else right


def _node(node: Node, box: Box) -> str:
    label = ": ".join(part for part in (node.name, node.note) if part)
    spoken = escape("; ".join([label, *node.details]))
    tip = escape("\n".join([label, *node.details]))
    name = escape(shortened(node.name, box.width - _ICON_ROOM - 10))
    x, y = box.x, box.y
    middle = y + box.height / 2
    drawn = (
        f"<title>{tip}</title>"
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="9"/>'
        f'<g transform="translate({x + 19:.1f} {middle:.1f})">{_ICONS[node.tone]}</g>'
        f'<text class="name" x="{x + _ICON_ROOM:.1f}" '
        f'y="{middle - 3 if node.note else middle + 5:.1f}">{name}</text>'
    )
    if node.note:
        drawn += (
            f'<text class="note" x="{x + _ICON_ROOM:.1f}" y="{middle + 13:.1f}">'
            f"{escape(node.note)}</text>"
        )
    if node.link:
        return (
            f'<a class="{node.tone}" href="{escape(node.link)}" aria-label="{spoken}">{drawn}</a>'
        )
    return f'<g class="{node.tone}" role="img" aria-label="{spoken}">{drawn}</g>'


def route_path(route: tuple[Point, ...], direction: Direction) -> str:
    """Draw straight through layers and in an S between them."""
    steps = [f"M{_at(route[0])}"]
    for number, (start, end) in enumerate(pairwise(route)):
        if number % 2 == 0:
            if start != end:
                steps.append(f"L{_at(end)}")
        elif direction == "right":
            half = (start[0] + end[0]) / 2
            steps.append(f"C{_at((half, start[1]))} {_at((half, end[1]))} {_at(end)}")
        else:
            half = (start[1] + end[1]) / 2
            steps.append(f"C{_at((start[0], half))} {_at((end[0], half))} {_at(end)}")
    return "".join(steps)


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


# Widths of characters as parts of the font's size, in the widest of the fonts, DejaVu Sans Bold.
_WIDTHS = {
    **dict.fromkeys("iljI'|!", 0.37),
    **dict.fromkeys("ftr.,:;()[]-", 0.48),
    "_": 0.5,
    **dict.fromkeys("mwMW@%", 1.04),
}
_UPPER, _OTHER, _EAST_ASIAN = 0.8, 0.7, 1.05
_FIRST_EAST_ASIAN = "\u2e80"


def text_width(text: str) -> float:
    """Return how wide a text is at most, in bold type of 13 pixels."""
    return 13.0 * sum(_character_width(character) for character in text)


def _character_width(character: str) -> float:
    if character >= _FIRST_EAST_ASIAN:
        return _EAST_ASIAN
    return _WIDTHS.get(character, _UPPER if character.isupper() else _OTHER)


def shortened(text: str, room: float) -> str:
    """Take characters out of the middle, where names differ least, until a text fits."""
    if text_width(text) <= room:
        return text
    fitting = (
        short
        for keep in range(len(text) - 1, 1, -1)
        if text_width(short := _without_middle(text, keep)) <= room
    )
    return next(fitting, "…")


def _without_middle(text: str, keep: int) -> str:
    return f"{text[: (keep + 1) // 2]}…{text[len(text) - keep // 2 :]}"
