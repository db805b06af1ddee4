"""The model, its baselines, the search and the importance, on flights made up so that one knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from flights.baselines import load_baselines, make_baselines
from flights.features import FAMILIES, KNOWN, REQUEST
from flights.importance import family_importance
from flights.model import add_calendar, load_model, make_model, request_frame, save_model
from flights.search import best, candidates, forward_chain

SIZE = 1200
SMALL = {"learning_rate": 0.3, "max_iter": 10, "max_leaf_nodes": 7, "min_samples_leaf": 10}


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    """Return requests over eight months, late where the delays at the origin are high."""
    rng = np.random.default_rng(7)
    due = pd.Timestamp("2013-01-01 12:00", tz="UTC") + pd.to_timedelta(
        np.sort(rng.integers(0, 240 * 24 * 60, SIZE)), unit="m"
    )
    frame = pd.DataFrame(rng.normal(size=(SIZE, len(KNOWN))), columns=KNOWN)
    frame["carrier"] = rng.choice(["AA", "DL"], SIZE)
    frame["origin"], frame["dest"], frame["tailnum"] = "JFK", rng.choice(["BOS", "LAX"], SIZE), "N1"
    frame["flight"] = pd.array(np.arange(SIZE), dtype="Int64")
    frame["scheduled_departure"] = due.as_unit("ms")
    frame["scheduled_arrival"] = frame["scheduled_departure"] + pd.Timedelta(minutes=90)
    chance = 1 / (1 + np.exp(2 - 4 * frame["origin_dep_delay_1h"]))
    frame["late"] = rng.random(SIZE) < chance
    frame["month"] = due.month
    return frame.sample(frac=1, random_state=1)


def test_calendar_is_local() -> None:
    """Half past eleven at night on a Sunday in New York is Monday in UTC."""
    due = pd.Series([pd.Timestamp("2013-07-15 03:30", tz="UTC")])
    arrival = due + pd.Timedelta(minutes=95)
    requests = pd.DataFrame({"scheduled_departure": due, "scheduled_arrival": arrival})
    (found,) = add_calendar(requests).to_dict("records")
    assert (found["minute_of_day"], found["weekday"]) == (23 * 60 + 30, 6)
    assert found["block_minutes"] == 95
    assert list(requests.columns) == ["scheduled_departure", "scheduled_arrival"]


def test_the_model_learns_and_survives_what_it_never_saw(flights: pd.DataFrame) -> None:
    """Unseen categories and missing values get a probability, not an error."""
    model = make_model(SMALL, seed=0).fit(request_frame(flights), flights["late"])
    asked = request_frame(flights).head(3).copy()
    asked[["carrier", "dest"]] = ["ZZ", None]
    asked[KNOWN] = np.nan
    probability = model.predict_proba(asked)[:, 1]
    assert ((probability > 0) & (probability < 1)).all()
    quiet, busy = request_frame(flights).head(1).copy(), request_frame(flights).head(1).copy()
    quiet["origin_dep_delay_1h"], busy["origin_dep_delay_1h"] = -2.0, 2.0
    assert model.predict_proba(busy)[0, 1] > 2 * model.predict_proba(quiet)[0, 1]


def test_a_saved_model_predicts_bit_for_bit(flights: pd.DataFrame, tmp_path: Path) -> None:
    """Saving and loading changes no prediction."""
    model = make_model(SMALL, seed=0).fit(request_frame(flights), flights["late"])
    save_model(model, tmp_path / "models" / "model.skops")
    loaded = load_model(tmp_path / "models" / "model.skops")
    asked = request_frame(flights)
    assert np.array_equal(loaded.predict_proba(asked), model.predict_proba(asked))


def test_a_file_with_other_types_is_refused(tmp_path: Path) -> None:
    """What this pipeline did not save is not loaded."""
    path = tmp_path / "other.skops"
    skops.io.dump(np.random.default_rng, path)
    for load in (load_model, load_baselines):
        with pytest.raises(UntrustedTypesFoundException):
            load(path)


def test_baselines(flights: pd.DataFrame, tmp_path: Path) -> None:
    """A constant, each hour's own rate, and a linear model; all load as they were saved."""
    asked = request_frame(flights)
    fitted = {name: each.fit(asked, flights["late"]) for name, each in make_baselines().items()}
    skops.io.dump(fitted, tmp_path / "baselines.skops")
    found = {
        name: each.predict_proba(asked)[:, 1]
        for name, each in load_baselines(tmp_path / "baselines.skops").items()
    }
    assert set(found["constant"]) == {flights["late"].mean()}
    hour = flights["scheduled_departure"].dt.tz_convert("America/New_York").dt.hour
    rate = flights["late"].groupby(hour).transform("mean")
    assert np.abs(found["hour"] - rate).max() < 0.01
    assert np.array_equal(found["logistic"], fitted["logistic"].predict_proba(asked)[:, 1])
    assert np.corrcoef(found["logistic"], flights["origin_dep_delay_1h"])[0, 1] > 0.8


def test_candidates_are_all_combinations() -> None:
    """A list stands for alternatives, a number for itself."""
    assert candidates(learning_rate=0.1, max_iter=[5, 6], max_leaf_nodes=[2, 3]) == [
        {"learning_rate": 0.1, "max_iter": iterations, "max_leaf_nodes": leaves}
        for iterations in (5, 6)
        for leaves in (2, 3)
    ]


def test_forward_chaining_takes_the_better_candidate(flights: pd.DataFrame) -> None:
    """One round of boosting loses against ten; all candidates are in the table."""
    tried = candidates(**(SMALL | {"max_iter": [1, 10]}))
    table = forward_chain(flights, flights[["late", "month"]], tried, seed=0)
    assert table["max_iter"].to_list() == [1, 10]
    assert table["log_loss"].iloc[1] < table["log_loss"].iloc[0]
    mean = (table["log_loss_until_4"] + table["log_loss_until_6"]) / 2
    assert table["log_loss"].to_numpy() == pytest.approx(mean.to_numpy())
    assert best(table, list(SMALL)) == SMALL


def test_forward_chaining_never_learns_from_what_follows(flights: pd.DataFrame) -> None:
    """Turning the labels of the last months around changes no earlier chain's model."""
    labels = flights[["late", "month"]].copy()
    before = forward_chain(flights, labels, [SMALL], seed=0)
    # Both chains learn until June at most; the first is scored on May and June.
    labels.loc[labels["month"] >= 7, "late"] = ~labels.loc[labels["month"] >= 7, "late"]
    after = forward_chain(flights, labels, [SMALL], seed=0)
    assert after["log_loss_until_4"].equals(before["log_loss_until_4"])
    assert after["log_loss_until_6"].iloc[0] > before["log_loss_until_6"].iloc[0] + 0.1


def test_importance_finds_the_family_that_matters(flights: pd.DataFrame) -> None:
    """Only the delays at the origin say anything here: their family stands first, alone."""
    model = make_model(SMALL, seed=0).fit(request_frame(flights), flights["late"])
    table = family_importance(model, flights[[*REQUEST, *KNOWN]], flights["late"].to_numpy(), 0)
    assert set(table.index) == set(FAMILIES)
    assert table.index[0] == "delays now"
    assert table["roc_auc"].iloc[0] > 0.2
    assert table["roc_auc"].iloc[1] < 0.05
