"""Which of the author's headings name a step."""

from __future__ import annotations

import pytest

from nbrefine.refine.naming.titles import given_names, title_of
from nbrefine.refine.segment.marks import Marks

CUTS = [(0, 1), (2, 3), (4, 5)]


def named(title: str, *, comment: bool = False) -> str:
    """The name of the second of three steps with this heading; empty if it gives none."""
    comments = frozenset({2}) if comment else frozenset()
    marks = Marks(levels={2: 2, 4: 2}, titles={2: title, 4: "Last"}, comments=comments)
    return given_names(marks, CUTS).get(1, "")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Feature engineering", "feature_engineering"),
        ("2. Modell trainieren", "modell_trainieren"),
        ("Let's try tf-idf", "try_tf_idf"),
        ("Check out the structure of your dataset", "check_out_structure_dataset"),
        ("Time series which are not stationary", "time_series_not_stationary"),
    ],
)
def test_a_heading_names_its_step_in_four_words_at_most(title: str, name: str) -> None:
    """Small words go first, then the end; what turns the meaning round stays."""
    assert named(title) == name


@pytest.mark.parametrize(
    "title",
    [
        "Introduction",
        "Table of contents",
        "Part 2",
        "Examples",
        "Step 3",
        "Put your answer here",
        "So far we have only used the text field, which makes no difference",
    ],
)
def test_what_says_nothing_names_nothing(title: str) -> None:
    """A sentence, a number, or the name of a chapter of any book leaves it to the code."""
    assert named(title) == ""


def test_a_comment_has_to_be_shorter_than_a_heading() -> None:
    """A comment of six words describes a line rather than names a step."""
    title = "Scale all numbers to the range"
    assert named(title)
    assert not named(title, comment=True)
    assert named("Scale all numbers", comment=True)


def test_a_heading_that_names_nothing_is_still_shown() -> None:
    """The author's words stay over the step, whatever its name."""
    marks = Marks(levels={2: 2}, titles={2: "Introduction"})
    assert title_of("explore", marks, (2, 3)) == "Introduction"
    assert title_of("explore_age", marks, (4, 5)) == "Explore age"


def test_a_tag_is_a_name_whatever_the_heading_says() -> None:
    """The user's own word wins."""
    marks = Marks(levels={2: 2}, titles={2: "Plots"}, tags={2: "intro"})
    assert given_names(marks, CUTS) == {1: "intro"}


def test_each_name_is_given_once() -> None:
    """Of a tag and a heading that say the same, the heading is numbered; so is a tag come back."""
    marks = Marks(
        levels={0: 2, 4: 2}, titles={0: "Clean", 4: "Plots"}, tags={2: "clean", 6: "clean"}
    )
    found = given_names(marks, [*CUTS, (6, 7)])
    assert found == {0: "clean_3", 1: "clean", 2: "plots", 3: "clean_2"}


def test_a_word_that_most_headings_begin_with_names_nothing() -> None:
    """What tells the parts apart comes behind it; a lone one stays."""
    titles = {2: "Solución — PCA a 2 dimensiones, Scatter y Biplot", 4: "Solución — Clusters"}
    marks = Marks(levels={2: 2, 4: 2}, titles=titles)
    assert given_names(marks, CUTS) == {1: "pca_2_dimensiones_scatter", 2: "clusters"}
    lone = Marks(levels={2: 2, 4: 2}, titles={2: "Data: prices", 4: "Clusters"})
    assert given_names(lone, CUTS)[1] == "data_prices"


@pytest.mark.parametrize(
    ("title", "level", "name"),
    [
        ("Read the surveys", 2, "read_the_surveys"),
        ("Import libraries", 2, ""),
        ("Setup", 2, ""),
        ("Read the surveys", 3, ""),
    ],
)
def test_the_heading_behind_the_imports_names_the_first_step(
    title: str, level: int, name: str
) -> None:
    """Where the first cell stands below the notebook's own title."""
    marks = Marks(levels={0: 1, 1: level, 2: 2}, titles={0: "Surveys", 1: title, 2: "Plots"})
    assert given_names(marks, CUTS).get(0, "") == name
