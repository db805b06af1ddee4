"""Figures of scores; each takes a tidy table and returns a Matplotlib figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import PercentFormatter

from flights.figures import BLUE, GREY, ORANGE, STYLE, panels
from flights.scores import TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    import pandas as pd
    from matplotlib.figure import Figure


def _error(table: pd.DataFrame, estimate: str, low: str, high: str) -> npt.NDArray[np.float64]:
    """Turn the ends of intervals into the lengths that Matplotlib wants."""
    lengths = np.array([table[estimate] - table[low], table[high] - table[estimate]], np.float64)
    return np.clip(lengths, 0, None)


@mpl.rc_context(STYLE)
def calibration_plot(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw observed against predicted shares, and how often each prediction is made.

    Parameters
    ----------
    tables
        By model: what `flights.slices.calibration` returned.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, axes = panels(len(tables), (4.6 * len(tables), 4.2))
    # Rare predictions near one would squeeze the rest: both axes end where the bins do.
    highest = max(max(table["predicted"].max(), table["high"].max()) for table in tables.values())
    for axis, (name, table) in zip(axes, tables.items(), strict=True):
        axis.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="perfect")
        axis.errorbar(
            table["predicted"],
            table["observed"],
            yerr=_error(table, "observed", "low", "high"),
            fmt="o",
            color=BLUE,
            markersize=5,
            elinewidth=1.2,
            label="a twentieth of the flights, 95 % by days",
        )
        axis.set_xlim(0, highest * 1.05)
        axis.set_ylim(0, highest * 1.05)
        axis.set_aspect("equal")
        axis.set_title(name)
        axis.set_xlabel("predicted probability")
        for side in (axis.xaxis, axis.yaxis):
            side.set_major_formatter(PercentFormatter(1, decimals=0))
    axes[0].set_ylabel("flights that were late")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


@mpl.rc_context(STYLE)
def interval_plot(table: pd.DataFrame, metric: str, whole: float) -> Figure:
    """Draw a metric of every slice with its interval.

    Parameters
    ----------
    table
        What `flights.slices.score_slices` returned.
    metric
        Which metric.
    whole
        Its value on all flights.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    known = table.dropna(subset=[metric]).iloc[::-1]
    figure, (axis,) = panels(1, (7, 0.27 * len(known) + 1))
    place = np.arange(len(known))
    error = _error(known, metric, f"{metric}_low", f"{metric}_high")
    axis.errorbar(known[metric], place, xerr=error, fmt="o", color=BLUE)
    axis.axvline(whole, color=ORANGE, linewidth=1.2)
    axis.set_yticks(place, [f"{by}  {value}" for by, value in known[["by", "value"]].to_numpy()])
    axis.set_title(TITLES[metric])
    return figure


@mpl.rc_context(STYLE)
def score_bars(scores: pd.DataFrame, metrics: Sequence[str]) -> Figure:
    """Draw the models' scores with their intervals, a panel a metric.

    Parameters
    ----------
    scores
        Indexed by model and metric: ``estimate``, ``low``, ``high``.
    metrics
        Which metrics.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    models = list(dict.fromkeys(scores.index.get_level_values("model")))
    figure, axes = panels(len(metrics), (3 * len(metrics), 0.4 * len(models) + 1))
    for axis, metric in zip(axes, metrics, strict=True):
        rows = scores.loc[[(model, metric) for model in models[::-1]]]
        error = _error(rows, "estimate", "low", "high")
        # The last model is ours; it stands at the bottom, in colour.
        colours = [BLUE] + [GREY] * (len(models) - 1)
        for place, (estimate, colour) in enumerate(zip(rows["estimate"], colours, strict=True)):
            bars = error[:, [place]]
            axis.errorbar([estimate], [place], xerr=bars, fmt="o", color=colour, elinewidth=2)
        axis.set_yticks(range(len(models)), models[::-1] if axis is axes[0] else [""] * len(models))
        axis.set_ylim(-0.6, len(models) - 0.4)
        axis.set_title(TITLES[metric])
        axis.grid(visible=False, axis="y")
    return figure


@mpl.rc_context(STYLE)
def loss_bars(losses: pd.Series, xlabel: str) -> Figure:
    """Draw what each kind of knowledge is worth.

    Parameters
    ----------
    losses
        By kind, the greatest first.
    xlabel
        What the losses are.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure, (axis,) = panels(1, (7, 0.35 * len(losses) + 0.8))
    axis.barh([str(kind) for kind in losses.index][::-1], losses[::-1], color=BLUE, height=0.7)
    axis.set_xlabel(xlabel)
    axis.grid(visible=False, axis="y")
    return figure
