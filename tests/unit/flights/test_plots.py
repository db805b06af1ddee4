"""Figures show the figures that they were given."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from flights.data_plots import daily_lines, rate_bars
from flights.score_plots import calibration_plot, interval_plot, loss_bars, score_bars


def drawn(figure: Figure) -> int:
    """Draw it for real: much that is wrong shows only then."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=40)
    return len(stream.getvalue())


def test_rate_bars() -> None:
    """One bar a group, as high as its share, and the line of the whole."""
    rates = {"hour": pd.Series([0.1, 0.4], ["early", "late"]), "other": pd.Series([0.2], ["all"])}
    figure = rate_bars(rates, 0.25)
    first, second = figure.axes
    assert [bar.get_height() for bar in first.patches] == [0.1, 0.4]
    assert [first.get_title(loc="left"), second.get_title(loc="left")] == ["hour", "other"]
    assert list(first.lines[0].get_ydata()) == [0.25, 0.25]
    assert drawn(figure) > 1000


def test_daily_lines() -> None:
    """One line a series, and a legend if there are several."""
    line = pd.Series([1.0, 2.0], ["2013-01-01", "2013-01-02"])
    figure = daily_lines({"a": line, "b": line + 1}, "flights")
    (axis,) = figure.axes
    assert [list(each.get_ydata()) for each in axis.lines] == [[1, 2], [2, 3]]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "b"]
    assert daily_lines({"a": line}, "flights").axes[0].get_legend() is None
    assert drawn(figure) > 1000


def test_calibration_plot() -> None:
    """A panel a model; dots at predicted and observed; room for the highest interval."""
    table = pd.DataFrame(
        {"predicted": [0.1, 0.3], "observed": [0.1, 0.4], "low": [0.0, 0.3], "high": [0.2, 0.6]}
    )
    figure = calibration_plot({"one": table, "two": table})
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["one", "two"]
    dots = figure.axes[0].containers[0].lines[0]
    assert list(dots.get_xdata()) == [0.1, 0.3]
    assert list(dots.get_ydata()) == [0.1, 0.4]
    assert figure.axes[0].get_ylim()[1] == pytest.approx(0.63)
    assert drawn(figure) > 1000


def test_interval_plot_leaves_out_what_has_no_score() -> None:
    """Slices without a score have no dot; the first stands on top."""
    table = pd.DataFrame(
        {
            "by": ["carrier", "carrier", "origin"],
            "value": ["AA", "ZZ", "JFK"],
            "roc_auc": [0.7, np.nan, 0.8],
            "roc_auc_low": [0.6, np.nan, 0.75],
            "roc_auc_high": [0.75, np.nan, 0.85],
        }
    )
    figure = interval_plot(table, "roc_auc", 0.76)
    (axis,) = figure.axes
    assert [text.get_text() for text in axis.get_yticklabels()] == ["origin  JFK", "carrier  AA"]
    assert list(axis.containers[0].lines[0].get_xdata()) == [0.8, 0.7]
    assert drawn(figure) > 1000
    unscored = table.assign(roc_auc=np.nan, roc_auc_low=np.nan, roc_auc_high=np.nan)
    assert drawn(interval_plot(unscored, "roc_auc", 0.76)) > 1000


def test_score_bars_and_loss_bars() -> None:
    """The first model stands on top, the last at the bottom; losses from the greatest down."""
    index = pd.MultiIndex.from_product([["flat", "model"], ["brier"]], names=["model", "metric"])
    scores = pd.DataFrame({"estimate": [0.2, 0.1], "low": 0.05, "high": 0.3}, index)
    (axis,) = score_bars(scores, ["brier"]).axes
    dots = [container.lines[0] for container in axis.containers]
    assert [(dot.get_xdata()[0], dot.get_ydata()[0]) for dot in dots] == [(0.1, 0), (0.2, 1)]
    assert [text.get_text() for text in axis.get_yticklabels()] == ["model", "flat"]
    (bars,) = loss_bars(pd.Series([0.3, 0.1], ["weather", "route"]), "fall").axes
    assert [bar.get_width() for bar in bars.patches] == [0.1, 0.3]
