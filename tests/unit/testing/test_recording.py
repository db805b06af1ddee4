"""What is recorded of several runs: what varies and why, and what git shows of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nbrefine.pipeline.model import Pipeline
from nbrefine.testing.recording import make_baseline

if TYPE_CHECKING:
    from conftest import Make


def test_what_varies_is_learnt_with_the_reason(make: type[Make], pipeline: Pipeline) -> None:
    """What the other runs showed is kept, and what would make the cell deterministic is said."""
    source = "from sklearn.model_selection import train_test_split\ntrain_test_split(x)"
    runs = [make.run(make.ran(source, make.printed(f"draw {n}\n"))) for n in (1, 2, 3)]
    (cell,) = make_baseline(pipeline, runs).cells
    assert cell.outputs == (make.printed("draw 3\n"),)
    assert cell.others == ((make.printed("draw 1\n"),), (make.printed("draw 2\n"),))
    assert cell.notes["varies"] == ["output 1, stdout: line 1 differs"]
    assert cell.notes["why"] == ("`train_test_split` draws without a seed: give it `random_state`.")


@pytest.mark.parametrize(
    ("source", "texts", "why"),
    [
        ("import time\nprint(time.time())", ("1.5", "2.5"), "clock"),
        ("print(when)", ("at 10:11:12", "at 10:11:14"), "time of day"),
        ("print(strange)", ("a", "b"), "something else in each run"),
        ("print(score)", ("AUC 0.71234", "AUC 0.71239"), "vary, from digit 5 on"),
        ("print(score)", ("AUC 0.71234 of 3", "AUC 0.71239 of 4"), "something else in each run"),
        ("print(score)", ("AUC 0.712", "AUC 0.812"), "something else in each run"),
        ("print(names)", ("{'b', 'a'}", "{'a', 'b'}"), "as a set does: sort it"),
    ],
)
def test_reasons(
    make: type[Make], pipeline: Pipeline, source: str, texts: tuple[str, str], why: str
) -> None:
    """From the code, else from what is shown."""
    runs = [make.run(make.ran(source, make.printed(text))) for text in texts]
    (cell,) = make_baseline(pipeline, runs).cells
    assert why in cell.notes["why"]


def test_warnings_that_vary_are_learnt(make: type[Make], pipeline: Pipeline) -> None:
    """As any other output."""
    text = "/home/me/a.py:1: UserWarning: {} left\n  f()\n"
    runs = [make.run(make.ran("f()", make.warned(text.format(n)))) for n in ("one", "two")]
    (cell,) = make_baseline(pipeline, runs).cells
    assert cell.notes["varies"] == ["output 1, warning: its warnings are not those of each run"]


def test_a_cell_that_uses_what_varies_says_so(make: type[Make], pipeline: Pipeline) -> None:
    """By the name that the other cell has made."""
    runs = [
        make.run(
            make.ran("import uuid\nkey = fresh()\nprint(key)", make.printed(text), number=1),
            make.ran("print(key[:3])", make.printed(text), number=2),
        )
        for text in ("abc", "xyz")
    ]
    _, second = make_baseline(pipeline, runs).cells
    assert second.notes["why"] == "It uses `key`, which varies because of cell 1."


def test_what_a_varying_cell_makes_of_steady_names_is_not_blamed(
    make: type[Make], pipeline: Pipeline
) -> None:
    """The grid is the same in each run; the model that predicts on it is not."""
    texts = (
        ("import uuid\nmodel = fresh()\nprint(model)", 1),
        ("grid = span(9)\nguess = model.predict(grid)\nprint(guess)", 2),
        ("print(other.predict(grid))", 3),
        ("print(guess)", 4),
    )
    runs = [
        make.run(*(make.ran(text, make.printed(shown), number=at) for text, at in texts))
        for shown in ("abc", "xyz")
    ]
    cells = make_baseline(pipeline, runs).cells
    assert cells[1].notes["why"] == "It uses `model`, which varies because of cell 1."
    assert "grid" not in cells[2].notes["why"]
    assert cells[3].notes["why"] == "It uses `guess`, which varies because of cell 2."


def test_pictures_that_vary_are_kept_once(make: type[Make], pipeline: Pipeline) -> None:
    """Of the other runs the words are enough to compare what does not vary."""
    runs = [make.run(make.ran("plot()", make.plot(shade))) for shade in (10, 100, 200)]
    (cell,) = make_baseline(pipeline, runs).cells
    assert cell.outputs[0]["data"]["image/png"] == make.png(200)
    assert [sorted(run[0]["data"]) for run in cell.others] == [["figure", "text/plain"]] * 2
    assert cell.notes["varies"] == ["output 1, image/png: its pixels"]


def test_last_digits_are_for_nbval_alone(make: type[Make], pipeline: Pipeline) -> None:
    """They are within tolerance here, and nbval compares them as text."""
    texts = ("mean 0.1", "mean 0.1000000000000001")
    runs = [make.run(make.ran("print(mean)", make.printed(text))) for text in texts]
    (cell,) = make_baseline(pipeline, runs).cells
    assert cell.others == ()
    assert cell.notes["nbval"].startswith("its last digits vary")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("written to out/a.csv", "names a product"),
        ("here: <project>", "names the project's folder"),
        ("<f at 0x7f12ab34cd>", "times or addresses"),
        ("rows 3", None),
    ],
)
def test_what_plain_nbval_cannot_compare_is_tagged(
    make: type[Make], pipeline: Pipeline, text: str, why: str | None
) -> None:
    """Nothing else is."""
    runs = [make.run(make.ran("show()", make.printed(text)))] * 2
    (cell,) = make_baseline(pipeline, runs).cells
    assert (why is None) == (not cell.notes)
    assert why is None or why in cell.notes["nbval"]


def test_what_is_as_before_is_kept_word_for_word(make: type[Make], pipeline: Pipeline) -> None:
    """Git shows what has changed, not what may vary."""
    runs = [
        make.run(
            make.ran("time()", make.printed(f"took {n} days"), number=1),
            make.ran("print(rows)", make.printed("rows 3"), number=2),
        )
        for n in (1, 2, 3)
    ]
    old = make_baseline(pipeline, runs)
    anew = [
        make.run(
            make.ran("time()", make.printed(f"took {n} days"), number=1),
            make.ran("print(rows)", make.printed("rows 4"), number=2),
        )
        for n in (7, 8, 9)
    ]
    new = make_baseline(pipeline, anew, old)
    assert new.cells[0] == old.cells[0]
    assert new.cells[1].outputs == (make.printed("rows 4"),)


def test_only_what_is_accepted_is_taken_over(make: type[Make], pipeline: Pipeline) -> None:
    """The rest keeps its outputs, whatever its text is now."""
    old = make.baseline(make.cell("a", make.printed("1")), make.cell("b", make.printed("1")))
    cells = [
        make.ran(name, make.printed("2"), number=number)
        for number, name in enumerate(("a", "b", "c"), 1)
    ]
    new = make_baseline(pipeline, [make.run(*cells)], old, {2}.__contains__)
    assert [cell.outputs for cell in new.cells] == [
        (make.printed("1"),),
        (make.printed("2"),),
        (),
    ]


def test_the_parameters_hold_in_any_checkout(make: type[Make], pipeline: Pipeline) -> None:
    """Paths are relative, and a run of the baseline itself writes beside the products."""
    lines = make_baseline(pipeline, [make.run(make.ran("1"))]).setting.splitlines()
    assert lines[1] == "%cd -q ../.."
    assert 'os.makedirs("build/nbval/out", exist_ok=True)' in lines
    assert lines[-3:] == ["n = 3", "upstream = None", 'product = {"csv": "build/nbval/out/a.csv"}']


def test_prose_is_kept(make: type[Make], pipeline: Pipeline) -> None:
    """A baseline is read by people."""
    prose = replace(make.ran("# Title"), kind="markdown")
    cells = make_baseline(pipeline, [make.run(prose)]).cells
    assert [(cell.kind, cell.source) for cell in cells] == [("markdown", "# Title")]
    assert pipeline.root == Path("/shop")
