"""BentoML as its documentation has it: a service with one worker."""

from __future__ import annotations

import os
from typing import Any

import bentoml

from benchmarks.serving.answering import Answering


@bentoml.service(workers=1, traffic={"timeout": 60})
class Predict:
    """Predicts the rows of a request; what it serves is told by the environment."""

    def __init__(self) -> None:
        self.answering = Answering(os.environ["SERVED_MODEL"], os.environ["SERVED_STORE"])

    @bentoml.api
    def predict(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Answer."""
        return {"rows": self.answering.rows(rows)}
