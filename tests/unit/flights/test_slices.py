"""Slices, calibration and flags, on outcomes that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flights.scores import Draws, score
from flights.slices import calibration, flag_table, score_slices

RNG = np.random.default_rng(5)
SIZE = 400
FRAME = pd.DataFrame(
    {
        "carrier": np.where(np.arange(SIZE) < 380, "AA", "ZZ"),
        "day": [f"{n % 10}" for n in range(SIZE)],
        "late": np.arange(SIZE) % 4 == 0,
        "probability": RNG.random(SIZE),
    }
)


def test_slices_are_scored_alone_and_small_ones_only_counted() -> None:
    """A slice's scores are those of its flights; five late flights are too few for any."""
    table = score_slices(FRAME, ["carrier"], Draws.of(FRAME["day"], 40, 1)).set_index("value")
    assert table["flights"].to_dict() == {"AA": 380, "ZZ": 20}
    assert table.loc["ZZ", "late"] == 0.25
    assert np.isnan(table.loc["ZZ", "roc_auc"])
    large = FRAME[FRAME["carrier"] == "AA"]
    expected = score(large["late"].to_numpy(), large["probability"].to_numpy())
    assert {name: table.loc["AA", name] for name in expected} == pytest.approx(expected)
    assert table.loc["AA", "roc_auc_low"] < table.loc["AA", "roc_auc"]
    assert table.loc["AA", "roc_auc"] < table.loc["AA", "roc_auc_high"]


def test_columns_do_not_depend_on_the_sizes() -> None:
    """If no slice is large enough, the metrics are missing but their columns are there."""
    few = FRAME.iloc[:100]
    draws = Draws.of(FRAME["day"], 40, 1)
    table, large = (score_slices(frame, ["carrier"], draws) for frame in (few, FRAME))
    assert table.columns.to_list() == large.columns.to_list()
    assert table.loc[:, "roc_auc":].isna().all(axis=None)
    assert table["flights"].to_list() == [100]


def test_calibration_bins_have_equally_many_flights() -> None:
    """Each bin's shares are those of its flights, from the least probability on."""
    late, probability = FRAME["late"].to_numpy(), FRAME["probability"].to_numpy()
    table = calibration(late, probability, FRAME["day"], Draws.of(FRAME["day"], 40, 1), bins=8)
    order = np.argsort(probability)
    for index, rows in enumerate(np.split(order, 8)):
        row = table.loc[index]
        assert row["flights"] == SIZE // 8
        assert row["predicted"] == pytest.approx(probability[rows].mean())
        assert row["observed"] == pytest.approx(late[rows].mean())
        assert row["low"] <= row["observed"] <= row["high"]


def test_calibration_of_a_constant() -> None:
    """Equal probabilities are spread over the bins; none is empty."""
    probability = np.full(SIZE, 0.25)
    draws = Draws.of(FRAME["day"], 10, 1)
    table = calibration(FRAME["late"].to_numpy(), probability, FRAME["day"], draws, bins=4)
    assert table["flights"].to_list() == [100] * 4
    assert table["predicted"].to_list() == pytest.approx([0.25] * 4)


def test_flags() -> None:
    """Of ten flights the top two are flagged: one of them late, of three late in all."""
    late = np.array([1, 0, 1, 1, 0, 0, 0, 0, 0, 0], bool)
    probability = np.linspace(0.9, 0.0, 10)
    (row,) = flag_table(late, probability, [0.2]).to_dict("records")
    assert row["threshold"] == pytest.approx(0.8)
    assert row["precision"] == 0.5
    assert row["recall"] == pytest.approx(1 / 3)
