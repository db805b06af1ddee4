"""Where a part seems to begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.refine.flow.dataflow import build_flow
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.segment.boundaries import weigh_boundaries
from nbrefine.refine.segment.cues import section_scores
from nbrefine.refine.segment.marks import find_marks
from nbrefine.refine.segment.verbs import purpose

if TYPE_CHECKING:
    from collections.abc import Mapping

LONG = "Fast cars are rare, and most of them are red. Whether they brake well is another matter."
PARTS = (
    *("cars = read_csv('cars.csv')", "cars = cars.dropna()", "cars.head()"),
    *("speed = cars['speed'] / 3.6", "plot(speed, bins=3)", "speed.mean()"),
    *("model = Forest()\nmodel.fit(cars)", "score = model.score(cars)", "print(score)"),
)


def scores(*sources: str, notes: Mapping[int, str] | None = None) -> tuple[float, ...]:
    """The score of each cell, by the code and the notes."""
    cells = gather(notebook(*sources), None)
    purposes = [purpose(facts) for facts in cells]
    return section_scores(cells, build_flow(cells), purposes, notes or {})


def notebook(*sources: str) -> Notebook:
    """Cells with these sources; what begins with two hashes and a blank is markdown."""
    return Notebook(
        Path("n.ipynb"),
        tuple(
            Cell("markdown" if source.startswith("## ") else "code", source, index=index)
            for index, source in enumerate(sources)
        ),
    )


def costs(*sources: str) -> tuple[float, ...]:
    """What a cut before each cell costs."""
    document = notebook(*sources)
    cells = gather(document, None)
    return weigh_boundaries(cells, build_flow(cells), find_marks(document, cells)).costs


def test_new_parts_are_found_by_their_code() -> None:
    """The two likeliest places are those where other names and other words begin."""
    found = scores(*PARTS)
    assert sorted(sorted(range(1, 9), key=found.__getitem__)[-2:]) == [3, 6]


def test_a_note_speaks_for_a_new_part() -> None:
    """A cell that markdown stands before is likelier to be a first one."""
    assert scores(*PARTS, notes={4: LONG})[4] > scores(*PARTS)[4]


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (LONG, "Fast cars."),
        ("Their speed", "Their speed:"),
        ("Speed in kilometres", "Now speed in kilometres"),
        ("***\nSpeed of cars", "Speed of cars"),
        ('<a id="speed"></a>\nSpeed', "![a car](car.png)\nSpeed"),
    ],
)
def test_what_a_note_looks_like_matters(stronger: str, weaker: str) -> None:
    """Long notes, rules and anchors open a part; what leads to one cell does not."""
    assert scores(*PARTS, notes={4: stronger})[4] > scores(*PARTS, notes={4: weaker})[4]


def test_prose_is_what_is_left_of_markdown_without_headings() -> None:
    """A heading has its own weight; the text below it is a note."""
    document = notebook("## Load", PARTS[0], "## Clean\nThey are old.", "## \n", PARTS[1], PARTS[2])
    assert find_marks(document, gather(document, None)).notes == {1: "They are old."}


def test_of_headings_with_nothing_between_them_the_highest_and_last_counts() -> None:
    """Under the others there is no code."""
    document = notebook(PARTS[0], "## Scale", "", "## Train\n### A tree", PARTS[1])
    assert find_marks(document, gather(document, None)).titles == {1: "Train"}


def test_only_differences_within_a_notebook_count() -> None:
    """Markdown before every cell says as little as markdown before none."""
    with_all = scores(*PARTS, notes=dict.fromkeys(range(9), LONG))
    assert [round(each, 9) for each in with_all] == [round(each, 9) for each in scores(*PARTS)]


def test_one_cell_has_no_place_to_cut() -> None:
    """There is a score for each cell, also where nothing can be cut."""
    assert scores("a = 1") == (0.0,)
    assert scores() == (0.0,)


def test_a_heading_outweighs_all_code() -> None:
    """The author's headings are the cheapest places, wherever they stand."""
    marked = costs(*PARTS[:2], "## One", *PARTS[2:5], "## Two", *PARTS[5:])
    assert sorted(sorted(range(1, 9), key=marked.__getitem__)[:2]) == [2, 5]


def test_a_few_banners_speak_for_cuts_and_many_do_not() -> None:
    """A comment drawn as a heading counts, unless so many cells have one that it is a habit."""
    plain = costs(*PARTS)
    few = costs(*PARTS[:4], f"# ---- Speed ----\n{PARTS[4]}", *PARTS[5:])
    many = costs(*(f"# ---- Part {index} ----\n{source}" for index, source in enumerate(PARTS)))
    assert few[4] < plain[4] - 4
    assert many[4] > plain[4] - 4


def test_neighbours_of_one_tag_are_one_step() -> None:
    """Whoever tags every cell of a step gets the same as who tags its first one."""
    names = [*["load"] * 3, *["clean"] * 3, "", "clean", "plot"]
    cells = tuple(
        Cell("code", source, (f"step:{name}",) if name else (), index=index)
        for index, (source, name) in enumerate(zip(PARTS, names, strict=True))
    )
    document = Notebook(Path("n.ipynb"), cells)
    facts = gather(document, None)
    weighed = weigh_boundaries(facts, build_flow(facts), find_marks(document, facts))
    assert weighed.forced == {3, 8}
