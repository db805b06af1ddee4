"""The yardstick: FastAPI as its tutorial has it, one request after the other in its thread pool.

It looks up in the same store and predicts with the same pipeline; what it lacks is batches,
warnings, limits, metrics and the log.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from nbrefine.features.online import look_up
from nbrefine.features.requests import request_frame, with_asked_at
from nbrefine.features.schema import plain_row, request_model
from nbrefine.features.sqlite_store import SqliteStore
from nbrefine.serving.loading import load_model, predict


def make_app(model_folder: Path, store_folder: Path) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    model_folder, store_folder
        Of the model and of the online store.

    Returns
    -------
    fastapi.FastAPI
        ``POST /predict`` takes ``{"rows": [...]}``.
    """
    model = load_model(model_folder)
    store = SqliteStore(store_folder, model.view)
    request = request_model(model.view.request)
    app = FastAPI()

    def answer(body: dict[str, list[request]]) -> dict[str, Any]:  # type: ignore[valid-type]
        rows = [plain_row(row) for row in body["rows"]]
        frame = with_asked_at(model.view, request_frame(model.view, rows))
        found = look_up(model.view, frame, store.snapshot())
        return {"rows": predict(model.pipeline, found.frame).tolist()}

    answer.__annotations__["body"] = dict.__class_getitem__((str, list.__class_getitem__(request)))
    app.post("/predict")(answer)
    return app


if __name__ == "__main__":
    uvicorn.run(
        make_app(Path(sys.argv[1]), Path(sys.argv[2])),
        port=int(sys.argv[3]),
        log_level="warning",
        access_log=False,
    )
