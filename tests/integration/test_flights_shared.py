"""The flights' features serve as they train, and a leak among them is refused with the reason."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest

from flights.clock import add_instants
from flights.weather import observations
from nbrefine.features.columns import Kind
from nbrefine.features.declared import load_view
from nbrefine.features.joins import training_frame
from nbrefine.features.leakage import Leak, check_leakage
from nbrefine.features.tables import read_tables
from nbrefine.features.transforms import apply_transforms
from nbrefine.features.view import FeatureView, Lookup, RequestField
from nbrefine.serving.manifest import read_manifest

# Enough to tell that a feature is too good, in a few seconds.
EVERY = 4
HOUR = pd.Timedelta(hours=1)


@pytest.fixture(scope="module")
def products(ci_project: Path) -> Path:
    """Return what the small sample's build has made."""
    return ci_project / "build" / "ci"


@pytest.fixture(scope="module")
def view() -> FeatureView:
    """Return what the flights declare."""
    return load_view("flights.feature_views")


@pytest.fixture(scope="module")
def tables(products: Path, view: FeatureView) -> dict[str, pd.DataFrame]:
    """Return the look-up tables that the step has written."""
    return read_tables(products / "share_model" / "tables", view)


@pytest.fixture(scope="module")
def flights(products: Path) -> pd.DataFrame:
    """Return some of the flights, with what became of them."""
    raw = pd.read_parquet(products / "ingest" / "flights.parquet")
    airports = pd.read_parquet(products / "ingest" / "airports.parquet")
    return add_instants(raw, airports).iloc[::EVERY]


def leaks(view: FeatureView, flights: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> list[Leak]:
    late = (flights["arr_delay"] > 15).where(flights["arr_delay"].notna())
    return [*check_leakage(view, flights, tables, late, instants=1).leaks]


def with_feature(view: FeatureView, name: str, **changed: object) -> FeatureView:
    """Add a column to the features that the flights declare."""
    (known,) = view.transforms

    def transform(frame: pd.DataFrame) -> pd.DataFrame:
        return known(frame).assign(added=frame[name].astype("float64"))

    return dataclasses.replace(view, transforms=(transform,), **changed)


def test_the_model_was_trained_on_what_is_served(
    products: Path, view: FeatureView, tables: dict[str, pd.DataFrame]
) -> None:
    """The declared features are those that the step before has made, to the last bit."""
    features = pd.read_parquet(products / "build_features" / "features.parquet").iloc[::EVERY]
    made = apply_transforms(view, training_frame(view, features, tables))
    known = [name for name in features.columns if name not in view.request]
    pd.testing.assert_frame_equal(made[known], features[known], check_exact=True)


def test_the_model_directory_names_what_made_it(products: Path) -> None:
    """Its data are the build's features and labels, its modules the project's."""
    manifest = read_manifest(products / "share_model" / "model")
    assert [Path(file).name for file in manifest.made["data"]] == [
        "features.parquet",
        "labels.parquet",
    ]
    assert "modules/flights/feature_views.py" in manifest.files
    assert manifest.classes == [False, True]


def test_the_features_as_they_are_leak_nothing(
    view: FeatureView, flights: pd.DataFrame, tables: dict[str, pd.DataFrame]
) -> None:
    """Neither by proof nor by suspicion."""
    assert leaks(view, flights, tables) == []


def test_the_departure_delay_is_too_good(
    view: FeatureView, flights: pd.DataFrame, tables: dict[str, pd.DataFrame]
) -> None:
    """Among the columns of the request it passes every join, and gives itself away."""
    request = {**view.request, "dep_delay": RequestField(Kind.NUMBER, optional=True)}
    leaky = with_feature(view, "dep_delay", request=request)
    (leak,) = leaks(leaky, flights.astype({"dep_delay": "float64"}), tables)
    assert leak.what == "added"
    assert "alone it reaches" in leak.reason


def test_the_weather_of_the_departure_hour_is_refused(
    view: FeatureView,
    flights: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    products: Path,
) -> None:
    """Called timeless, it is betrayed by the time when it became known."""
    seen = observations(pd.read_parquet(products / "ingest" / "weather.parquet"))
    known = pd.to_datetime(seen["known_at"], unit="m", utc=True)
    hourly = seen[["origin", "visib"]].assign(known_at=known, scheduled_departure=known - HOUR)
    on_the_hour = flights[flights["minute"] == 0]
    lookup = Lookup(
        "then",
        "hourly",
        ("origin", "scheduled_departure"),
        ("visib",),
        timeless="the hour of the departure is known",
    )
    leaky = with_feature(view, "then.visib", lookups=(*view.lookups, lookup))
    (leak,) = leaks(leaky, on_the_hour, {**tables, "hourly": hourly})
    assert leak.what == "then"
    assert "'known_at' lies after the time of asking" in leak.reason
