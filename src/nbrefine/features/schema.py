"""The request's schema: a pydantic model, made of the declaration."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    create_model,
)

from nbrefine.features.columns import EXACT, Kind
from nbrefine.features.requests import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.features.view import RequestField

LONGEST_TEXT = 1000
_ISO = re.compile(r"\d{4}-\d\d-\d\dT")
_FIRST, _LAST = dt.datetime(1800, 1, 1, tzinfo=dt.UTC), dt.datetime(2200, 1, 1, tzinfo=dt.UTC)


def _within_reason(instant: dt.datetime) -> dt.datetime:
    """Refuse instants that no calendar of time zones and no frame could work with."""
    if not _FIRST <= instant < _LAST:
        raise ValueError(f"must be from {_FIRST:%Y} to {_LAST:%Y}")
    return instant


def _is_written_out(value: object) -> object:
    """Refuse numbers, which pydantic would take for seconds or milliseconds, as it guesses."""
    if isinstance(value, dt.datetime) or (isinstance(value, str) and _ISO.match(value)):
        return value
    raise ValueError("must be a date and time with a time zone, such as 2013-01-01T10:15:00Z")


_TYPES: dict[Kind, Any] = {
    Kind.TEXT: Annotated[StrictStr, Field(max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x1f\x7f]*$")],
    Kind.WHOLE: Annotated[StrictInt, Field(ge=-EXACT, le=EXACT)],
    Kind.NUMBER: Annotated[StrictFloat, Field(allow_inf_nan=False)],
    Kind.FLAG: StrictBool,
    Kind.INSTANT: Annotated[
        AwareDatetime, BeforeValidator(_is_written_out), AfterValidator(_within_reason)
    ],
}


def request_model(fields: Mapping[str, RequestField]) -> type[BaseModel]:
    """Make the schema of a request.

    Parameters
    ----------
    fields
        What it carries, by name.

    Returns
    -------
    type of pydantic.BaseModel
        It takes these columns and no other; text is text, numbers are numbers, instants have a
        time zone.
    """
    columns: dict[str, Any] = {}
    for name, field in fields.items():
        kind = _TYPES[field.kind]
        columns[name] = (kind | None, None) if field.optional else (kind, ...)
    config = ConfigDict(extra="forbid", protected_namespaces=())
    model: type[BaseModel] = create_model("Request", __config__=config, **columns)
    return model


def plain_row(request: BaseModel) -> dict[str, Any]:
    """Return a request's columns, instants as microseconds since 1970 UTC."""
    return {
        name: to_microseconds(value) if isinstance(value, dt.datetime) else value
        for name, value in request.__dict__.items()
    }
