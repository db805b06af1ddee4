"""Scores where it matters to somebody: by carrier, by origin, by month; and calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from flights.scores import COVERAGE, METRICS, Draws, resample, summarise

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = npt.NDArray[np.float64]
# With fewer flights, or fewer late ones, an interval would pretend to know something.
FEWEST = 30
# What a metric's columns end in: those of its estimate and of its interval.
ENDS = ("", "_low", "_high")


def score_slices(
    frame: pd.DataFrame, by: Sequence[str], draws: Draws, probability: str = "probability"
) -> pd.DataFrame:
    """Score each value of each column.

    Parameters
    ----------
    frame
        One row a flight: ``late``, ``day``, the probability, and the columns of `by`.
    by
        Columns to slice by.
    draws
        How often each day counts.
    probability
        The column of what was predicted.

    Returns
    -------
    pandas.DataFrame
        One row a slice: ``by``, ``value``, ``flights``, ``late`` and ``predicted`` (shares), and
        for each metric its estimate, ``_low`` and ``_high``. Those of small slices are NaN.
    """
    rows = []
    for column in by:
        for value, part in frame.groupby(column, sort=True):
            late, forecast = part["late"].to_numpy(bool), part[probability].to_numpy(np.float64)
            # Every column is there even if no slice is large enough to be scored.
            unscored = {f"{metric}{end}": np.nan for metric in METRICS for end in ENDS}
            row = {
                "by": column,
                "value": str(value),
                "flights": len(part),
                "late": late.mean(),
                "predicted": forecast.mean(),
                **unscored,
            }
            if min(late.sum(), (~late).sum()) >= FEWEST:
                scores = summarise(resample(late, forecast, part["day"], draws))
                for metric in METRICS:
                    columns = [f"{metric}{end}" for end in ENDS]
                    row |= dict(zip(columns, scores.loc[metric], strict=True))
            rows.append(row)
    return pd.DataFrame(rows)


def calibration(
    late: npt.NDArray[np.bool_], probability: Array, days: pd.Series, draws: Draws, bins: int = 20
) -> pd.DataFrame:
    """Compare predicted with observed shares in bins of equally many flights.

    Parameters
    ----------
    late, probability, days
        Of each flight.
    draws
        How often each day counts.
    bins
        How many.

    Returns
    -------
    pandas.DataFrame
        One row a bin: ``flights``, ``predicted``, ``observed``, and ``low`` and ``high`` of the
        observed share's 95 % interval.
    """
    # Ranks, so that equal probabilities cannot leave a bin empty unless all are equal.
    rank = np.argsort(np.argsort(probability, kind="stable"), kind="stable")
    bin_of = rank * bins // len(probability)
    day = draws.days.get_indexer(pd.Index(days))
    shape = (bins, len(draws.days))
    cell = bin_of * len(draws.days) + day
    counts = np.bincount(cell, minlength=bins * len(draws.days)).reshape(shape)
    lates = np.bincount(cell, late.astype(np.float64), bins * len(draws.days)).reshape(shape)
    with np.errstate(invalid="ignore"):
        observed = draws.times @ lates.T / (draws.times @ counts.T)
    tails = [50 * (1 - COVERAGE), 50 * (1 + COVERAGE)]
    low, high = np.nanpercentile(observed[1:], tails, axis=0)
    forecast = np.bincount(bin_of, probability, bins) / counts.sum(axis=1)
    return pd.DataFrame(
        {
            "flights": counts.sum(axis=1),
            "predicted": forecast,
            "observed": observed[0],
            "low": low,
            "high": high,
        }
    )


def flag_table(
    late: npt.NDArray[np.bool_],
    probability: Array,
    shares: Sequence[float] = (0.05, 0.1, 0.2, 0.3),
) -> pd.DataFrame:
    """Say what comes of flagging the flights with the highest probabilities.

    Parameters
    ----------
    late, probability
        Of each flight.
    shares
        Which shares of the flights are flagged.

    Returns
    -------
    pandas.DataFrame
        One row a share: ``flagged``, ``threshold`` (the least probability that is flagged),
        ``precision`` (share of the flagged that were late), ``recall`` (share of the late that
        were flagged).
    """
    order = np.argsort(-probability, kind="stable")
    rows = []
    for share in shares:
        flagged = order[: max(1, round(share * len(order)))]
        hits = late[flagged].sum()
        least = probability[flagged[-1]]
        rows.append((share, least, hits / len(flagged), hits / max(1, late.sum())))
    return pd.DataFrame(rows, columns=["flagged", "threshold", "precision", "recall"])
