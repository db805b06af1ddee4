"""Dots over a parameter."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from nbrefine.report.scatter import Dot, scatter


def places(picture: str) -> list[tuple[float, float]]:
    """Return the middle of each dot; marked ones are drawn last."""
    root = ET.fromstring(picture)  # noqa: S314  (our own)
    return [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.iter("circle")]


def test_dots_are_where_their_numbers_are() -> None:
    """Half way between two is half way on both axes."""
    (x1, y1), (x2, y2), (x3, y3) = places(
        scatter([Dot(0, 0.0, "a"), Dot(5, 1.0, "b"), Dot(10, 2.0, "c")], x_name="x", y_name="y")
    )
    assert x1 < x2 < x3
    assert x2 - x1 == x3 - x2
    assert y1 > y2 > y3


def test_positive_numbers_far_apart_are_on_a_logarithmic_axis() -> None:
    """Equal factors are equal distances."""
    dots = [Dot(10.0**n, 1.0, str(n)) for n in (-3, -2, -1)]
    (x1, _), (x2, _), (x3, _) = places(scatter(dots, x_name="x", y_name="y"))
    assert abs((x2 - x1) - (x3 - x2)) < 0.2


def test_words_are_categories_in_their_order() -> None:
    """Also where some of them are numbers."""
    picture = scatter(
        [Dot("b", 1.0, "b"), Dot("a", 2.0, "a"), Dot(3, 1.5, "3")], x_name="x", y_name="y"
    )
    xs = [x for x, _ in places(picture)]
    assert xs == sorted(xs)


def test_what_is_written_is_escaped_and_marked_dots_are_on_top() -> None:
    """Names come from the user."""
    dots = [Dot(1, 1.0, "<b>", is_marked=True), Dot(1, 1.0, "other")]
    picture = scatter(dots, x_name="a<b", y_name="y&z")
    assert re.findall(r"<title>(.*?)</title>", picture) == ["other", "&lt;b&gt;"]
    assert "a&lt;b" in picture
