"""Scores agree with scikit-learn's; intervals come from whole days."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from flights.scores import METRICS, Draws, compare, resample, score, summarise

FLIGHTS, DAYS = 600, 12


@pytest.fixture(scope="module")
def sample() -> tuple[np.ndarray, np.ndarray, pd.Series]:
    """Return outcomes, probabilities with many ties, and days."""
    rng = np.random.default_rng(1)
    probability = rng.integers(0, 21, FLIGHTS) / 20
    late = rng.random(FLIGHTS) < 0.2 + 0.6 * probability
    days = pd.Series(rng.integers(0, DAYS, FLIGHTS)).map("day {:02}".format)
    return late, probability, days


def by_scikit_learn(late: np.ndarray, probability: np.ndarray) -> list[float]:
    metrics = (roc_auc_score, average_precision_score, brier_score_loss, log_loss)
    return [metric(late, probability) for metric in metrics]


def test_scores_are_those_of_scikit_learn(sample: tuple) -> None:
    """All four, with ties and with probabilities of nought and one."""
    late, probability, _ = sample
    late = (late & (probability > 0)) | (probability == 1)
    assert list(score(late, probability).values()) == pytest.approx(
        by_scikit_learn(late, probability)
    )


def test_a_draw_scores_the_drawn_days(sample: tuple) -> None:
    """Each draw's scores are those of the flights of its days, repeated as often as drawn."""
    late, probability, days = sample
    draws = Draws.of(days, 5, seed=3)
    found = resample(late, probability, days, draws)
    for times, scores in zip(draws.times, found, strict=True):
        rows = np.repeat(np.arange(FLIGHTS), times[draws.days.get_indexer(days)].astype(int))
        inside = (probability[rows] > 0) & (probability[rows] < 1)
        assert scores[:3] == pytest.approx(by_scikit_learn(late[rows], probability[rows])[:3])
        assert inside.any()


def test_draws_are_whole_days_and_reproducible(sample: tuple) -> None:
    """The first is the data as they are; each other has as many days; the seed decides."""
    _, _, days = sample
    draws = Draws.of(days, 50, seed=3)
    assert (draws.times[0] == 1).all()
    assert (draws.times.sum(axis=1) == DAYS).all()
    assert np.array_equal(draws.times, Draws.of(days, 50, seed=3).times)
    assert not np.array_equal(draws.times, Draws.of(days, 50, seed=4).times)


def test_intervals_by_days_are_wider_where_days_differ() -> None:
    """Flights of one day share their fate here: rows would promise a quarter of the true width."""
    rng = np.random.default_rng(2)
    day = np.repeat(np.arange(40), 50)
    late = (rng.random(40) < 0.5)[day]
    probability = np.full(len(day), 0.3)
    by_day = pd.Series(day).map(str)
    by_row = pd.Series(range(len(day))).map(str)
    widths = []
    for groups in (by_day, by_row):
        table = summarise(resample(late, probability, groups, Draws.of(groups, 200, 1)))
        widths.append(table.loc["brier", "high"] - table.loc["brier", "low"])
    assert widths[0] > 4 * widths[1]


def test_one_class_alone_has_no_curve() -> None:
    """Without late flights there is no ROC curve; the distances are still scored."""
    found = score(np.zeros(3, bool), np.array([0.1, 0.2, 0.3]))
    assert np.isnan(found["roc_auc"])
    assert found["brier"] == pytest.approx(0.14 / 3)


def test_gains_are_positive_where_the_last_model_is_better(sample: tuple) -> None:
    """Higher areas and lower distances both count as gains; a model gains nothing over itself."""
    late, probability, days = sample
    probability = np.clip(probability, 0.1, 0.9)
    models = {"flat": np.full(FLIGHTS, 0.5), "same": probability, "model": probability}
    scores, gains = compare(late, models, days, Draws.of(days, 30, 1))
    assert list(scores.loc["model"].index) == list(METRICS)
    assert (gains.loc["flat", "estimate"] > 0).all()
    assert (gains.loc["same"] == 0).all(axis=None)
    assert (gains.loc["flat", "low"] <= gains.loc["flat", "estimate"]).all()
