"""Look-ups against a reference that goes through the rows one by one, offline and online."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrefine.features.columns import Kind
from nbrefine.features.joins import training_frame
from nbrefine.features.online import look_up
from nbrefine.features.pushing import push
from nbrefine.features.requests import canonical_requests
from nbrefine.features.sqlite_store import SqliteStore
from nbrefine.features.view import FeatureView, Lookup, RequestField

EPOCH = pd.Timestamp("2025-01-01", tz="UTC")
# Few keys and few minutes, so that ties, gaps and corrections are common.
KEYS = st.sampled_from(["a", "b", "c", None])
MINUTES = st.integers(0, 12)
VALUES = st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1.5, 2.0**53, -3.25]))
ROWS = st.lists(st.tuples(KEYS, MINUTES, MINUTES, VALUES), max_size=12)
REQUESTS = st.lists(st.tuples(KEYS, MINUTES), min_size=1, max_size=6)


def instants(minutes: list[int]) -> pd.Series:
    return pd.Series(
        [EPOCH + pd.Timedelta(minutes=n) for n in minutes], dtype="datetime64[us, UTC]"
    )


@st.composite
def lookups(draw: st.DrawFn) -> Lookup:
    """Draw a way to look into the table."""
    age = draw(st.one_of(st.none(), st.integers(0, 6)))
    return Lookup(
        "seen",
        "events",
        draw(st.sampled_from([("key",), ()])),
        ("value",),
        known_at="known_at",
        at=draw(st.sampled_from([None, "at"])),
        greatest_age=None if age is None else dt.timedelta(minutes=age),
        ago=dt.timedelta(minutes=draw(st.integers(0, 4))),
        absent=draw(st.sampled_from([None, 7.0])),
    )


def view_of(lookup: Lookup) -> FeatureView:
    fields = {"key": RequestField(Kind.TEXT, optional=True)}
    return FeatureView("tests", fields, (lookup,))


def table_of(rows: list[tuple[str | None, int, int, float | None]]) -> pd.DataFrame:
    keys, known, at, values = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pd.DataFrame(
        {
            "key": pd.Series(keys, dtype="str"),
            "known_at": instants([*known]),
            "at": instants([*at]),
            "value": pd.Series(values, dtype="float64"),
        }
    )


def requests_of(asked: list[tuple[str | None, int]]) -> pd.DataFrame:
    keys, minutes = zip(*asked, strict=True)
    return pd.DataFrame({"key": pd.Series(keys, dtype="str"), "asked_at": instants([*minutes])})


def one_by_one(
    lookup: Lookup,
    rows: list[tuple[str | None, int, int, float | None]],
    asked: list[tuple[str | None, int]],
) -> Iterator[float]:
    """Answer each request by going through all rows."""
    ago = lookup.ago.total_seconds() / 60
    for key, minute in asked:
        best: tuple[float, int, int] | None = None
        for place, (of, known, at, _) in enumerate(rows):
            if (lookup.key and (key is None or of != key)) or known > minute - ago:
                continue
            rank = (at if lookup.at else 0, known, place)
            best = rank if best is None else max(best, rank)
        if best is not None and lookup.greatest_age is not None:
            since = best[0] if lookup.at else best[1]
            if (minute - ago) - since > lookup.greatest_age.total_seconds() / 60:
                best = None
        if best is None:
            yield float("nan") if lookup.absent is None else lookup.absent
        else:
            value = rows[best[2]][3]
            yield float("nan") if value is None else value


@given(lookups(), ROWS, REQUESTS)
@settings(max_examples=80)
def test_the_join_is_the_search_row_by_row(
    lookup: Lookup,
    rows: list[tuple[str | None, int, int, float | None]],
    asked: list[tuple[str | None, int]],
) -> None:
    """For each request: of the rows of its key that were known, the latest, if young enough."""
    frame = training_frame(view_of(lookup), requests_of(asked), {"events": table_of(rows)})
    expected = pd.Series([*one_by_one(lookup, rows, asked)], name="seen.value", dtype="float64")
    pd.testing.assert_series_equal(frame["seen.value"], expected, check_exact=True)


@given(lookups(), ROWS, REQUESTS)
@settings(max_examples=25)
def test_the_store_answers_as_the_join_does(
    lookup: Lookup,
    rows: list[tuple[str | None, int, int, float | None]],
    asked: list[tuple[str | None, int]],
) -> None:
    """What is served for one request is what it has in the training frame, to the bit."""
    view, tables, requests = view_of(lookup), {"events": table_of(rows)}, requests_of(asked)
    frame = training_frame(view, requests, tables)
    with TemporaryDirectory() as folder:
        push(view, tables, Path(folder))
        snapshot = SqliteStore(Path(folder), view).snapshot()
        for row in range(len(requests)):
            alone = canonical_requests(view, requests.iloc[[row]])
            found = look_up(view, alone, snapshot).frame
            pd.testing.assert_frame_equal(found, frame.iloc[[row]], check_exact=True)


@given(lookups(), ROWS, ROWS, REQUESTS, MINUTES)
@settings(max_examples=25)
def test_nothing_that_becomes_known_later_changes_an_answer(
    lookup: Lookup,
    rows: list[tuple[str | None, int, int, float | None]],
    later: list[tuple[str | None, int, int, float | None]],
    asked: list[tuple[str | None, int]],
    now: int,
) -> None:
    """Late corrections, of whatever time they tell, reach no request that was asked before."""
    asked = [(key, min(minute, now)) for key, minute in asked]
    corrected = rows + [(key, now + 1 + known, at, value) for key, known, at, value in later]
    view, requests = view_of(lookup), requests_of(asked)
    before = training_frame(view, requests, {"events": table_of(rows)})
    after = training_frame(view, requests, {"events": table_of(corrected)})
    pd.testing.assert_frame_equal(before, after, check_exact=True)


@given(lookups(), ROWS, REQUESTS, MINUTES)
@settings(max_examples=25)
def test_a_store_that_keeps_less_answers_the_same_from_then_on(
    lookup: Lookup,
    rows: list[tuple[str | None, int, int, float | None]],
    asked: list[tuple[str | None, int]],
    since: int,
) -> None:
    """What `since` leaves out no request that is asked from then on could have found."""
    asked = [(key, max(minute, since)) for key, minute in asked]
    view, tables, requests = view_of(lookup), {"events": table_of(rows)}, requests_of(asked)
    with TemporaryDirectory() as folder:
        start = (EPOCH + pd.Timedelta(minutes=since)).to_pydatetime()
        push(view, tables, Path(folder), since=start)
        found = look_up(
            view, canonical_requests(view, requests), SqliteStore(Path(folder), view).snapshot()
        )
    expected = training_frame(view, requests, tables)
    pd.testing.assert_frame_equal(found.frame, expected, check_exact=True)
