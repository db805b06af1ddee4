"""The bodies of requests: one row or many, read within limits, and told what is wrong in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json

from nbrefine.features.schema import plain_row

if TYPE_CHECKING:
    from starlette.requests import Request

    from nbrefine.serving.settings import Limits

_SHOWN = 20


class RefusedError(Exception):
    """A request that is not answered.

    Parameters
    ----------
    status
        The HTTP status.
    reason
        Why, in words.
    details
        What is wrong where.
    """

    def __init__(
        self, status: int, reason: str, details: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(reason)
        self.status, self.reason, self.details = status, reason, details or []


async def read_body(request: Request, most: int) -> bytes:
    """Read a body, and not more than allowed of it.

    Raises
    ------
    RefusedError
        If it is too long, packed, or says that it is no JSON.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise RefusedError(415, f"The body must be application/json, not {kind[:100]!r}.")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise RefusedError(415, "The body must not be compressed.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise RefusedError(413, f"The body is longer than {most} bytes.")
    return bytes(body)


class Bodies:
    """Checks bodies against the request's schema.

    Parameters
    ----------
    request
        The schema of one row.
    limits
        What is borne.
    """

    def __init__(self, request: type[BaseModel], limits: Limits) -> None:
        self.request, self._limits = request, limits
        rows: Any = list.__class_getitem__(request)
        self._rows: TypeAdapter[list[BaseModel]] = TypeAdapter(rows)

    def check(self, body: bytes) -> list[dict[str, Any]]:
        """Return the rows of a body, instants in microseconds.

        Raises
        ------
        RefusedError
            If it is no JSON, not as the schema says, or has too many rows.
        """
        try:
            said = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise RefusedError(422, f"The body is no JSON: {error}.") from None
        many = isinstance(said, dict) and [*said] == ["rows"]
        rows = said["rows"] if many else [said]
        if isinstance(rows, list) and len(rows) > self._limits.rows:
            reason = f"The request has {len(rows)} rows, {self._limits.rows} are allowed."
            raise RefusedError(413, reason)
        try:
            checked = self._rows.validate_python(rows)
        except ValidationError as error:
            found = error.errors(include_url=False)[:_SHOWN]
            details = [_detail(each, many=many) for each in found]
            raise RefusedError(422, "The request is not as its schema says.", details) from None
        if not checked:
            raise RefusedError(422, "The request has no rows.")
        return [plain_row(row) for row in checked]


def _detail(error: Any, *, many: bool) -> dict[str, Any]:  # noqa: ANN401  (pydantic's own dict)
    place = list(error["loc"])
    # One row alone has no number.
    return {"place": ["rows", *place] if many else place[1:], "says": error["msg"]}
