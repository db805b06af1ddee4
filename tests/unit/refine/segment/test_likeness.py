"""How alike cells are, by their words."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.refine.flow.facts import CellFacts, gather
from nbrefine.refine.segment.likeness import depths, likeness, word_weights


def facts(*sources: str) -> tuple[CellFacts, ...]:
    """Cells with these sources, that were never run."""
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    return gather(Notebook(Path("n.ipynb"), cells), None)


def test_the_same_code_is_wholly_alike() -> None:
    """Two cells of the same words differ in nothing."""
    words = word_weights(facts("a = b.c", "a = b.c", "z = 1"))
    assert likeness(words, 1, 1) == pytest.approx(1.0)


def test_nothing_in_common_is_nothing() -> None:
    """Without a word in common, or without any word, there is no likeness."""
    words = word_weights(facts("a = b", "c = d", "1"))
    assert likeness(words, 1, 1) == 0
    assert likeness(words, 2, 1) == 0


def test_a_rare_word_says_more_than_a_common_one() -> None:
    """Sharing what only two cells have is more than sharing what all have."""
    words = word_weights(facts("df.x", "df.y", "df.rare", "df.rare", "df.z", "df.w"))
    assert likeness(words, 3, 1) > likeness(words, 1, 1) > 0


def test_words_are_names_attributes_and_short_texts() -> None:
    """A column is a word, a paragraph is not; an attribute is not the name."""
    (words,) = word_weights(facts(f"df['age'].mean(); df['{'x' * 40}']"))
    assert set(words) == {"df", '"age', ".mean"}


def test_depth_is_measured_from_both_sides() -> None:
    """A valley counts as deep as both of its slopes are high; a slope of three cells is seen."""
    assert depths([3.0, 2.0, 1.0, 2.0, 5.0]) == [0.0, 4.0, 6.0, 4.0, 0.0]
    assert depths([]) == []
