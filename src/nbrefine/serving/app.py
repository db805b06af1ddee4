"""The HTTP interface: predictions, what made the model, health and metrics."""

from __future__ import annotations

import asyncio
import hmac
import time
import uuid
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.requests import ClientDisconnect

from nbrefine.features.columns import Kind
from nbrefine.features.schema import request_model
from nbrefine.features.view import ASKED_AT, RequestField
from nbrefine.serving.batching import Answer, Batcher, UnavailableError
from nbrefine.serving.bodies import Bodies, RefusedError, read_body
from nbrefine.serving.openapi import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.serving.manifest import Manifest
    from nbrefine.serving.metrics import Metrics
    from nbrefine.serving.settings import Limits

_SHORT = 12
# A client that goes away gets no answer; this is what the metrics call it.
_GONE = 499


class Service:
    """Answers HTTP requests with a model.

    Parameters
    ----------
    manifest
        Of the model.
    batcher
        What computes.
    limits
        What is borne.
    metrics
        What is counted.
    api_key
        What clients must send in ``X-API-Key``; None for no key.
    """

    def __init__(
        self,
        manifest: Manifest,
        batcher: Batcher,
        limits: Limits,
        metrics: Metrics,
        *,
        api_key: str | None = None,
    ) -> None:
        self._batcher, self._limits, self._metrics = batcher, limits, metrics
        self._api_key = api_key
        self._bodies = Bodies(request_model(_fields(manifest)), limits)
        # Set while the last requests are answered: their connections are not to be used again.
        self.draining = False
        self.app = FastAPI(
            title="nbrefine", version=version("nbrefine"), docs_url="/docs", redoc_url=None
        )
        body = describe(self._bodies, manifest)
        self.app.post("/predict", summary="Predict one row, or many", **body)(self._predict)
        self.app.get("/model", summary="What made the model")(self._model)
        self.app.get("/health/live", summary="The service runs")(self._live)
        self.app.get("/health/ready", summary="The model can answer")(self._ready)
        metric = self.app.get(
            "/metrics", summary="Metrics for Prometheus", response_class=PlainTextResponse
        )
        metric(self._text)

    async def _predict(self, request: Request) -> Response:
        with self._counted() as count:
            try:
                response = await self._answer(request)
            except RefusedError as error:
                response = _error(error.status, error.reason, error.details)
            except UnavailableError as error:
                response = _error(503, error.reason)
                response.headers["Retry-After"] = str(error.retry_after)
            except ClientDisconnect:
                response = Response(status_code=_GONE)
            count(response.status_code)
        return self._closing(response)

    async def _answer(self, request: Request) -> Response:
        self._admit(request)
        try:
            async with asyncio.timeout(self._limits.time):
                body = await read_body(request, self._limits.body)
        except TimeoutError:
            raise RefusedError(408, "The body did not come in time.") from None
        rows = self._bodies.check(body)
        for row in rows:
            if ASKED_AT in row and row[ASKED_AT] is None:
                row[ASKED_AT] = time.time_ns() // 1000
        name = uuid.uuid4().hex
        answer = await self._batcher.submit(rows, name)
        _refuse_rows(answer)
        return JSONResponse(
            {
                "request_id": name,
                "model": answer.model[:_SHORT],
                "store": answer.store,
                "rows": answer.rows,
            }
        )

    def _admit(self, request: Request) -> None:
        given = request.headers.get("x-api-key", "")
        if self._api_key is not None and not hmac.compare_digest(
            given.encode(), self._api_key.encode()
        ):
            raise RefusedError(401, "The header X-API-Key is missing or wrong.")

    @contextmanager
    def _counted(self) -> Iterator[Any]:
        began, statuses = time.perf_counter(), [500]
        self._metrics.open.inc()
        try:
            yield statuses.append
        finally:
            self._metrics.open.dec()
            self._metrics.requests.labels(str(statuses[-1])).inc()
            self._metrics.latency.observe(time.perf_counter() - began)

    async def _model(self, request: Request) -> Response:
        try:
            self._admit(request)
        except RefusedError as error:
            return _error(error.status, error.reason)
        return self._closing(JSONResponse(self._batcher.about))

    async def _live(self) -> Response:
        return self._closing(JSONResponse({"live": True}))

    async def _ready(self) -> Response:
        ready = self._batcher.ready and not self.draining
        return self._closing(JSONResponse({"ready": ready}, 200 if ready else 503))

    async def _text(self) -> Response:
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return self._closing(Response(self._metrics.text(), media_type=kind))

    def _closing(self, response: Response) -> Response:
        if self.draining:
            response.headers["Connection"] = "close"
        return response


def _fields(manifest: Manifest) -> dict[str, RequestField]:
    fields = dict(manifest.request)
    if manifest.asks_when:
        fields[ASKED_AT] = RequestField(Kind.INSTANT, optional=True)
    return fields


def _refuse_rows(answer: Answer) -> None:
    """Refuse a request with a row that the declaration does not let pass, or the code cannot."""
    details = [
        {"place": ["rows", number], "says": said}
        for number, row in enumerate(answer.rows)
        for said in [*row.get("refused", ()), *([row["failed"]] if "failed" in row else [])]
    ]
    if details:
        raise RefusedError(422, "The model does not answer this request.", details)


def _error(status: int, reason: str, details: list[dict[str, Any]] | None = None) -> Response:
    return JSONResponse({"error": reason, "details": details or []}, status)
