"""What a service counts: latency, traffic, errors, saturation, and what it predicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from nbrefine.serving.channel import Message

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_PROBABILITIES = tuple(step / 20 for step in range(1, 20))


class Metrics:
    """The metrics of one service; nothing is shared with another one in the same process."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "nbrefine_requests", "Requests by status.", ["status"], registry=registry
        )
        self.latency = Histogram(
            "nbrefine_request_seconds",
            "From the request to its answer.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.open = Gauge("nbrefine_requests_open", "Requests not answered yet.", registry=registry)
        self.queued = Gauge(
            "nbrefine_rows_queued", "Rows that wait for the next batch.", registry=registry
        )
        self.restarts = Counter(
            "nbrefine_model_restarts", "How often the model was started anew.", registry=registry
        )
        self._batch_rows = Histogram(
            "nbrefine_batch_rows", "Rows of a batch.", buckets=_ROWS, registry=registry
        )
        self._batch_seconds = Histogram(
            "nbrefine_batch_seconds",
            "Time that the model takes for a batch.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._missed = Counter(
            "nbrefine_lookups_missed",
            "Rows for which a look-up found nothing, or nothing young enough.",
            ["lookup"],
            registry=registry,
        )
        self._warnings = Counter(
            "nbrefine_warnings", "Warnings by kind.", ["kind"], registry=registry
        )
        self._predictions = Counter(
            "nbrefine_predictions", "Predictions by class.", ["prediction"], registry=registry
        )
        self._probability = Histogram(
            "nbrefine_probability",
            "Probability of each class.",
            ["class"],
            buckets=_PROBABILITIES,
            registry=registry,
        )

    def batch(self, rows: int, seconds: float) -> None:
        """Count a batch."""
        self._batch_rows.observe(rows)
        self._batch_seconds.observe(seconds)

    def answered(self, said: Message) -> None:
        """Count what a batch was answered."""
        for name, count in said["missed"].items():
            self._missed.labels(name).inc(count)
        for row in said["rows"]:
            for warned in row.get("warnings", ()):
                self._warnings.labels(warned["kind"]).inc()
            for name, probability in row.get("probabilities", {}).items():
                self._probability.labels(name).observe(probability)
            if "probabilities" in row:
                self._predictions.labels(str(row["prediction"])).inc()

    def text(self) -> bytes:
        """Write them down in Prometheus's format."""
        return generate_latest(self._registry)
