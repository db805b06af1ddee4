"""Figures of the data; each takes tidy series and returns a Matplotlib figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import PercentFormatter

from flights.figures import BLUE, COLOURS, ORANGE, STYLE, panels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure


@mpl.rc_context(STYLE)
def rate_bars(rates: Mapping[str, pd.Series], whole: float) -> Figure:
    """Draw shares of late flights by groups, a panel a grouping, beside the share of all.

    Parameters
    ----------
    rates
        By the panel's title: the share of each group, indexed by the group's name.
    whole
        The share of all flights.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = panels(len(rates), (3.6 * len(rates), 3.2))
    for axis, (title, rate) in zip(axes, rates.items(), strict=True):
        axis.bar([str(name) for name in rate.index], rate, color=BLUE, width=0.7)
        axis.axhline(whole, color=ORANGE, linewidth=1.2)
        axis.set_title(title)
        axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.grid(visible=False, axis="x")
        if max(len(str(name)) for name in rate.index) * len(rate) > 24:  # noqa: PLR2004  (crowded)
            axis.tick_params(axis="x", rotation=45)
    axes[0].set_ylabel("late flights")
    return figure


@mpl.rc_context(STYLE)
def daily_lines(lines: Mapping[str, pd.Series], ylabel: str) -> Figure:
    """Draw series over days.

    Parameters
    ----------
    lines
        By label: values indexed by day.
    ylabel
        What the values are.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, (axis,) = panels(1, (9, 3))
    for (label, line), colour in zip(lines.items(), COLOURS, strict=False):
        days = np.asarray(line.index, dtype="datetime64[D]")
        axis.plot(days, line.to_numpy(), label=label, color=colour, linewidth=1.4)
    axis.set_ylabel(ylabel)
    axis.set_ylim(bottom=0)
    if len(lines) > 1:
        axis.legend(loc="upper left", ncols=len(lines))
    return figure
