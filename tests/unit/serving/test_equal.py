"""The shorter way is taken where it is shown to predict the same, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder

from nbrefine.serving import equal
from nbrefine.serving.equal import MOST_ROWS, SmallBatches, show_equal
from nbrefine.serving.flat_models import UncoveredError
from nbrefine.serving.loading import predict
from nbrefine.serving.shortcut import Shortcut, shortcut_of

# What the encoder makes of the third text, and the trees make much of.
SHIP = 2.0
UNKNOWN = {"handle_unknown": "use_encoded_value", "unknown_value": np.nan}


def doubled(frame: pd.DataFrame) -> pd.DataFrame:
    """Add a column."""
    return frame.assign(twice=frame["size"] * 2)


def parcels(count: int = 300) -> pd.DataFrame:
    """Return features: texts with gaps, floats with gaps, whole numbers."""
    rng = np.random.default_rng(0)
    size = rng.normal(size=count)
    size[rng.random(count) < 0.1] = np.nan
    texts = rng.choice(["rail", "road", "ship", None], count)
    return pd.DataFrame(
        {"by": pd.array(texts, "str"), "size": size, "pieces": rng.integers(0, 9, count)}
    )


def fitted(
    model: Any = None,  # noqa: ANN401  (an estimator)
    encoder: Any = None,  # noqa: ANN401
) -> Pipeline:
    """Fit a pipeline of a function, an encoder beside numbers, and a forest."""
    columns = ColumnTransformer(
        [
            ("texts", encoder or OrdinalEncoder(**UNKNOWN), ["by"]),
            ("numbers", "passthrough", ["size", "pieces", "twice"]),
        ]
    )
    if model is None:
        model = HistGradientBoostingClassifier(max_iter=8, categorical_features=[0], random_state=0)
    steps = [("doubled", FunctionTransformer(doubled)), ("columns", columns), ("model", model)]
    frame = parcels()
    late = (frame["size"].fillna(0) + (frame["by"] == "ship") + frame["pieces"] / 9) > 1
    return Pipeline(steps).fit(frame, late)


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    """Return a pipeline that can be predicted with flat arrays."""
    return fitted()


def test_a_known_pipeline_is_shown(pipeline: Pipeline) -> None:
    """Small batches take the shorter way, and every bit is the pipeline's."""
    batches = SmallBatches(pipeline, parcels(20))
    assert (batches.shown, batches.reason) == (True, "")
    rows = parcels(1000)
    rows.loc[3, "by"] = "a way that is new"
    for first, last in ((0, 1), (1, 9), (0, MOST_ROWS), (0, 1000)):
        found = batches.predict(rows[first:last])
        assert found.tobytes() == predict(pipeline, rows[first:last]).tobytes()


def test_small_batches_do_not_call_the_pipeline(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the limit the pipeline is not asked; a row more, and it is."""
    batches = SmallBatches(pipeline, parcels(20))
    asked: list[int] = []
    monkeypatch.setattr(equal, "predict", lambda _, rows: asked.append(len(rows)))
    batches.predict(parcels(MOST_ROWS))
    assert asked == []
    batches.predict(parcels(MOST_ROWS + 1))
    assert asked == [MOST_ROWS + 1]


def test_other_dtypes_are_left_to_the_pipeline(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not tried is not taken the shorter way."""
    batches = SmallBatches(pipeline, parcels(20))
    asked: list[int] = []
    monkeypatch.setattr(equal, "predict", lambda _, rows: asked.append(len(rows)))
    batches.predict(parcels(2).astype({"by": object}))
    assert asked == [2]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: fitted(DummyClassifier()), "DummyClassifier is no forest"),
        (lambda: fitted(encoder=OneHotEncoder()), "the step OneHotEncoder is not one"),
        (lambda: fitted(encoder=OrdinalEncoder(max_categories=2, **UNKNOWN)), "rare categories"),
    ],
)
def test_what_is_not_known_is_said(make: Callable[[], Pipeline], says: str) -> None:
    """A model or a step that is not known is left to the pipeline, and the reason is told."""
    batches = SmallBatches(make(), parcels(20))
    assert not batches.shown
    assert says in batches.reason


def test_an_encoder_that_refuses_is_left_to_refuse() -> None:
    """The pipeline's own error is what the caller gets."""
    made = fitted(encoder=OrdinalEncoder())
    batches = SmallBatches(made, parcels(20))
    assert "refuses what it does not know" in batches.reason
    with pytest.raises(ValueError, match="unknown categories"):
        batches.predict(parcels(1).assign(by=pd.array(["new"], "str")))


def test_a_forest_of_single_precision_is_shown() -> None:
    """Trees that round their numbers turn at the same borders."""
    made = fitted(RandomForestClassifier(8, random_state=0))
    assert SmallBatches(made, parcels(20)).shown


@pytest.mark.parametrize("what", ["threshold", "value", "missing"])
def test_a_difference_is_found(pipeline: Pipeline, what: str) -> None:
    """A border, a leaf or a turn that is off by the least: the shorter way is not taken."""
    shortcut = shortcut_of(pipeline)
    forest = shortcut.model.forest
    if what == "threshold":
        wrong = replace(forest, threshold=np.nextafter(forest.threshold, np.inf))
    elif what == "value":
        wrong = replace(forest, value=np.nextafter(forest.value, np.inf))
    else:
        wrong = replace(forest, turns=~forest.turns)
    off = Shortcut(shortcut.steps, replace(shortcut.model, forest=wrong))
    with pytest.raises(UncoveredError, match="something else"):
        show_equal(pipeline, off, parcels(20))
    show_equal(pipeline, shortcut, parcels(20))


def test_an_encoder_that_is_off_is_found(pipeline: Pipeline) -> None:
    """What is unseen must be coded as the pipeline codes it, though no example has it."""
    shortcut = shortcut_of(pipeline)
    function, columns, numbers = shortcut.steps

    def off(frame: pd.DataFrame) -> Any:  # noqa: ANN401  (an array)
        made = columns(frame)
        made[np.isnan(made[:, 0]) & frame["by"].notna(), 0] = SHIP
        return made

    with pytest.raises(UncoveredError, match="a feature that is odd"):
        show_equal(
            pipeline, Shortcut((function, off, numbers), shortcut.model), parcels(20).dropna()
        )


def test_no_example_shows_nothing(pipeline: Pipeline) -> None:
    """Without examples nothing can be shown."""
    assert SmallBatches(pipeline, parcels(0)).reason == "there is no example to try it on"
