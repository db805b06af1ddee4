"""LitServe as its documentation has it: one worker, on the CPU."""

from __future__ import annotations

import sys
from typing import Any

import litserve

from benchmarks.serving.answering import Answering


class Predict(litserve.LitAPI):
    """Predicts the rows of a request."""

    def setup(self, device: str) -> None:  # noqa: ARG002  (LitServe's interface)
        """Load the model."""
        self.answering = Answering(sys.argv[1], sys.argv[2])

    def predict(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer."""
        return {"rows": self.answering.rows(body["rows"])}


if __name__ == "__main__":
    litserve.LitServer(Predict(), accelerator="cpu", workers_per_device=1).run(
        host="127.0.0.1",
        port=int(sys.argv[3]),
        log_level="warning",
        access_log=False,
        generate_client_file=False,
    )
