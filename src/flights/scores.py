"""Scores of probabilities, with intervals from resampled days.

Flights of one day share weather and congestion, so rows are far from independent: whole days are
drawn with replacement, never rows. A draw only changes the days' weights; the flights are sorted
by probability once, and a thousand draws take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

Array = npt.NDArray[np.float64]
TITLES = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "brier": "Brier score",
    "log_loss": "log loss",
}
METRICS = tuple(TITLES)
# Larger is better for the first two; for the others smaller is.
SIGNS = np.array([1, 1, -1, -1])
COVERAGE = 0.95
# A probability of nought or one would cost infinitely much when it is wrong.
SMALLEST = 1e-15


@dataclass(frozen=True)
class Draws:
    """How often each day was drawn.

    Parameters
    ----------
    days
        The days, sorted.
    times
        One row a draw, one column a day. The first row is every day once: the data as they are.
    """

    days: pd.Index
    times: Array

    @classmethod
    def of(cls, days: pd.Series, resamples: int, seed: int) -> Draws:
        """Draw as many days as there are, with replacement, again and again.

        Parameters
        ----------
        days
            Each flight's day.
        resamples
            How many draws.
        seed
            Of the random numbers.

        Returns
        -------
        Draws
            The data as they are, and the draws.
        """
        known = pd.Index(np.sort(days.unique()))
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(len(known), np.full(len(known), 1 / len(known)), resamples)
        return cls(known, np.vstack([np.ones(len(known)), drawn]).astype(np.float64))


def score(late: npt.NDArray[np.bool_], probability: Array) -> dict[str, float]:
    """Score probabilities once.

    Parameters
    ----------
    late
        What happened.
    probability
        What was predicted.

    Returns
    -------
    dict of str to float
        Each of ``METRICS``.
    """
    day = pd.Series("", range(len(late)))
    once = Draws(pd.Index([""]), np.ones((1, 1)))
    return dict(zip(METRICS, resample(late, probability, day, once)[0].tolist(), strict=True))


def resample(
    late: npt.NDArray[np.bool_], probability: Array, days: pd.Series, draws: Draws
) -> Array:
    """Score probabilities under each draw.

    Parameters
    ----------
    late, probability, days
        Of each flight.
    draws
        How often each day counts; it may have days that these flights lack.

    Returns
    -------
    numpy.ndarray
        One row a draw, one column for each of ``METRICS``; NaN where a draw has only late flights
        or only others.
    """
    order = np.argsort(-probability, kind="stable")
    happened = late[order].astype(np.float64)
    forecast = probability[order]
    day = draws.days.get_indexer(pd.Index(days))[order]
    # Flights with equal probabilities count as one step of the curves.
    ends = np.flatnonzero(np.append(np.diff(forecast) != 0, True))
    squared = np.bincount(day, (forecast - happened) ** 2, len(draws.days))
    clipped = np.clip(forecast, SMALLEST, 1 - SMALLEST)
    surprise = -np.log(np.where(happened > 0, clipped, 1 - clipped))
    surprised = np.bincount(day, surprise, len(draws.days))
    flights = np.bincount(day, minlength=len(draws.days))
    scores = np.full((len(draws.times), len(METRICS)), np.nan)
    for row, times in enumerate(draws.times):
        weight = times[day]
        hits = np.cumsum(weight * happened)[ends]
        seen = np.cumsum(weight)[ends]
        if 0 < hits[-1] < seen[-1]:
            scores[row, :2] = _area(hits, seen - hits), _precision(hits, seen)
    with np.errstate(invalid="ignore"):
        scores[:, 2] = draws.times @ squared / (draws.times @ flights)
        scores[:, 3] = draws.times @ surprised / (draws.times @ flights)
    return scores


def _area(hits: Array, alarms: Array) -> float:
    """Compute the area under the ROC curve by trapezoids."""
    width = np.diff(alarms, prepend=0)
    height = hits - np.diff(hits, prepend=0) / 2
    return float(width @ height / (hits[-1] * alarms[-1]))


def _precision(hits: Array, seen: Array) -> float:
    """Compute the average precision: the precision at each step, weighted by its recall."""
    steps = np.diff(hits, prepend=0)
    precision = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
    return float(steps @ precision / hits[-1])


def summarise(scores: Array) -> pd.DataFrame:
    """Turn scores of draws into estimates with intervals.

    Parameters
    ----------
    scores
        What `resample` returned, or the difference of two of them.

    Returns
    -------
    pandas.DataFrame
        One row a metric: ``estimate``, and ``low`` and ``high`` of the 95 % interval.
    """
    tails = [50 * (1 - COVERAGE), 50 * (1 + COVERAGE)]
    rows = []
    for metric in range(len(METRICS)):
        known = scores[1:, metric][~np.isnan(scores[1:, metric])]
        low, high = np.percentile(known, tails) if len(known) else (np.nan, np.nan)
        rows.append((scores[0, metric], low, high))
    return pd.DataFrame(rows, index=list(METRICS), columns=["estimate", "low", "high"])


def compare(
    late: npt.NDArray[np.bool_], probabilities: Mapping[str, Array], days: pd.Series, draws: Draws
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score several models on the same draws.

    Parameters
    ----------
    late, days
        Of each flight.
    probabilities
        By model; the last is compared with each of the others.
    draws
        How often each day counts.

    Returns
    -------
    tuple of pandas.DataFrame
        Scores, and the last model's gain over the others: positive is better. Both have an index
        of model and metric.
    """
    drawn = {name: resample(late, each, days, draws) for name, each in probabilities.items()}
    *others, last = drawn
    scores = pd.concat({name: summarise(each) for name, each in drawn.items()})
    gains = pd.concat({name: summarise(SIGNS * (drawn[last] - drawn[name])) for name in others})
    for table in (scores, gains):
        table.index = table.index.set_names(["model", "metric"])
    return scores, gains
