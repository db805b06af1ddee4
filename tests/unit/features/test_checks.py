"""The three proofs: serving equals training, nothing is known too early, nothing has drifted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from tests import shop

from nbrefine.errors import FeatureTableError
from nbrefine.features.joins import training_frame
from nbrefine.features.leakage import check_leakage
from nbrefine.features.safety import check_serving
from nbrefine.features.skew import check_skew
from nbrefine.features.strength import strengths
from nbrefine.features.transforms import apply_transforms
from nbrefine.features.view import FeatureView, Lookup


def centred(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(price=frame["price"] - frame["price"].mean())


def positive(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["price"] > 100]


def narrowed(frame: pd.DataFrame) -> pd.DataFrame:
    codes = frame["customer.city"].astype("category").cat.codes
    return frame[["price"]].assign(city=codes)


def doubled_in_place(frame: pd.DataFrame) -> pd.DataFrame:
    frame["price"] = frame["price"] * 2
    return frame


def refuses_one(frame: pd.DataFrame) -> pd.DataFrame:
    if len(frame) == 1:
        raise ValueError("one row is too few")
    return frame


def adding(view: FeatureView, transform: Callable[[pd.DataFrame], pd.DataFrame]) -> FeatureView:
    """Put a transform in front of the view's own."""
    return dataclasses.replace(view, transforms=(transform, *view.transforms))


def test_the_shop_serves_as_it_trains(view: FeatureView) -> None:
    """Every column of every stage is the same, bit by bit."""
    proof = check_serving(view, shop.orders(), shop.tables(), rows=40)
    assert proof.holds
    assert proof.requests == 40
    assert proof.columns == len(view.columns) + 8
    assert proof.transforms["order_features"].startswith(("row-wise", "unknown"))


def test_a_mean_over_the_batch_is_named_with_its_statement(view: FeatureView) -> None:
    """The transform, the column, a row with both values, and the line that makes it so."""
    proof = check_serving(adding(view, centred), shop.orders(), shop.tables(), rows=10)
    (difference,) = proof.differences
    assert (difference.stage, difference.column) == ("centred", "price")
    assert difference.requests == 10
    assert difference.single == 0
    assert "test_checks.py:" in difference.statement
    assert "frame['price'].mean()" in difference.statement.replace('"', "'")


@pytest.mark.parametrize(
    ("transform", "column"), [(positive, ""), (narrowed, "city"), (refuses_one, "")]
)
def test_other_ways_to_depend_on_the_batch(
    view: FeatureView, transform: Callable[[pd.DataFrame], pd.DataFrame], column: str
) -> None:
    """Rows dropped, codes that the batch decides, a transform that one row is too few for."""
    view = dataclasses.replace(view, transforms=(transform,))
    proof = check_serving(view, shop.orders(), shop.tables(), rows=10)
    assert not proof.holds
    assert {each.stage for each in proof.differences} == {transform.__name__}
    assert [each.column for each in proof.differences] == [column]


def test_a_transform_may_work_on_the_frame_that_it_is_given(view: FeatureView) -> None:
    """It is no difference that a second call would find what the first has written."""
    proof = check_serving(adding(view, doubled_in_place), shop.orders(), shop.tables(), rows=10)
    assert proof.holds, proof.differences


@pytest.mark.parametrize("prove", [check_serving, check_leakage])
def test_nothing_is_proved_by_no_requests(view: FeatureView, prove: Callable[..., object]) -> None:
    """An empty file of requests is a mistake, not a proof."""
    with pytest.raises(FeatureTableError, match="no requests"):
        prove(view, shop.orders().iloc[:0], shop.tables())


def test_a_sound_view_leaks_nothing(view: FeatureView) -> None:
    """And the reasons that are taken on trust are listed."""
    placed = shop.orders()
    proof = check_leakage(view, placed, shop.tables(), shop.returned(placed))
    assert proof.holds, proof.leaks
    assert proof.trusted == {"customer": "who orders is registered"}
    assert proof.requests > len(placed)


def test_a_transform_that_looks_past_the_time_of_asking_is_caught(
    view: FeatureView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look-up that does not wait until a row is known changes with the future."""
    tables = shop.tables()

    def look_ahead(frame: pd.DataFrame) -> pd.DataFrame:
        last = seen["stock"].sort_values("counted_at").groupby("product")["level"].last()
        return frame[["price"]].assign(level=frame["product"].map(last).astype("float64"))

    seen = tables
    leaky = dataclasses.replace(view, transforms=(look_ahead,))

    from nbrefine.features import leakage  # noqa: PLC0415  (its dealing is watched)

    dealt = leakage._other_future

    def watched(*arguments: object) -> dict[str, pd.DataFrame]:
        nonlocal seen
        seen = dealt(*arguments)  # type: ignore[arg-type]
        return seen

    monkeypatch.setattr(leakage, "_other_future", watched)
    proof = check_leakage(leaky, shop.orders(), tables)
    assert [leak.what for leak in proof.leaks] == ["level"]
    assert "changes with what became known after" in proof.leaks[0].reason


def test_a_dated_table_cannot_be_called_timeless(view: FeatureView) -> None:
    """Its own times say that rows are of after the asking."""
    tables = shop.tables()
    tables["latest"] = tables["stock"].drop_duplicates("product", keep="last")
    lookup = Lookup("latest", "latest", ("product",), ("level",), timeless="it is only stock")
    proof = check_leakage(
        dataclasses.replace(view, lookups=(lookup,), transforms=()), shop.orders(), tables
    )
    assert [leak.what for leak in proof.leaks] == ["latest"]
    assert "'counted_at' lies after the time of asking" in proof.leaks[0].reason or (
        "'known_at' lies after the time of asking" in proof.leaks[0].reason
    )


def test_a_feature_that_is_too_good_is_named(view: FeatureView) -> None:
    """The outcome in a request's own column is alone as good as all."""
    placed = shop.orders(2000)
    late = shop.returned(placed)
    noise = np.random.default_rng(3).normal(0, 0.2, len(placed))
    proof = check_leakage(
        dataclasses.replace(view, transforms=()),
        placed.assign(price=late + noise),
        shop.tables(),
        late,
    )
    assert [leak.what for leak in proof.leaks] == ["price"]
    assert proof.strongest[0].feature == "price"


def test_skew_names_the_feature_and_both_values(view: FeatureView) -> None:
    """What was served otherwise is counted; what is the same is not."""
    placed = shop.orders(50)
    served = apply_transforms(view, training_frame(view, placed, shop.tables()))
    assert not check_skew(view, placed, served, shop.tables()).skewed
    served.loc[4:6, "price"] += 1
    served.loc[9, "stock"] = np.nan
    served = served.drop(columns="hour")
    report = check_skew(view, placed, served, shop.tables())
    assert [(each.column, each.requests) for each in report.skewed] == [("price", 3), ("stock", 1)]
    assert report.skewed[0].served == report.skewed[0].offline + 1
    assert report.skewed[1].missing == 1
    assert report.absent == ("hour",)


def test_a_feature_without_values_in_half_of_the_time_is_no_obstacle() -> None:
    """Of a column that is missing throughout nothing is learnt, and nothing fails."""
    rng = np.random.default_rng(5)
    numbers = rng.normal(size=400)
    features = pd.DataFrame({"a": numbers, "late": np.where(np.arange(400) < 200, np.nan, 1.0)})
    features["never"] = np.nan
    found = strengths(features, pd.Series(numbers + rng.normal(size=400) > 0))
    assert found[0].feature == "a"
    assert {each.feature: each.alone for each in found}["never"] == 0


@pytest.mark.parametrize(
    ("no", "yes"), [(0, 1), (-1, 1), (1, 2), ("kept", "returned"), (False, True), (0.0, 0.5)]
)
def test_two_classes_may_be_called_anything(no: object, yes: object) -> None:
    """A feature that tells them apart does so whatever they are called."""
    numbers = np.random.default_rng(7).normal(size=400)
    features = pd.DataFrame({"a": numbers})
    labels = pd.Series([yes if number > 0 else no for number in numbers])
    (found,) = strengths(features, labels)
    assert found.alone > 0.9


def test_labels_that_are_neither_numbers_nor_two_classes_are_refused(view: FeatureView) -> None:
    """How good a feature is alone cannot be told of them, and silence would say that none is."""
    placed = shop.orders()
    labels = "product " + placed["product"].astype(str)
    with pytest.raises(FeatureTableError, match="labels"):
        check_leakage(view, placed, shop.tables(), labels)


def test_labels_of_other_requests_are_refused(view: FeatureView) -> None:
    """None of them is matched, and silence would say that no feature is too good."""
    placed = shop.orders()
    labels = shop.returned(placed)
    labels.index = labels.index + len(placed)
    with pytest.raises(FeatureTableError, match="none of the requests"):
        check_leakage(view, placed, shop.tables(), labels)
