"""Sizes as people say them can be read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.files.sizes import size_of, size_text


@given(st.integers(0, 10**15))
def test_what_is_said_of_a_size_is_right_to_its_last_digit(size: int) -> None:
    said = size_text(size)
    again = size_of(said)
    assert again is not None
    assert abs(again - size) <= 0.05 * max(again, size) + 0.5
    assert len(said) <= len("1000.0 TB")


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_960, "1.0 MB"), (12 * 10**14, "1200.0 TB")],
)
def test_sizes_are_said_in_the_unit_that_fits(size: int, said: str) -> None:
    assert size_text(size) == said


@pytest.mark.parametrize("text", ["", "big", "1.2.3 kB", "-1", "3 KiB", "1 GB more"])
def test_what_is_no_size_is_none(text: str) -> None:
    assert size_of(text) is None
