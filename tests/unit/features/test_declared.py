"""What a declaration may say, and what is said where it cannot be followed."""

from __future__ import annotations

import datetime as dt
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from nbrefine.errors import FeatureViewError
from nbrefine.features.columns import Kind
from nbrefine.features.declared import load_view, view_of
from nbrefine.features.view import FeatureView, Lookup, RequestField


class Request:
    """A request."""

    key: str | None
    number: int
    amount: float
    at: dt.datetime


LOOKUP = {"table": "t", "key": ["key"], "columns": ["a"], "known_at": "known_at"}


def doubled(frame: Any) -> Any:  # noqa: ANN401  (a frame)
    return frame


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Callable[..., types.ModuleType]:
    """Make a module that declares what it is told."""

    def make(**names: object) -> types.ModuleType:
        module = types.ModuleType("declared_here")
        module.__file__ = "declared_here.py"
        vars(module).update({"Request": Request, **names})
        monkeypatch.setitem(sys.modules, "declared_here", module)
        return module

    return make


def test_the_shop_is_read_as_declared(view: FeatureView) -> None:
    """Kinds, options and look-ups are those of the module."""
    assert view.request["customer"] == RequestField(Kind.TEXT, optional=True)
    assert view.request["product"] == RequestField(Kind.WHOLE, refuse=True)
    assert [each.kind for each in view.request.values()] == [
        Kind.TEXT,
        Kind.WHOLE,
        Kind.NUMBER,
        Kind.FLAG,
        Kind.INSTANT,
    ]
    assert [each.name for each in view.lookups] == [
        "customer",
        "stock",
        "returns",
        "returns_yesterday",
    ]
    assert view.asked_at is None


def test_lookups_of_one_table_share_a_relation(view: FeatureView) -> None:
    """Two times of one table are looked up in the same place."""
    assert len(view.relations()) == 3
    assert view.columns[-2:] == ("returns.total", "returns_yesterday.total")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ({"Request": None}, "no class `Request`"),
        ({"Request": type("Request", (), {})}, "no annotated attribute"),
        ({"REFUSE": ["count"]}, "'count', which no request has"),
        ({"REFUSE": "number"}, "REFUSE must be a list of names"),
        ({"LOOKUPS": []}, "LOOKUPS must map"),
        ({"LOOKUPS": {"x": LOOKUP | {"knwon_at": "a"}}}, "says 'knwon_at', which means nothing"),
        ({"LOOKUPS": {"x": {"key": [], "columns": ["a"]}}}, "does not say its 'table'"),
        ({"LOOKUPS": {"x": LOOKUP | {"key": "key"}}}, "key must be a list of names"),
        ({"LOOKUPS": {"x": LOOKUP | {"key": ["kye"]}}}, "the key 'kye', which no request has"),
        ({"LOOKUPS": {"x": LOOKUP | {"key": ["amount"]}}}, "a float is no key"),
        ({"LOOKUPS": {"x": LOOKUP | {"ago": 60}}}, "'ago' must be a datetime.timedelta"),
        ({"LOOKUPS": {"x": LOOKUP | {"ago": dt.timedelta(-1)}}}, "looks into the future"),
        ({"LOOKUPS": {"x": LOOKUP | {"timeless": "so"}}}, "must say either"),
        ({"LOOKUPS": {"x": LOOKUP | {"known_at": None}}}, "must say either"),
        ({"LOOKUPS": {"x": LOOKUP | {"columns": []}}}, "takes no column"),
        ({"LOOKUPS": {"x": LOOKUP | {"columns": ["a", "a"]}}}, "takes a column twice"),
        ({"TRANSFORMS": doubled}, "TRANSFORMS must be a list"),
        ({"TRANSFORMS": [lambda frame: frame]}, "no module has by that name"),
        ({"asked_at": 3}, "must be a function"),
    ],
)
def test_what_cannot_be_followed_is_said(
    declare: Callable[..., types.ModuleType], names: dict[str, object], says: str
) -> None:
    """One sentence that names what is wrong."""
    with pytest.raises(FeatureViewError) as raised:
        view_of(declare(**names))
    assert says in raised.value.message


def test_a_misspelt_name_is_answered_by_the_nearest(
    declare: Callable[..., types.ModuleType],
) -> None:
    """The hint of a misspelt key says what was meant."""
    with pytest.raises(FeatureViewError) as raised:
        view_of(declare(LOOKUPS={"x": LOOKUP | {"greatest_ago": dt.timedelta(1)}}))
    assert raised.value.hint == "Did you mean 'greatest_age'?"


def test_the_module_is_named_in_errors(declare: Callable[..., types.ModuleType]) -> None:
    """Where a declaration is wrong is the place of the error."""
    declare(LOOKUPS=[])
    with pytest.raises(FeatureViewError) as raised:
        load_view("declared_here")
    assert str(raised.value.where) == "declared_here.py"


@pytest.mark.parametrize(
    "module",
    ["no_such_project.feature_views", "flights.no_such_views", "./src/flights/views.py", ".", ""],
)
def test_a_missing_module_is_said(module: str) -> None:
    """Without a traceback."""
    with pytest.raises(FeatureViewError, match="There is no module"):
        load_view(module)


@pytest.mark.parametrize("annotation", [bytes, int | float, list[int]])
def test_only_plain_kinds_are_carried(
    declare: Callable[..., types.ModuleType], annotation: object
) -> None:
    """What cannot be in a frame's column is refused by name."""
    request = type("Request", (), {"__annotations__": {"odd": annotation}})
    with pytest.raises(FeatureViewError, match=r"Request\.odd is .*; it must be one of str"):
        view_of(declare(Request=request))


@pytest.mark.parametrize("annotation", ["pd.Timestamp", "dt.nothing", "int |", "int | 'a'"])
def test_annotations_that_cannot_be_read_are_said(
    declare: Callable[..., types.ModuleType], annotation: str
) -> None:
    """What they name may be imported for types alone, where it is not there when it is asked."""
    request = type("Request", (), {"__annotations__": {"odd": annotation}})
    with pytest.raises(FeatureViewError, match="annotations of `Request` cannot be read"):
        view_of(declare(Request=request))


@pytest.mark.parametrize("name", ["asked_at", "_hidden"])
def test_names_that_a_request_cannot_have(
    declare: Callable[..., types.ModuleType], name: str
) -> None:
    """The time of asking is said otherwise, and a service would not know what begins with _."""
    request = type("Request", (), {"__annotations__": {name: int}})
    with pytest.raises(FeatureViewError, match=f"cannot have a column '{name}'"):
        view_of(declare(Request=request))


def test_a_lookup_without_key_needs_a_time() -> None:
    """One row for all requests and all times is a constant, not a look-up."""
    with pytest.raises(FeatureViewError, match="neither a key nor a time"):
        Lookup("x", "t", (), ("a",), timeless="so")
