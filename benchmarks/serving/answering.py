"""What every server but ours does with a request: the same look-ups, the same pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.features.online import look_up
from nbrefine.features.requests import request_frame, with_asked_at
from nbrefine.features.schema import plain_row, request_model
from nbrefine.features.sqlite_store import SqliteStore
from nbrefine.serving.loading import load_model, predict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel


class Answering:
    """A model and its store.

    Parameters
    ----------
    model, store
        Folders of the model and of the online store.
    """

    def __init__(self, model: str, store: str) -> None:
        self._model = load_model(Path(model))
        self._view = self._model.view
        self._store = SqliteStore(Path(store), self._view)
        self.request = request_model(self._view.request)

    def checked(self, rows: Iterable[BaseModel]) -> list[list[float]]:
        """Predict rows that were checked against the schema."""
        plain = [plain_row(row) for row in rows]
        frame = with_asked_at(self._view, request_frame(self._view, plain))
        found = look_up(self._view, frame, self._store.snapshot())
        answer: list[list[float]] = predict(self._model.pipeline, found.frame).tolist()
        return answer

    def rows(self, rows: Iterable[dict[str, Any]]) -> list[list[float]]:
        """Check rows, and predict them."""
        return self.checked([self.request.model_validate(row) for row in rows])
