"""What training saw, and what is said of a request that has something else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbrefine.features.columns import Kind
from nbrefine.features.online import LookedUp
from nbrefine.features.view import FeatureView, Lookup, RequestField
from nbrefine.serving.cells import cells_of
from nbrefine.serving.contract import Contract, Seen, refused, warnings_of

LOOKUP = Lookup("who", "people", ("name",), ("age",), timeless="so")
VIEW = FeatureView(
    "tests",
    {
        "name": RequestField(Kind.TEXT, optional=True),
        "count": RequestField(Kind.WHOLE, refuse=True),
        "at": RequestField(Kind.INSTANT),
    },
    (LOOKUP,),
)


def frame(**changed: object) -> pd.DataFrame:
    """Return two requests, one of them changed."""
    rows = [{"name": "ada", "count": 3, "at": pd.Timestamp("2025-01-01", tz="UTC")}] * 2
    return pd.DataFrame([rows[0], {**rows[1], **changed}]).astype({"name": "str"})


def said(features: pd.DataFrame, requests: pd.DataFrame | None = None) -> list[list[dict]]:
    """Hold requests and features against what training saw."""
    training = pd.DataFrame({"size": [1.0, 2.0], "rare": [np.nan, 5.0]})
    contract = Contract.of([frame(name="bob", count=5), training])
    found = LookedUp(frame() if requests is None else requests, {}, {})
    return warnings_of(VIEW, contract, found, cells_of(found.frame), cells_of(features))


USUAL = pd.DataFrame({"size": [1.5, 2.0], "rare": [np.nan, 5.0]})


def test_what_training_saw_is_no_matter() -> None:
    """Bounds belong to the range, gaps where there were gaps; every instant is new."""
    later = frame(at=pd.Timestamp("2030-01-01", tz="UTC"))
    assert said(USUAL, later) == [[], []]


@pytest.mark.parametrize(
    ("requests", "warned"),
    [
        (frame(name="eve"), {"kind": "unseen", "column": "name", "value": "eve"}),
        (frame(name=None), {"kind": "null", "column": "name"}),
        (
            frame(count=9),
            {"kind": "out_of_range", "column": "count", "value": 9.0, "low": 3.0, "high": 5.0},
        ),
    ],
)
def test_what_it_did_not_see_in_a_request(requests: pd.DataFrame, warned: dict) -> None:
    """The row that has it is warned of, with the value."""
    assert said(USUAL, requests) == [[], [warned]]


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [(0.5, "out_of_range", 0.5), (np.inf, "out_of_range", "inf"), (np.nan, "null", None)],
)
def test_what_it_did_not_see_in_a_feature(value: float, kind: str, told: object) -> None:
    """Also where the request looks usual; an infinity is told as a text."""
    (usual, (warned,)) = said(USUAL.assign(size=[1.0, value]))
    assert usual == []
    assert (warned["kind"], warned["column"], warned.get("value")) == (kind, "size", told)


def test_what_the_store_does_not_have() -> None:
    """The look-up and the key that found nothing, or something too old."""
    flags = np.array([False, True])
    found = LookedUp(frame(name=None), {"who": flags}, {"who": ~flags})
    asked = cells_of(found.frame)
    first, second = warnings_of(VIEW, Contract({}), found, asked, cells_of(USUAL))
    assert first == [{"kind": "stale", "lookup": "who", "key": {"name": "ada"}}]
    assert second == [{"kind": "missing", "lookup": "who", "key": {"name": None}}]


def test_only_reviewed_columns_refuse() -> None:
    """The declaration refuses counts, not names."""
    (warned,) = said(USUAL, frame(name="eve", count=9))[1:]
    assert [each["column"] for each in refused(VIEW, warned)] == ["count"]


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Bounds to the last bit, texts as a set."""
    contract = Contract(
        {
            "a": Seen(missing=True, low=0.1, high=1 / 3),
            "b": Seen(missing=False, texts=frozenset({"x", "é"})),
        }
    )
    (tmp_path / "contract.json").write_text(contract.as_json(), encoding="utf-8")
    assert Contract.read(tmp_path / "contract.json") == contract
