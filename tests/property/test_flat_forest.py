"""A forest walked as flat arrays predicts every bit that scikit-learn predicts."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import ensemble

from nbrefine.serving.flat_models import FlatModel, UncoveredError, flat_model

COLUMNS = 4
HIST = {"max_iter": 6, "early_stopping": False, "random_state": 0}
CATEGORIES = [0, 2]
MODELS: dict[str, Any] = {
    "boosted": ensemble.HistGradientBoostingClassifier(**HIST),
    "boosted, categories": ensemble.HistGradientBoostingClassifier(
        categorical_features=CATEGORIES, **HIST
    ),
    "boosted numbers": ensemble.HistGradientBoostingRegressor(
        loss="poisson", categorical_features=CATEGORIES, **HIST
    ),
    "random": ensemble.RandomForestClassifier(5, random_state=0),
    "random numbers": ensemble.RandomForestRegressor(5, random_state=0),
    "extra": ensemble.ExtraTreesClassifier(5, random_state=0),
}


def training(classes: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return rows with gaps, two columns of which hold small whole numbers, and classes."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, COLUMNS))
    rows[:, CATEGORIES] = rng.integers(0, 30, (400, 2)) * 3
    score = rows[:, 1] + np.isin(rows[:, 0], [3, 9, 60]) + rng.normal(size=400)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    return rows, np.digitize(score, np.quantile(score, [0.5, 0.8][: classes - 1]))


@cache
def fitted(name: str) -> tuple[Any, FlatModel]:
    """Fit a model once, and read it."""
    model = MODELS[name]
    model.fit(*training(3 if name in {"boosted", "random"} else 2))
    return model, flat_model(model)


@st.composite
def batches(draw: st.DrawFn, flat: FlatModel) -> npt.NDArray[np.float64]:
    """Draw rows of any numbers, and of borders of the forest with their neighbours."""
    borders = flat.forest.threshold[np.isfinite(flat.forest.threshold)].tolist()
    ahead, behind = np.inf, -np.inf
    odd = st.sampled_from([np.nan, 0.0, -0.0, -1.0, 3.0, 254.0, 255.0, 256.0, 1e300, np.inf])
    near = st.sampled_from(borders).flatmap(
        lambda each: st.sampled_from([each, *np.nextafter(each, [ahead, behind]).tolist()])
    )
    any_number = st.floats(width=64)
    rows = draw(st.integers(1, 3))
    values = st.one_of(near, odd, any_number, st.integers(0, 90).map(float))
    return draw(arrays.arrays(np.float64, (rows, COLUMNS), elements=values, fill=st.nothing()))


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=15)
@given(data=st.data())
def test_every_bit_is_the_same(name: str, data: st.DataObject) -> None:
    """What is covered is predicted alike; what is not, only the model itself can answer."""
    model, flat = fitted(name)
    rows = data.draw(batches(flat))
    try:
        found = flat.predict(rows)
    except UncoveredError:
        return
    expected = (model.predict_proba if hasattr(model, "classes_") else model.predict)(rows)
    assert expected.shape == found.shape
    assert expected.tobytes() == found.tobytes()


@pytest.mark.parametrize("name", MODELS)
def test_most_rows_are_covered(name: str) -> None:
    """The rows of the training are walked, whichever are missing; only infinities are not."""
    model, flat = fitted(name)
    rows, _ = training(2)
    found = flat.predict(rows)
    expected = (model.predict_proba if hasattr(model, "classes_") else model.predict)(rows)
    assert expected.tobytes() == found.tobytes()
