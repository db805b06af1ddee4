"""What counts as the same output of a cell."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nbrefine.compare.outputs import cell_warnings, compare_outputs
from nbrefine.compare.verdict import Verdict

if TYPE_CHECKING:
    from conftest import Outputs


def test_the_same_outputs_are_equal(out: type[Outputs]) -> None:
    """Equal outputs give no difference, whatever number the kernel counted."""
    before = [out.stdout("a\n"), out.result(text="1.5")]
    after = [out.stdout("a\n"), out.result(text="1.5") | {"execution_count": 7}]
    assert compare_outputs(before, after).verdict is Verdict.EQUAL
    assert compare_outputs(before, after).differences == ()


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("mean 0.1\n", "mean 0.1000000000000001\n", Verdict.WITHIN_TOLERANCE),
        ("mean 0.1\n", "mean 0.1000001\n", Verdict.DIFFERENT),
        ("zero 1e-17\n", "zero -3.2e-18\n", Verdict.WITHIN_TOLERANCE),
        ("rows 1000000000\n", "rows 1000000001\n", Verdict.DIFFERENT),
        ("version 1.2.3\n", "version 1.2.4\n", Verdict.DIFFERENT),
        ("took 1.5ms\n", "took 1.5s\n", Verdict.DIFFERENT),
        ("x1 is 2.0\n", "x2 is 2.0\n", Verdict.DIFFERENT),
        ("a\nb\n", "a\n", Verdict.DIFFERENT),
        ("nan\n", "nan\n", Verdict.EQUAL),
        ("inf\n", "nan\n", Verdict.DIFFERENT),
    ],
)
def test_numbers_in_text_compare_as_numbers(
    out: type[Outputs], before: str, after: str, verdict: Verdict
) -> None:
    """Floating point noise is tolerated; counts, names, units and visible digits are not."""
    assert compare_outputs([out.stdout(before)], [out.stdout(after)]).verdict is verdict


def test_a_table_is_aligned_anew_when_a_number_has_another_width(out: type[Outputs]) -> None:
    """White space and rules may differ where a number within tolerance takes more room."""
    before = "name  value\n------ -----\na        0.3\nb        1.0\n"
    after = (
        "name  value\n------------------ -----\n"
        "a     0.30000000000000004\nb                     1.0\n"
    )
    verdict = compare_outputs([out.stdout(before)], [out.stdout(after)])
    assert verdict.verdict is Verdict.WITHIN_TOLERANCE


def test_white_space_alone_is_a_difference(out: type[Outputs]) -> None:
    """Where no number explains it, other white space is another text, and the message says so."""
    verdict = compare_outputs([out.stdout("a  b\n")], [out.stdout("a b\n")])
    assert verdict.verdict is Verdict.DIFFERENT
    assert "white space" in verdict.differences[0].message


def test_what_varied_in_the_original_is_nondeterministic_there_only(out: type[Outputs]) -> None:
    """A time stamp that varied may differ; the accuracy in the same line may not."""
    before, rerun = (
        [out.stdout("took 0.51 s, accuracy 0.9\n")],
        [out.stdout("took 0.48 s, accuracy 0.9\n")],
    )
    same = [out.stdout("took 0.77 s, accuracy 0.9\n")]
    other = [out.stdout("took 0.77 s, accuracy 0.8\n")]
    assert compare_outputs(before, same, [rerun]).verdict is Verdict.NONDETERMINISTIC
    assert compare_outputs(before, other, [rerun]).verdict is Verdict.DIFFERENT
    assert compare_outputs(before, same).verdict is Verdict.DIFFERENT


def test_a_time_of_day_varies_as_a_whole(out: type[Outputs]) -> None:
    """Two runs in one minute say that seconds vary; a build takes place in another hour."""
    before, rerun = [out.stdout("at 23:45:06\n")], [out.stdout("at 23:45:16\n")]
    later = compare_outputs(before, [out.stdout("at 07:01:30\n")], [rerun])
    assert later.verdict is Verdict.NONDETERMINISTIC


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%a, %d %b %Y", "%m/%d/%Y", "%a %b %d %H:%M:%S %Y"])
def test_the_day_of_the_run_is_not_a_result(out: type[Outputs], form: str) -> None:
    """A summary says the date of today; any other date that changed is a difference."""
    today = datetime.now().astimezone()
    then = today.replace(year=today.year - 2, month=1, day=3)
    before = [out.stdout(f"Date: {then.strftime(form)} fit 0.9\n")]
    now = [out.stdout(f"Date: {today.strftime(form)} fit 0.9\n")]
    other = [out.stdout(f"Date: {then.replace(day=9).strftime(form)} fit 0.9\n")]
    assert compare_outputs(before, now).verdict is Verdict.NONDETERMINISTIC
    assert compare_outputs(before, other).verdict is Verdict.DIFFERENT
    assert compare_outputs(now, before).verdict is Verdict.DIFFERENT


def test_a_cell_known_to_vary_may_differ_but_not_lose_an_output(out: type[Outputs]) -> None:
    """`varies` excuses other content even if the runs agreed by luck; not a missing figure."""
    before = [out.stdout("0.3\n"), out.display(text="<Figure>")]
    after = [out.stdout("0.4\n"), out.display(text="<Figure>")]
    assert compare_outputs(before, after, varies=True).verdict is Verdict.NONDETERMINISTIC
    assert compare_outputs(before, after[:1], varies=True).verdict is Verdict.MISSING


def test_an_output_that_is_gone_is_missing_and_a_new_one_is_different(out: type[Outputs]) -> None:
    """Both are faults, and the rest is still compared in its place."""
    before = [out.stdout("a\n"), out.display(text="x"), out.result(text="5")]
    gone = compare_outputs(before, [out.stdout("a\n"), out.result(text="6")])
    assert [d.verdict for d in gone.differences] == [Verdict.MISSING, Verdict.DIFFERENT]
    assert [d.output for d in gone.differences] == [1, 2]
    new = compare_outputs(before[:1], before[:2])
    assert new.verdict is Verdict.DIFFERENT
    assert new.differences[0].output is None


def test_the_order_of_what_is_shown_counts(out: type[Outputs]) -> None:
    """A text printed before a figure is not the same after it."""
    before = [out.stdout("a\n"), out.display(text="x")]
    assert compare_outputs(before, before[::-1]).verdict.fails


def test_a_result_is_not_a_display(out: type[Outputs]) -> None:
    """Only the last expression's value stands beside Out[n]."""
    verdict = compare_outputs([out.result(text="5")], [out.display(text="5")])
    assert verdict.verdict is Verdict.DIFFERENT
    assert "was a result" in verdict.differences[0].message


def test_streams_are_compared_whole_however_the_kernel_cut_them(out: type[Outputs]) -> None:
    """Text arrives in pieces of any size, and stderr between them."""
    before = [out.stdout("one\n"), out.stderr("note\n"), out.stdout("two\n")]
    after = [out.stdout("on"), out.stdout("e\ntwo\n"), out.stderr("note\n")]
    assert compare_outputs(before, after).verdict is Verdict.EQUAL


def test_warnings_are_left_to_the_notebook(out: type[Outputs]) -> None:
    """A process shows a warning once, so its place says nothing; other text on stderr does."""
    warning = "/site/pandas/core.py:12: FutureWarning: old way\n  df.append(x)\n"
    with_warning = [out.stderr("loading\n" + warning)]
    assert compare_outputs(with_warning, [out.stderr("loading\n")]).verdict is Verdict.EQUAL
    assert compare_outputs(with_warning, [out.stderr("saving\n")]).verdict is Verdict.DIFFERENT
    assert compare_outputs([out.stderr(warning)], []).verdict is Verdict.EQUAL
    assert [str(warned) for warned in cell_warnings(with_warning)] == ["FutureWarning: old way"]


def test_errors_are_compared_by_class_and_message(out: type[Outputs]) -> None:
    """Tracebacks name files and lines of the process; class and message are what was meant."""
    before = [out.error("ValueError", "no rows", ["Cell In[3], line 1"])]
    assert compare_outputs(before, [out.error("ValueError", "no rows")]).verdict is Verdict.EQUAL
    assert compare_outputs(before, [out.error("KeyError", "no rows")]).verdict.fails
    assert compare_outputs(before, [out.error("ValueError", "3 rows")]).verdict.fails


def test_html_tables_are_compared_by_their_cells(out: type[Outputs]) -> None:
    """The message names the row and the column that differ."""
    page = (
        "<style>#T_{0} td {{color: red}}</style><table id='T_{0}'><tr><th></th><th>mean</th></tr>"
        "<tr><th>JFK</th><td id='T_{0}_row0_col0'>{1}</td></tr></table>"
    )
    before = [out.result(html=page.format("0a1b2", "12.5"))]
    same = [out.result(html=page.format("ffe01", "12.5"))]
    other = [out.result(html=page.format("ffe01", "12.6"))]
    assert compare_outputs(before, same).verdict is Verdict.EQUAL
    verdict = compare_outputs(before, other)
    assert verdict.verdict is Verdict.DIFFERENT
    assert verdict.differences[0].message == "row 1, column mean: '12.5' became '12.6'"


def test_plotly_figures_are_compared_by_their_data_alone(out: type[Outputs]) -> None:
    """Arrays are decoded, generated ids skipped, and the HTML twin of the same data left out."""

    def figure(values: list[float], uid: str) -> dict[str, object]:
        packed = base64.b64encode(np.array(values).tobytes()).decode()
        return {"data": [{"type": "bar", "uid": uid, "y": {"dtype": "f8", "bdata": packed}}]}

    before = [out.display(plotly=figure([1.0, 0.3], "a1"), html="<div id='1'>")]
    noise = [out.display(plotly=figure([1.0, 0.1 + 0.2], "b2"), html="<div id='2'>")]
    other = [out.display(plotly=figure([1.0, 0.4], "a1"), html="<div id='1'>")]
    assert compare_outputs(before, before).verdict is Verdict.EQUAL
    assert compare_outputs(before, noise).verdict is Verdict.WITHIN_TOLERANCE
    assert compare_outputs(before, other).verdict is Verdict.DIFFERENT


def test_json_members_have_no_order_but_lists_have(out: type[Outputs]) -> None:
    """As JSON defines it."""
    before = [out.display(json={"a": [1, 2], "b": "x"})]
    assert (
        compare_outputs(before, [out.display(json={"b": "x", "a": [1, 2]})]).verdict
        is Verdict.EQUAL
    )
    assert compare_outputs(before, [out.display(json={"a": [2, 1], "b": "x"})]).verdict.fails
    assert compare_outputs(before, [out.display(json={"a": [1, 2]})]).verdict.fails


def test_widgets_are_compared_without_their_model_ids(out: type[Outputs]) -> None:
    """Each process draws a new id."""
    before = [out.display(widget={"model_id": "aa", "version_major": 2}, text="IntSlider(value=3)")]
    after = [out.display(widget={"model_id": "bb", "version_major": 2}, text="IntSlider(value=3)")]
    other = [out.display(widget={"model_id": "bb", "version_major": 2}, text="IntSlider(value=4)")]
    assert compare_outputs(before, after).verdict is Verdict.EQUAL
    assert compare_outputs(before, other).verdict is Verdict.DIFFERENT


def test_a_representation_that_is_gone_is_missing(out: type[Outputs]) -> None:
    """A frame that is shown as text alone is not shown as a table any more."""
    verdict = compare_outputs([out.result(text="5", html="<b>5</b>")], [out.result(text="5")])
    assert verdict.verdict is Verdict.MISSING


def test_pictures_inside_html_are_compared_by_pixels(out: type[Outputs]) -> None:
    """Their bytes may differ, what they show may not."""
    picture = out.plain_picture()
    noisy, wrong = picture.copy(), picture.copy()
    noisy[10, 10] = (252, 255, 255)
    wrong[:50] = (200, 0, 0)
    before, near, far = (
        [out.display(html=f"<p>See <img src='data:image/png;base64,{out.png(pixels)}'></p>")]
        for pixels in (picture, noisy, wrong)
    )
    assert compare_outputs(before, near).verdict is Verdict.WITHIN_TOLERANCE
    verdict = compare_outputs(before, far)
    assert verdict.verdict is Verdict.DIFFERENT
    assert verdict.differences[0].picture


def test_svg_is_compared_without_metadata_and_generated_ids(out: type[Outputs]) -> None:
    """When it was drawn and how clip paths are called is no content; a path is."""
    drawing = (
        "<svg><metadata><date>{}</date></metadata><defs><clipPath id='p{}'/></defs>"
        "<path d='M 1 {}' clip-path='url(#p{})'/></svg>"
    )
    before = [out.display(svg=drawing.format("2026-01-01", "0123456789", "2.5", "0123456789"))]
    same = [out.display(svg=drawing.format("2026-01-02", "abcdef0123", "2.5", "abcdef0123"))]
    other = [out.display(svg=drawing.format("2026-01-01", "0123456789", "2.6", "0123456789"))]
    assert compare_outputs(before, same).verdict is Verdict.EQUAL
    assert compare_outputs(before, other).verdict is Verdict.DIFFERENT


def test_folders_of_the_notebook_and_the_project_stand_for_each_other(out: type[Outputs]) -> None:
    """The same relative place has another absolute path."""
    before = [out.stdout("read /home/ann/study/data.csv\n")]
    after = [out.stdout("read /home/ann/copy/study/data.csv\n")]
    folders = ["/home/ann/study", "/home/ann/copy/study"]
    assert compare_outputs(before, after, folders=folders).verdict is Verdict.EQUAL
    other = [out.stdout("read /home/ann/copy/study/other.csv\n")]
    assert compare_outputs(before, other, folders=folders).verdict is Verdict.DIFFERENT
