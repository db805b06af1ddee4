"""Nothing that became known after the time of asking reaches a feature or the model.

On a week of the real data: everything that was not known yet at some instant is replaced by
something else that was possible, and the features of all requests asked by then must stay the
same to the last bit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from flights.clock import HOUR, add_instants, to_minutes
from flights.errata import mend
from flights.features import KNOWN, REQUEST, build_features, labels, requests
from flights.model import make_model, request_frame
from flights.raw import TABLES, read_raw, source_folder
from flights.weather import KNOWN_AFTER

Tables = dict[str, pd.DataFrame]
LATE_AFTER, HOURS_BEFORE = 15, 2
# A Sunday night in New York, a Monday morning, a Wednesday and a Thursday evening.
INSTANTS = ["2013-02-04 04:00", "2013-02-04 14:00", "2013-02-06 23:00", "2013-02-08 02:00"]
OUTCOME = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Return the raw tables, with the flights of the week from 2 February."""
    folder = source_folder()
    tables = {table.name: mend(table.name, read_raw(table, folder))[0] for table in TABLES}
    flights = tables["flights"]
    week = flights[(flights["month"] == 2) & flights["day"].between(2, 8)]
    return tables | {"flights": add_instants(week, tables["airports"])}


@pytest.fixture(scope="module")
def features(tables: Tables) -> pd.DataFrame:
    """Return the features as they are."""
    return build_features(requests(tables["flights"], HOURS_BEFORE), tables, LATE_AFTER)


@pytest.fixture(scope="module")
def model(tables: Tables, features: pd.DataFrame) -> Pipeline:
    """Return a small model of that week."""
    late = labels(tables["flights"], LATE_AFTER)["late"].dropna().astype(bool)
    return make_model({"max_iter": 10}, seed=0).fit(request_frame(features.loc[late.index]), late)


def rewrite_future(tables: Tables, now: int, seed: int) -> Tables:
    """Give everything that is not known at a minute another possible ending."""
    rng = np.random.default_rng(seed)
    flights, weather = tables["flights"].copy(), tables["weather"].copy()
    due = to_minutes(flights["scheduled_departure"])
    block = to_minutes(flights["scheduled_arrival"]) - due
    dep = flights["dep_delay"].to_numpy(float, na_value=np.nan)
    arr = flights["arr_delay"].to_numpy(float, na_value=np.nan)
    # Those still on the ground leave at any later time, or never; those in the air arrive later.
    waits = ~(due + dep <= now)
    later = np.maximum(now + 1, due - 20) + rng.integers(0, 300, len(due))
    dep = np.where(waits, np.where(rng.random(len(due)) < 0.2, np.nan, later - due), dep)
    flies = ~(due + block + arr <= now)
    later = np.maximum(now + 1, due + np.nan_to_num(dep) + 30) + rng.integers(0, 300, len(due))
    arr = np.where(flies, np.where(np.isnan(dep), np.nan, later - due - block), arr)
    flights[OUTCOME] = pd.NA
    flights["dep_delay"], flights["arr_delay"] = pd.array(dep), pd.array(arr)
    flights = add_instants(flights, tables["airports"])
    hour = to_minutes(pd.to_datetime(weather["time_hour"], utc=True))
    unknown = hour + KNOWN_AFTER > now
    measured = ["temp", "dewp", "humid", "wind_speed", "wind_gust", "pressure", "visib", "precip"]
    weather.loc[unknown, measured] = rng.integers(0, 100, (unknown.sum(), len(measured)))
    return tables | {"flights": flights, "weather": weather}


@pytest.mark.parametrize("instant", INSTANTS)
def test_the_future_changes_no_feature_of_the_past(
    tables: Tables, features: pd.DataFrame, instant: str
) -> None:
    """Requests asked by an instant do not notice what happens later; later ones do."""
    now = int(pd.Timestamp(instant, tz="UTC").timestamp() // 60)
    changed = rewrite_future(tables, now, seed=now)
    asked = requests(changed["flights"], HOURS_BEFORE)
    found = build_features(asked, changed, LATE_AFTER)
    past = asked["asked_at"] <= now
    pd.testing.assert_frame_equal(found[past], features[past], check_exact=True)
    # The rewriting is thorough: without its times every history would have noticed.
    differs = found[~past].ne(features[~past]) & ~(found[~past].isna() & features[~past].isna())
    histories = [name for name in KNOWN if name.startswith(("aircraft", "origin", "weather"))]
    assert past.any()
    assert differs[histories].any().mean() > 0.8


def test_the_own_outcome_changes_no_own_feature(tables: Tables, features: pd.DataFrame) -> None:
    """Whatever becomes of a flight, the features of its own request stay."""
    flights = tables["flights"].copy()
    one = flights.index[len(flights) // 2]
    flights.loc[one, ["dep_delay", "arr_delay"]] = [700, 690]
    flights = add_instants(flights, tables["airports"])
    asked = requests(flights, HOURS_BEFORE).loc[[one]]
    found = build_features(asked, tables | {"flights": flights}, LATE_AFTER)
    pd.testing.assert_frame_equal(found, features.loc[[one]], check_exact=True)


@pytest.mark.parametrize("hours", [0, 6])
def test_the_time_of_asking_is_the_limit(tables: Tables, hours: int) -> None:
    """What holds two hours before holds for any other time of asking."""
    now = int(pd.Timestamp(INSTANTS[1], tz="UTC").timestamp() // 60)
    asked = requests(tables["flights"], hours)
    past = asked["asked_at"] <= now
    before = build_features(asked[past], tables, LATE_AFTER)
    changed = rewrite_future(tables, now, seed=hours)
    pd.testing.assert_frame_equal(
        build_features(asked[past], changed, LATE_AFTER), before, check_exact=True
    )
    assert (asked["due"] - asked["asked_at"] == hours * HOUR).all()


def test_the_model_accepts_the_request_and_what_was_known(model: Pipeline) -> None:
    """These columns, no other; nothing of the outcome among them."""
    assert list(model.feature_names_in_) == [*REQUEST, *KNOWN]
    assert not set(OUTCOME) & set(model.feature_names_in_)


@pytest.mark.parametrize("column", ["origin_dep_delay_1h", "carrier", "scheduled_departure"])
def test_the_model_misses_every_column(
    model: Pipeline, features: pd.DataFrame, column: str
) -> None:
    """A request that lacks a column is refused, and the column named."""
    with pytest.raises((KeyError, ValueError), match=column):
        model.predict_proba(request_frame(features).drop(columns=column))


def test_the_outcome_in_a_request_changes_nothing(
    model: Pipeline, tables: Tables, features: pd.DataFrame
) -> None:
    """A request that carries `dep_delay` and the rest gets the same probability, bit for bit."""
    honest = model.predict_proba(request_frame(features))
    assert len(np.unique(honest)) > 100
    for column in OUTCOME:
        told = request_frame(features).assign(**{column: tables["flights"][column]})
        assert np.array_equal(model.predict_proba(told), honest)
        assert np.array_equal(model.predict_proba(request_frame(told)), honest)
