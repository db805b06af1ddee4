"""The yardstick: FastAPI as its tutorial has it, one request after the other in its thread pool.

What it lacks is batches, warnings, limits, metrics and the log.
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI

from benchmarks.serving.answering import Answering


def make_app(answering: Answering) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    answering
        The model and its store.

    Returns
    -------
    fastapi.FastAPI
        ``POST /predict`` takes ``{"rows": [...]}``.
    """
    request = answering.request
    app = FastAPI()

    def answer(body: dict[str, list[request]]) -> dict[str, Any]:  # type: ignore[valid-type]
        return {"rows": answering.checked(body["rows"])}

    answer.__annotations__["body"] = dict.__class_getitem__((str, list.__class_getitem__(request)))
    app.post("/predict")(answer)
    return app


if __name__ == "__main__":
    uvicorn.run(
        make_app(Answering(sys.argv[1], sys.argv[2])),
        port=int(sys.argv[3]),
        log_level="warning",
        access_log=False,
    )
