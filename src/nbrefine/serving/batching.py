"""Natural micro-batches: while the model computes one, the requests that come wait for the next.

No timer decides when a batch is full. A request that comes alone is computed at once; the busier
the service, the larger the batches, and a batch of a hundred rows costs hardly more than one row.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbrefine.errors import NbrefineError, format_error

if TYPE_CHECKING:
    from nbrefine.serving.channel import Message
    from nbrefine.serving.metrics import Metrics
    from nbrefine.serving.model_process import ModelProcess
    from nbrefine.serving.settings import Limits

_LOG = logging.getLogger("nbrefine.serving")
# How much the last batch counts in the estimate of what the next one takes.
_NEWEST = 0.2
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0


class UnavailableError(Exception):
    """A request cannot be answered now.

    Parameters
    ----------
    reason
        Why, in words.
    retry_after
        Seconds after which it may be.
    """

    def __init__(self, reason: str, retry_after: float = 1.0) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, max(1, math.ceil(retry_after))


@dataclass(frozen=True)
class Answer:
    """What one request is answered.

    Parameters
    ----------
    rows
        By row, what the model says (see `nbrefine.serving.predictor.Answered`).
    model, store
        The versions that said it.
    """

    rows: list[dict[str, Any]]
    model: str
    store: str | None


@dataclass(eq=False)
class _Waiting:
    """A request that waits for its batch."""

    rows: list[dict[str, Any]]
    name: str
    answer: asyncio.Future[Answer]
    since: float = field(default_factory=time.perf_counter)


class Batcher:
    """Collects requests into batches, and keeps the process of the model alive.

    Parameters
    ----------
    process
        Of the model; it is started.
    limits
        What is borne.
    metrics
        What is counted.
    """

    def __init__(self, process: ModelProcess, limits: Limits, metrics: Metrics) -> None:
        self._process, self._limits, self._metrics = process, limits, metrics
        self._queue: deque[_Waiting] = deque()
        self._queued = 0
        self._woken = asyncio.Event()
        self._seconds = 0.0
        self._busy_since: float | None = None
        self._ready = asyncio.Event()
        self._ready.set()
        self._loop = asyncio.create_task(self._run())

    async def submit(self, rows: list[dict[str, Any]], name: str) -> Answer:
        """Have a request answered.

        Parameters
        ----------
        rows
            Checked rows.
        name
            The request's id.

        Raises
        ------
        UnavailableError
            If it would wait too long, took too long, or the model's process went away.
        """
        if not self.ready:
            raise UnavailableError("The model is being started.")
        wait = self._expected_wait()
        if wait > self._limits.latency:
            raise UnavailableError("Too many requests are waiting.", wait)
        waiting = _Waiting(rows, name, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._count(len(rows))
        self._woken.set()
        try:
            return await asyncio.wait_for(waiting.answer, self._limits.time)
        except TimeoutError:
            message = f"It took longer than {self._limits.time:g} s."
            raise UnavailableError(message) from None
        finally:
            # Who does not wait any more is not computed either.
            if waiting in self._queue:
                self._queue.remove(waiting)
                self._count(-len(rows))

    @property
    def ready(self) -> bool:
        """Whether requests are taken on."""
        return self._ready.is_set()

    async def wait_until_ready(self) -> None:
        """Wait until requests are taken on."""
        await self._ready.wait()

    async def close(self) -> None:
        """Stop answering."""
        self._ready.clear()
        self._loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._loop
        await self._process.stop()

    @property
    def about(self) -> Message:
        """What the model says of itself."""
        return self._process.about

    def _count(self, rows: int) -> None:
        self._queued += rows
        self._metrics.queued.set(self._queued)

    def _expected_wait(self) -> float:
        """Estimate the seconds until a request that comes now would be computed."""
        batches = self._queued // self._limits.batch
        if self._busy_since is not None:
            running = time.perf_counter() - self._busy_since
            return batches * self._seconds + max(self._seconds - running, 0.0)
        return batches * self._seconds

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            while batch := self._next_batch():
                await self._compute(batch)

    def _next_batch(self) -> list[_Waiting]:
        """Take whole requests, as many as fit; the first one always does."""
        batch: list[_Waiting] = []
        rows = 0
        while self._queue and (not batch or rows + len(self._queue[0].rows) <= self._limits.batch):
            waiting = self._queue.popleft()
            self._count(-len(waiting.rows))
            rows += len(waiting.rows)
            batch.append(waiting)
        return batch

    async def _compute(self, batch: list[_Waiting]) -> None:
        rows = [row for waiting in batch for row in waiting.rows]
        ids = [waiting.name for waiting in batch for _ in waiting.rows]
        self._busy_since = began = time.perf_counter()
        try:
            asked = self._process.ask({"rows": rows, "ids": ids})
            said = await asyncio.wait_for(asked, self._limits.time)
        except Exception as error:  # noqa: BLE001  (whatever it is, its next answer is in doubt)
            _LOG.warning("The process of the model is started anew: %r", error)
            self._refuse(batch, "The process of the model ended while it computed.")
            await self._restart()
            return
        finally:
            self._busy_since = None
        took = time.perf_counter() - began
        self._seconds = (
            took if not self._seconds else (_NEWEST * took + (1 - _NEWEST) * self._seconds)
        )
        self._metrics.batch(len(rows), took)
        if "unavailable" in said:
            self._refuse(batch, said["unavailable"])
            return
        self._metrics.answered(said)
        self._give(batch, said)

    def _give(self, batch: list[_Waiting], said: Message) -> None:
        first = 0
        for waiting in batch:
            rows = said["rows"][first : first + len(waiting.rows)]
            first += len(waiting.rows)
            if not waiting.answer.done():
                answer = Answer(rows, self._process.about["identity"], said["store"])
                waiting.answer.set_result(answer)

    def _refuse(self, batch: list[_Waiting], reason: str) -> None:
        for waiting in batch:
            if not waiting.answer.done():
                waiting.answer.set_exception(UnavailableError(reason))

    async def _restart(self) -> None:
        """Bring the process back; until then nothing is taken on."""
        self._ready.clear()
        self._metrics.restarts.inc()
        pause = _FIRST_PAUSE
        while True:
            self._refuse([*self._queue], "The model is being started.")
            await self._process.kill()
            try:
                await self._process.start()
            except NbrefineError as error:
                _LOG.error("%s", format_error(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self._ready.set()
                return
