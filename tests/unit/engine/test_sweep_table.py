"""How a sweep is told: as text, CSV, JSON and a page."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

from nbrefine.engine.outcome import Build
from nbrefine.engine.sweep.page import sweep_page
from nbrefine.engine.sweep.result import Aim, Row, Sweep
from nbrefine.engine.sweep.table import best_text, csv_text, origin_text, sweep_json, text_lines

ROWS = (
    Row("a=1", {"a": 1}, "ran", 1.0, {"auc": 0.5, "loss": 2.0}),
    Row("a=2", {"a": 2}, "ran", 1.0, {"auc": 0.75, "loss": math.nan}),
    Row("a=3", {"a": 3}, "up to date", 0.0, {"auc": 0.75, "loss": 1.0}),
    Row("a=4", {"a": 4}, "failed", 1.0, {}, "fit: ValueError: <no>", "fit.ipynb:cell 3:line 2"),
)


def sweep(aim: Aim | None = None, rows: tuple[Row, ...] = ROWS) -> Sweep:
    metrics = {"loss": "fit.out", "auc": "test.out"}
    return Sweep("fit", ("a",), rows, metrics, aim, Build("r", {}))


def test_the_best_is_the_highest_or_the_lowest_and_all_that_are_equal() -> None:
    """A value that is no number is never the best, and without a metric none is marked."""
    assert [row.name for row in sweep(Aim("auc")).best] == ["a=2", "a=3"]
    assert [row.name for row in sweep(Aim("loss", is_highest=False)).best] == ["a=3"]
    assert [row.name for row in sweep(Aim("loss")).best] == ["a=1"]
    assert sweep().best == ()
    assert "--metric" in best_text(sweep())


def test_which_is_the_best_is_worked_out_once_for_all_variants() -> None:
    """Not anew for each: of thousands of variants that took most of the time."""
    told = sweep(Aim("auc"))
    assert told.best is told.best
    assert [told.is_best(row) for row in ROWS] == [False, True, True, False]


def test_a_table_marks_the_best_and_says_why_others_have_none() -> None:
    """The metric that decides comes first."""
    lines = [*text_lines(sweep(Aim("auc")))]
    assert lines[:5] == [
        "   a   auc  loss   time  state",
        "   1   0.5     2  1.0 s  ran",
        "*  2  0.75   nan  1.0 s  ran",
        "*  3  0.75     1         up to date",
        "   4              1.0 s  failed",
    ]
    assert "a=4: fit: ValueError: <no> at fit.ipynb:cell 3:line 2" in lines
    assert lines[-2] == "Metrics: loss (from fit.out); auc (from test.out)."
    assert lines[-1] == "Best: a=2 and a=3 (auc 0.75, the highest; --minimize marks the lowest)."


def test_csv_has_every_number_as_it_is() -> None:
    """Programs read it."""
    rows = [*csv.DictReader(io.StringIO(csv_text(sweep(Aim("loss", is_highest=False)))))]
    assert [row["best"] for row in rows] == ["False", "False", "True", "False"]
    assert rows[0]["auc"] == "0.5"
    assert rows[3]["failure"] == "fit: ValueError: <no>"


def test_json_can_be_read_by_all() -> None:
    """It has no NaN, which JSON does not know, and no credentials."""
    rows = (Row("x", {"token": "hunter2"}, "ran", 1.0, {"auc": math.nan}),)
    data = sweep_json(sweep(Aim("auc"), rows), Path("/nowhere"))
    text = json.dumps(data, allow_nan=False)
    assert "hunter2" not in text
    assert data["best"] == []


def test_a_page_has_a_plot_for_each_parameter_and_escapes() -> None:
    """One file that loads nothing."""
    html = sweep_page(sweep(Aim("auc")), "proj")
    assert html.count("<svg") == 1
    assert html.count("<circle") == 3
    assert html.count('<tr class="best">') == 2
    assert "ValueError: &lt;no&gt;" in html
    assert "default-src 'none'" in html
    # Nobody has said what counts: each metric is drawn.
    assert sweep_page(sweep(), "proj").count("<svg") == 2


def test_without_numbers_it_says_where_they_are_looked_for() -> None:
    """A table without metrics is no surprise then."""
    nothing = Sweep("fit", ("a",), ROWS[3:], {}, None, Build("r", {}))
    assert origin_text(nothing) == "No metrics: no variant has a JSON product with numbers in it."
    assert "<svg" not in sweep_page(nothing, "proj")
