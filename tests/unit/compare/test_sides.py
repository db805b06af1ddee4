"""What was and what is, side by side."""

from __future__ import annotations

import pytest

from nbrefine.compare.sides import sides_html


def _stream(text: str) -> list[dict[str, str]]:
    return [{"output_type": "stream", "name": "stdout", "text": text}]


def _page(old: str, new: str) -> str:
    return sides_html(_stream(old), _stream(new), [], ("was", "is"), equal=False)


def test_the_words_that_differ_are_marked() -> None:
    """Those of a line of its own, and those of a line that has more words than it had."""
    page = _page("mean 1.5 of 3\nend", "mean 2.5 of 3\nend")
    assert "mean <mark>1.5</mark> of 3\nend" in page
    assert "mean <mark>2.5</mark> of 3\nend" in page
    page = _page("[1, 2]", "[1, 2, 3]")
    assert "[1, 2<mark>, 3</mark>]" in page


@pytest.mark.parametrize("separator", [", ", "\n\n"])
def test_long_outputs_are_shown_soon(separator: str) -> None:
    """A thousand numbers that all differ, with the same between each two of them."""
    old, new = (separator.join(str(n + shift) for n in range(2000)) for shift in (0.25, 0.75))
    page = _page(old, new)
    assert "<mark>0.25</mark>" in page
    assert "<mark>0.75</mark>" in page
