"""How cells compare with their baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbrefine.compare.verdict import Verdict
from nbrefine.testing.comparison import CellCheck, Rules, compare_step

if TYPE_CHECKING:
    from conftest import Make

FRAME = "<table><tr><th></th><th>late</th></tr><tr><td>0</td><td>{}</td></tr></table>"


def verdicts(checks: tuple[CellCheck, ...]) -> list[Verdict]:
    return [check.verdict for check in checks]


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("mean 0.25", "mean 0.25", Verdict.EQUAL),
        ("mean 0.1", "mean 0.1000000000000001", Verdict.WITHIN_TOLERANCE),
        ("mean 0.1", "mean 0.1001", Verdict.DIFFERENT),
        ("<f at 0x7f12ab>", "<f at 0x7f99cd>", Verdict.EQUAL),
        ("rows 3", "rows 4", Verdict.DIFFERENT),
        ("50%|##| 1/2 [00:01<00:01, 1.0it/s]", "50%|##| 1/2 [00:09<00:07, 3.1it/s]", Verdict.EQUAL),
    ],
)
def test_texts(make: type[Make], before: str, after: str, verdict: Verdict) -> None:
    """Numbers have a tolerance, addresses and clocks mean nothing, all else is exact."""
    baseline = make.baseline(make.cell("show()", make.printed(before)))
    assert verdicts(compare_step(baseline, [make.ran("show()", make.printed(after))])) == [verdict]


def test_a_frame_is_compared_as_a_frame(make: type[Make]) -> None:
    """The message names the row and the column."""
    old, new = (make.result("frame", text_html=FRAME.format(each)) for each in (0.5, 0.75))
    (check,) = compare_step(make.baseline(make.cell("f", old)), [make.ran("f", new)])
    assert [each.message for each in check.differences] == [
        "row 1, column late: '0.5' became '0.75'"
    ]


def test_a_figure_differs_by_its_pixels_or_by_its_words(make: type[Make]) -> None:
    """Each alone is enough, and both are told."""
    baseline = make.baseline(make.cell("plot()", make.plot()))
    moved = make.plot(words='axes 1: title "Late"\naxes 1: y from 0 to 11, linear')
    for plot, parts in (
        (make.plot(), []),
        (make.plot(200), ["image/png"]),
        (moved, ["figure"]),
        (make.plot(200, "x"), ["image/png", "figure"]),
    ):
        (check,) = compare_step(baseline, [make.ran("plot()", plot)])
        assert [each.part for each in check.differences if each.verdict.fails] == parts


def test_what_varies_is_still_compared_in_what_does_not(make: type[Make]) -> None:
    """The recording's other runs say where a cell varies: there, and nowhere else, it may."""
    others = tuple((make.printed(f"draw {n}\nrows 3"),) for n in (5, 6))
    known = make.cell("draw()", make.printed("draw 4\nrows 3"), others=others, notes={"why": "w"})
    for text, verdict in (
        ("draw 9\nrows 3", Verdict.NONDETERMINISTIC),
        ("draw 9\nrows 2", Verdict.DIFFERENT),
        ("drew 9\nrows 3", Verdict.DIFFERENT),
    ):
        (check,) = compare_step(make.baseline(known), [make.ran("draw()", make.printed(text))])
        assert (check.verdict, check.why) == (verdict, "w")


def test_new_cells_and_cells_that_are_gone_are_told(make: type[Make]) -> None:
    """If they show something."""
    baseline = make.baseline(make.cell("a", make.printed("1")), make.cell("import b"))
    cells = [make.ran("x = 1", number=1), make.ran("print(2)", make.printed("2"), number=2)]
    baseline = make.baseline(make.cell("a", make.printed("1")), make.cell("x = 1"))
    found = compare_step(baseline, cells)
    assert [(each.number, each.verdict) for each in found] == [
        (0, Verdict.MISSING),
        (1, Verdict.EQUAL),
        (2, Verdict.DIFFERENT),
    ]


def test_nbvals_tags_are_followed(make: type[Make]) -> None:
    """In the notebook and in the baseline; with --nbval-lax only marked cells are compared."""
    old, new = make.printed("1"), make.printed("2")
    for source, tags, rules, verdict in (
        ("f()", (), Rules(), Verdict.DIFFERENT),
        ("f()", ("nbval-ignore-output",), Rules(), Verdict.NOT_COMPARED),
        ("# NBVAL_IGNORE_OUTPUT\nf()", (), Rules(), Verdict.NOT_COMPARED),
        ("f()", (), Rules(lax=True), Verdict.NOT_COMPARED),
        ("f()", ("nbval-check-output",), Rules(lax=True), Verdict.DIFFERENT),
    ):
        for mine, theirs in ((tags, ()), ((), tags)):
            baseline = make.baseline(make.cell(source, old, tags=mine))
            cells = [make.ran(source, new, tags=theirs)]
            assert verdicts(compare_step(baseline, cells, rules)) == [verdict]


def test_texts_are_sanitised_first(make: type[Make]) -> None:
    """On both sides, and not the pictures."""
    rules = Rules(clean=lambda text: text.replace("1", "N").replace("2", "N"))
    baseline = make.baseline(make.cell("f()", make.printed("run 1"), make.plot(1)))
    cells = [make.ran("f()", make.printed("run 2"), make.plot(1))]
    assert verdicts(compare_step(baseline, cells, rules)) == [Verdict.EQUAL]


@pytest.mark.parametrize(
    ("source", "before", "after", "verdict"),
    [
        ("pd.__version__", "'3.0.1'", "'3.1.0rc1'", Verdict.EQUAL),
        ("print(sys.version, auc)", "3.11.7 (main) 0.87", "3.13.1 (main) 0.87", Verdict.EQUAL),
        ("print(sys.version, auc)", "3.11.7 (main) 0.87", "3.11.7 (main) 0.86", Verdict.DIFFERENT),
        ("schema", "schema 1.2.3", "schema 1.2.4", Verdict.DIFFERENT),
    ],
)
def test_a_version_that_is_asked_for_may_be_another(
    make: type[Make], source: str, before: str, after: str, verdict: Verdict
) -> None:
    """An upgrade is no regression; what only looks like a version is compared."""
    baseline = make.baseline(make.cell(source, make.printed(before)))
    assert verdicts(compare_step(baseline, [make.ran(source, make.printed(after))])) == [verdict]


def test_a_new_warning_is_a_difference(make: type[Make]) -> None:
    """Whatever file it is shown for; a process shows it once, in whichever cell."""
    text = "/home/me/ipykernel_1/{}.py:1: UserWarning: {}\n  f()\n"
    old, new = (make.warned(text.format(n, "careful")) for n in (11, 22))
    baseline = make.baseline(make.cell("f()", old), make.cell("g()"))
    assert verdicts(compare_step(baseline, [make.ran("f()", new), make.ran("g()")])) == [
        Verdict.EQUAL,
        Verdict.EQUAL,
    ]
    other = make.warned(text.format(3, "worse"))
    found = compare_step(baseline, [make.ran("f()", new), make.ran("g()", other, number=2)])
    assert verdicts(found) == [Verdict.EQUAL, Verdict.DIFFERENT]


def test_a_warning_that_varies_may_say_something_else(make: type[Make]) -> None:
    """A class of warnings that the runs of the recording did not show alike."""
    text = "/home/me/a.py:1: {}: {}\n  f()\n"
    others = tuple((make.warned(text.format("RuntimeWarning", n)),) for n in ("off by 1", "by 2"))
    known = make.cell("f()", make.warned(text.format("RuntimeWarning", "by 3")), others=others)
    for category, verdict in (
        ("RuntimeWarning", Verdict.NONDETERMINISTIC),
        ("UserWarning", Verdict.DIFFERENT),
    ):
        now = make.ran("f()", make.warned(text.format(category, "by 9")))
        assert verdicts(compare_step(make.baseline(known), [now])) == [verdict]


def test_what_was_not_run_is_not_compared(make: type[Make]) -> None:
    """The failure above is what there is to tell."""
    baseline = make.baseline(make.cell("f()", make.printed("1")))
    found = compare_step(baseline, [make.ran("f()", ran=False)])
    assert verdicts(found) == [Verdict.NOT_COMPARED]
