"""Assertions about figures: what is drawn on their axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nbrefine.refine.generated_tests.layout import statement, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def assert_drawn(figures: Sequence[Sequence[Mapping[str, Any]]]) -> list[str]:
    """Write that new figures show what they showed.

    Parameters
    ----------
    figures
        For each figure its axes, each with title, labels, lines, bars, collections and images.
    """
    if not figures:
        return []
    axes = [each for figure in figures for each in figure]
    titles = [tidy(repr(each["title"])) for each in axes]
    labels = [tidy(repr(tuple(each["labels"]))) for each in axes]
    lines = [
        f"    assert len(plt.get_fignums()) == {len(figures)}",
        "    axes = [ax for number in plt.get_fignums() for ax in plt.figure(number).axes]",
        *statement("assert [ax.get_title() for ax in axes] == [", titles, "]"),
        *statement("assert [(ax.get_xlabel(), ax.get_ylabel()) for ax in axes] == [", labels, "]"),
    ]
    for place, each in enumerate(axes):
        lines += _on_axes(f"axes[{place}]", each)
    return lines


def _on_axes(name: str, drawn: Mapping[str, Any]) -> list[str]:
    lines = []
    if drawn["lines"] or drawn["bars"]:
        lines.append(f"    assert len({name}.lines) == {drawn['count']}")
    for place, points in enumerate(drawn["lines"]):
        if points:
            lines += _numbers(f"list({name}.lines[{place}].get_ydata())[:{len(points)}]", points)
    if drawn["bars"]:
        count = len(drawn["bars"])
        lines += _numbers(f"[bar.get_height() for bar in {name}.patches][:{count}]", drawn["bars"])
    for kind in ("collections", "images"):
        if drawn[kind]:
            lines.append(f"    assert len({name}.{kind}) == {drawn[kind]}")
    return lines


def _numbers(name: str, values: Sequence[float]) -> list[str]:
    # They were rounded to six places.
    finite = all(map(math.isfinite, values))
    texts = [repr(each) if math.isfinite(each) else f'float("{each}")' for each in values]
    inside = f"[{', '.join(texts)}]"
    options = ["abs=1e-6", *([] if finite else ["nan_ok=True"])]
    return statement(f"assert {name} == pytest.approx(", [inside, *options], ")")
