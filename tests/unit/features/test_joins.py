"""The training frame: its columns and dtypes, and what tables must be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests import shop

from nbrefine.errors import FeatureTableError
from nbrefine.features.joins import training_frame
from nbrefine.features.transforms import apply_transforms
from nbrefine.features.view import FeatureView


def test_dtypes_do_not_depend_on_what_is_missing(view: FeatureView) -> None:
    """One row has the dtypes that a thousand have, whatever is missing in it."""
    placed = shop.orders()
    frame = training_frame(view, placed, shop.tables())
    assert tuple(frame.columns) == view.columns
    for row in (0, 7, 100):
        alone = training_frame(view, placed.iloc[[row]], shop.tables())
        assert alone.dtypes.equals(frame.dtypes)
        pd.testing.assert_frame_equal(alone, frame.iloc[[row]], check_exact=True)


def test_the_index_of_the_requests_is_kept(view: FeatureView) -> None:
    """Labels are joined by it."""
    placed = shop.orders(20).set_axis(range(100, 120)).iloc[::-1]
    frame = training_frame(view, placed, shop.tables())
    assert frame.index.equals(placed.index)
    assert (frame["price"] == placed["price"]).all()
    assert apply_transforms(view, frame).index.equals(placed.index)


def test_a_row_without_its_key_finds_nothing(view: FeatureView) -> None:
    """A customer who is not told is nobody, not the customer who is missing in a table."""
    tables = shop.tables()
    nobody = pd.DataFrame({"customer": [None], "city": ["Rome"], "since": [shop.START]})
    tables["customers"] = pd.concat([tables["customers"], nobody], ignore_index=True)
    placed = shop.orders().query("customer.isna()")
    assert len(placed)
    assert training_frame(view, placed, tables)["customer.city"].isna().all()


@pytest.mark.parametrize(
    ("table", "change", "says"),
    [
        ("customers", lambda t: t.drop(columns="city"), "has no column 'city'"),
        ("customers", lambda t: pd.concat([t, t[:1]]), "customer='c0' more than once"),
        ("stock", lambda t: t.assign(known_at=t["known_at"].dt.tz_localize(None)), "no time zone"),
        ("stock", lambda t: t.assign(known_at=t["known_at"].where(t.index > 3)), "missing in 4"),
        ("stock", lambda t: t.assign(level=2**60 + t["level"]), "which no float can hold"),
        ("stock", lambda t: t.assign(level=[[1]] * len(t)), "can be looked up"),
        ("stock", lambda t: t.assign(product="x"), "cannot be read as whole"),
    ],
)
def test_tables_that_cannot_be_looked_into(
    view: FeatureView, table: str, change: object, says: str
) -> None:
    """The table and the column are named."""
    tables = shop.tables()
    tables[table] = change(tables[table])  # type: ignore[operator]
    with pytest.raises(FeatureTableError) as raised:
        training_frame(view, shop.orders(10), tables)
    assert says in raised.value.message
    assert repr(table) in raised.value.message


def test_a_table_that_is_not_there(view: FeatureView) -> None:
    """Its name is told, with the nearest."""
    tables = shop.tables()
    tables["stocks"] = tables.pop("stock")
    with pytest.raises(FeatureTableError, match="no table 'stock'") as raised:
        training_frame(view, shop.orders(10), tables)
    assert raised.value.hint == "Did you mean 'stocks'?"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda o: o.drop(columns="price"), "no column 'price'"),
        (lambda o: o.drop(columns="asked_at"), "no column 'asked_at'"),
        (lambda o: o.assign(price=np.nan), "'price' is missing in 10 of 10"),
        (lambda o: o.assign(ordered_at="2025-01-01"), "cannot be read as instant"),
        (lambda o: o.assign(asked_at=pd.NaT), "cannot be read as instant"),
    ],
)
def test_requests_that_are_not_as_declared(view: FeatureView, change: object, says: str) -> None:
    """The column is named."""
    with pytest.raises(FeatureTableError) as raised:
        training_frame(view, change(shop.orders(10)), shop.tables())  # type: ignore[operator]
    assert says in raised.value.message
