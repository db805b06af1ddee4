"""Dots over a parameter as an SVG picture, for pages in light and in dark."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

STYLE = """
.scatter { display:block; width:100%; height:auto }
.scatter text { font:11px system-ui,-apple-system,"Segoe UI","Noto Sans",sans-serif;
  fill:var(--soft) }
.scatter .name { fill:var(--ink); font-weight:600 } .scatter line { stroke:var(--rule) }
.scatter circle { fill:var(--link); fill-opacity:.65 }
.scatter .marked { fill:var(--good); fill-opacity:1; stroke:var(--ink); stroke-width:1.5 }
""".strip()
_WIDTH, _HEIGHT = 480.0, 270.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 16.0, 28.0, 40.0
_MOST_TICKS, _LEVELS = 8, 4
# From so many times the least value on, an axis is logarithmic.
_WIDE = 50.0
_LONGEST = 12


@dataclass(frozen=True)
class Dot:
    """One dot.

    Parameters
    ----------
    x
        A number, or a text where the axis has categories.
    y
        Finite.
    label
        Shown when it is pointed at, and read out.
    is_marked
        Whether it stands out.
    """

    x: float | str
    y: float
    label: str
    is_marked: bool = False


def scatter(dots: Sequence[Dot], *, x_name: str, y_name: str) -> str:
    """Draw dots.

    Parameters
    ----------
    dots
        At least one. If all have numbers as `x`, the axis is one of numbers, logarithmic where they
        are positive and far apart; else each different `x` is a category, in the given order.
    x_name, y_name
        What the axes are called.

    Returns
    -------
    str
        The ``svg`` element; its rules are `STYLE`.
    """
    place, ticks = _x_axis(dots)
    low, high = min(dot.y for dot in dots), max(dot.y for dot in dots)
    margin = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    low, high = low - margin, high + margin
    bottom = _HEIGHT - _BOTTOM

    def height(y: float) -> float:
        return bottom - (y - low) / (high - low) * (bottom - _TOP)

    parts = [f'<text class="name" x="{_LEFT}" y="14">{escape(y_name)}</text>']
    for level in _levels(low, high):
        y = height(level)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{level:.6g}</text>')
    for x, text in ticks:
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{text}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(
        f'<text class="name" x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle">'
        f"{escape(x_name)}</text>"
    )
    for dot in sorted(dots, key=lambda dot: dot.is_marked):
        kind = ' class="marked"' if dot.is_marked else ""
        parts.append(
            f'<circle{kind} cx="{place(dot.x):.1f}" cy="{height(dot.y):.1f}" '
            f'r="{6 if dot.is_marked else 4.5}"><title>{escape(dot.label)}</title></circle>'
        )
    label = escape(f"{y_name} by {x_name}")
    return (
        f'<svg class="scatter" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )


def _levels(low: float, high: float) -> Iterator[float]:
    """Give round numbers between two others."""
    rough = (high - low) / _LEVELS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough)
    first = math.ceil(low / step)
    yield from (index * step for index in range(first, math.floor(high / step) + 1))


def _x_axis(dots: Sequence[Dot]) -> tuple[Callable[[float | str], float], list[tuple[float, str]]]:
    """Return where a value is on the axis, and the places and texts of its ticks."""
    left, right = _LEFT + 18, _WIDTH - _RIGHT - 18
    numbers = sorted({dot.x for dot in dots if not isinstance(dot.x, str)})
    if any(isinstance(dot.x, str) for dot in dots):
        texts = list(dict.fromkeys(str(dot.x) for dot in dots))
        room = (right - left) / len(texts)
        places = {text: left + room * (index + 0.5) for index, text in enumerate(texts)}
        shown = texts if len(texts) <= _MOST_TICKS else []
        return lambda x: places[str(x)], [(places[each], _short(each)) for each in shown]
    is_wide = numbers[0] > 0 and numbers[-1] / numbers[0] >= _WIDE
    scale: Callable[[float], float] = math.log if is_wide else float
    first, last = scale(numbers[0]), scale(numbers[-1])

    def place(x: float | str) -> float:
        if last == first:
            return (left + right) / 2
        return left + (scale(float(x)) - first) / (last - first) * (right - left)

    return place, [(place(x), f"{x:.6g}") for x in _spaced(numbers, place)]


def _spaced(numbers: Sequence[float], place: Callable[[float | str], float]) -> Iterator[float]:
    """Give the values that have room for their text."""
    least = (_WIDTH - _LEFT - _RIGHT) / _MOST_TICKS
    last = -math.inf
    for x in numbers:
        if place(x) - last >= least:
            last = place(x)
            yield x


def _short(text: str) -> str:
    return escape(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
