"""What people read of a check: in the terminal, and on the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.engine.results import CellFailure, StepFailure
from nbrefine.errors import BaselineError
from nbrefine.kernels.session import CellError
from nbrefine.testing.checking import Check, StepCheck
from nbrefine.testing.comparison import compare_step
from nbrefine.testing.executed import Executed
from nbrefine.testing.page import check_page
from nbrefine.testing.text import assertion_text, cell_text, check_text, verdict_word

if TYPE_CHECKING:
    from conftest import Make

NOTEBOOK = "notebooks/report.ipynb"


def checked(make: type[Make], before: str, after: str, source: str = "print(mean)") -> StepCheck:
    """The check of one cell that printed one text, and prints another."""
    baseline = make.baseline(make.cell(source, make.printed(before)))
    cells = compare_step(baseline, [make.ran(source, make.printed(after), number=7)])
    return StepCheck("report", NOTEBOOK, Executed("report"), cells)


def test_a_failure_says_all_that_is_needed(make: type[Make]) -> None:
    """The notebook, the cell, the line, what was expected, what came, and how to accept it."""
    step = checked(make, "mean 1\nrows 3", "mean 2\nrows 3", "x = 1\nprint(mean)\nx += 1")
    assert cell_text(step, step.failing[0]).splitlines() == [
        "notebooks/report.ipynb:cell 7:line 2 shows something else",
        "    2 | print(mean)",
        "  stdout: line 1 differs",
        "    expected  mean 1",
        "    got       mean 2",
        "  accept: nbrefine baseline update --cell report:7",
    ]


def test_a_frame_is_told_once(make: type[Make]) -> None:
    """Its text says the same as its table."""
    table = "<table><tr><td>{}</td></tr></table>"
    old, new = (make.result(each, text_html=table.format(each)) for each in ("1", "2"))
    cells = compare_step(make.baseline(make.cell("frame", old)), [make.ran("frame", new)])
    step = StepCheck("report", NOTEBOOK, Executed("report"), cells)
    text = cell_text(step, step.failing[0])
    assert "text/html: row 0, column 0: '1' became '2'" in text
    assert "text/plain" not in text


def test_a_check_is_summed_up(make: type[Make]) -> None:
    """Failures first, then a line for each step, then one for all."""
    missing = StepCheck(
        "train", "t.ipynb", Executed("train"), problem=BaselineError("There is none.", hint="do")
    )
    check = Check(Path("/shop"), (checked(make, "1", "2"), checked(make, "1", "1"), missing))
    assert "error[NBE221]: There is none." in check_text(check)
    assert check_text(check).splitlines()[-3:] == [
        "report: 1 different (ran)",
        "report: 1 equal (ran)",
        "train: There is none.",
    ]
    assert verdict_word(check) == "Not as the baselines say: 1 cell, in 2 of 3 steps."
    assert not check.passes
    good = Check(Path("/shop"), (checked(make, "1", "1"),))
    assert good.passes
    assert verdict_word(good) == "As the baselines say: 1 cell of 1 step."


def test_a_baseline_of_no_step_is_told() -> None:
    """A step that was renamed leaves one behind."""
    check = Check(Path("/shop"), (), ("tests/notebooks/old.ipynb",))
    assert not check.passes
    assert "tests/notebooks/old.ipynb: no step" in check_text(check)


def test_an_assertion_is_told_in_two_lines() -> None:
    """Where, what, and the line."""
    cell = CellFailure(3, "a = 1\nassert a == 2", CellError("AssertionError", "no"))
    error = StepFailure("AssertionError: no", cell)
    executed = Executed("report", failure="AssertionError: no", failed_at=3, error=error)
    text = assertion_text(StepCheck("report", NOTEBOOK, executed), 2)
    assert text.splitlines() == [
        "notebooks/report.ipynb:cell 3:line 2: AssertionError: no",
        "  >   2 | assert a == 2",
    ]


def test_the_page_shows_both_sides_and_no_credential(make: type[Make]) -> None:
    """It works offline; what looks like a secret is masked, in the terminal, too."""
    secret = "ghp_" + "a1" * 18
    step = checked(make, "mean 1", f"mean 2 {secret}", f"print(mean, '{secret}')")
    page = check_page(Check(Path("/shop"), (step,)))
    assert "The baseline" in page
    assert "<mark>" in page
    assert "nbrefine baseline update --cell report:7" in page
    assert "<script" not in page
    assert secret not in page
    assert secret not in cell_text(step, step.failing[0])


def test_the_page_shows_pictures_side_by_side(make: type[Make]) -> None:
    """With where they differ, and in words."""
    baseline = make.baseline(make.cell("plot()", make.plot()))
    new = make.plot(200, 'axes 1: title "Soon"\naxes 1: y from 0 to 10, linear')
    cells = compare_step(baseline, [make.ran("plot()", new)])
    page = check_page(
        Check(Path("/shop"), (StepCheck("report", NOTEBOOK, Executed("report"), cells),))
    )
    assert page.count('<img alt="" src="data:image/png') == 3
    assert "title &quot;Late&quot; became title &quot;Soon&quot;" in page
