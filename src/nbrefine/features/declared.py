"""Reads a declaration from a project's module, which needs nothing of ours to be imported."""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbrefine.errors import FeatureViewError, Place, did_you_mean
from nbrefine.features.columns import Kind
from nbrefine.features.view import ASKED_AT, FeatureView, Lookup, RequestField

if TYPE_CHECKING:
    from types import ModuleType

_KINDS = {
    str: Kind.TEXT,
    int: Kind.WHOLE,
    float: Kind.NUMBER,
    bool: Kind.FLAG,
    dt.datetime: Kind.INSTANT,
}
_LISTS = ("key", "columns")


def load_view(module: str) -> FeatureView:
    """Read what a module declares.

    Parameters
    ----------
    module
        Its dotted name, such as ``flights.feature_views``. It has a class ``Request``, whose
        annotations are the columns that a request carries, and as needed ``LOOKUPS`` (by name,
        the arguments of `nbrefine.features.view.Lookup`), ``TRANSFORMS`` (a list of functions),
        ``REFUSE`` (a list of the request's columns), and a function ``asked_at``.

    Returns
    -------
    FeatureView
        The declaration.

    Raises
    ------
    FeatureViewError
        If the module cannot be imported, or declares what cannot be followed.
    """
    if not module or module.startswith("."):  # such as ./src/flights/feature_views.py
        raise _no_module(module)
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if not module.startswith(str(error.name)):
            raise
        raise _no_module(module) from None
    try:
        return view_of(found)
    except FeatureViewError as error:
        error.where = error.where or Place(str(found.__file__))
        raise


def _no_module(module: str) -> FeatureViewError:
    hint = "Give its dotted name, such as flights.feature_views; src/ is looked into too."
    return FeatureViewError(f"There is no module {module!r}.", hint=hint)


def view_of(module: ModuleType) -> FeatureView:
    """Read what an imported module declares (see `load_view`)."""
    request = _request(module)
    asked_at = getattr(module, ASKED_AT, None)
    if asked_at is not None and not callable(asked_at):
        raise FeatureViewError(f"`{ASKED_AT}` must be a function of the frame of requests.")
    view = FeatureView(module.__name__, request, _lookups(module), _transforms(module), asked_at)
    for lookup in view.lookups:
        for column in lookup.key:
            if column not in request:
                message = f"Look-up {lookup.name!r} has the key {column!r}, which no request has."
                raise FeatureViewError(message, hint=did_you_mean(column, request))
            if request[column].kind is Kind.NUMBER:
                message = f"Look-up {lookup.name!r} has the key {column!r}: a float is no key."
                raise FeatureViewError(message, hint="Declare it as int, str or datetime.")
    return view


def _request(module: ModuleType) -> dict[str, RequestField]:
    declared = getattr(module, "Request", None)
    if not inspect.isclass(declared):
        raise FeatureViewError("It has no class `Request` that says what a request carries.")
    hints = _annotations(declared)
    refused = _strings(module, "REFUSE", getattr(module, "REFUSE", []))
    for name in refused:
        if name not in hints:
            message = f"REFUSE names {name!r}, which no request has."
            raise FeatureViewError(message, hint=did_you_mean(name, hints))
    fields = {name: _field(name, hint, refused) for name, hint in hints.items()}
    if not fields:
        raise FeatureViewError("The class `Request` has no annotated attribute.")
    return fields


def _annotations(declared: type) -> dict[str, Any]:
    # Their own imports may be for types alone.
    known = {"dt": dt, "datetime": dt.datetime}
    try:
        return typing.get_type_hints(declared, localns=known)
    except (NameError, AttributeError, SyntaxError, TypeError) as error:
        message = f"The annotations of `Request` cannot be read: {error}."
        hint = "Import what they name outside of `if TYPE_CHECKING`."
        raise FeatureViewError(message, hint=hint) from None


def _field(name: str, hint: object, refused: Sequence[str]) -> RequestField:
    # What begins with _ is no part of a request's schema.
    if name == ASKED_AT or not name.isidentifier() or name.startswith("_"):
        raise FeatureViewError(f"A request cannot have a column {name!r}.")
    parts = typing.get_args(hint) if _is_union(hint) else (hint,)
    plain = [part for part in parts if part is not type(None)]
    if len(plain) != 1 or plain[0] not in _KINDS:
        known = ", ".join(each.__name__ for each in _KINDS)
        message = f"Request.{name} is {hint}; it must be one of {known}, alone or with None."
        raise FeatureViewError(message)
    return RequestField(_KINDS[plain[0]], len(parts) > 1, name in refused)


def _is_union(hint: object) -> bool:
    return typing.get_origin(hint) in {typing.Union, types.UnionType}


def _lookups(module: ModuleType) -> tuple[Lookup, ...]:
    declared = getattr(module, "LOOKUPS", {})
    if not isinstance(declared, Mapping):
        raise FeatureViewError("LOOKUPS must map the name of each look-up to what it says.")
    return tuple(_lookup(str(name), said) for name, said in declared.items())


def _lookup(name: str, said: object) -> Lookup:
    known = [each.name for each in dataclasses.fields(Lookup) if each.name != "name"]
    if not isinstance(said, Mapping):
        raise FeatureViewError(f"Look-up {name!r} must map {', '.join(known)} to their values.")
    for key in said:
        if key not in known:
            message = f"Look-up {name!r} says {key!r}, which means nothing."
            raise FeatureViewError(message, hint=did_you_mean(str(key), known))
    for key in ("table", *_LISTS):
        if key not in said:
            raise FeatureViewError(f"Look-up {name!r} does not say its {key!r}.")
    values: dict[str, Any] = dict(said)
    for key in _LISTS:
        values[key] = _strings(name, key, said[key])
    for key in ("ago", "greatest_age"):
        if not isinstance(values.get(key, dt.timedelta()), dt.timedelta):
            raise FeatureViewError(f"Look-up {name!r}: {key!r} must be a datetime.timedelta.")
    return Lookup(name, **values)


def _strings(owner: object, name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(value)
    where = f"look-up {owner!r}: {name}" if isinstance(owner, str) else name
    raise FeatureViewError(f"{where} must be a list of names.")


def _transforms(module: ModuleType) -> tuple[Callable[[Any], Any], ...]:
    declared = getattr(module, "TRANSFORMS", [])
    if not isinstance(declared, list | tuple) or not all(map(callable, declared)):
        raise FeatureViewError("TRANSFORMS must be a list of functions of a frame.")
    for transform in declared:
        # What a saved model calls is found by its name.
        home = inspect.getmodule(transform)
        if getattr(home, getattr(transform, "__name__", ""), None) is not transform:
            message = f"TRANSFORMS has {transform!r}, which no module has by that name."
            raise FeatureViewError(message, hint="Define it with `def` at the top of a module.")
    return tuple(declared)
