"""Batches: what computes together, and what is refused while it cannot be computed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from nbrefine.errors import ModelError
from nbrefine.serving.batching import Answer, Batcher, UnavailableError
from nbrefine.serving.channel import Message
from nbrefine.serving.metrics import Metrics
from nbrefine.serving.settings import Limits


class Doubling:
    """Stands where the process of the model does: doubles numbers, when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()
        self.go.set()
        self.dead = False
        self.starts = 0
        self.faults = 0
        self.about: Message = {"identity": "doubling"}

    async def ask(self, message: Message) -> Message:
        self.batches.append([row["n"] for row in message["rows"]])
        await self.go.wait()
        if self.dead:
            raise EOFError
        rows = [{"prediction": 2 * row["n"]} for row in message["rows"]]
        return {"rows": rows, "store": None, "missed": {}, "seconds": 0.0}

    async def start(self) -> None:
        self.starts += 1
        if self.starts <= self.faults:
            raise ModelError("it is damaged")
        self.dead = False

    async def kill(self) -> None:
        """End it."""

    async def stop(self) -> None:
        """Let it end."""


def run(test: Callable[[Batcher, Doubling], Coroutine[Any, Any, None]], **limits: Any) -> None:  # noqa: ANN401
    """Run a test with a batcher."""

    async def within() -> None:
        process = Doubling()
        batcher = Batcher(process, Limits(**limits), Metrics())  # type: ignore[arg-type]
        try:
            async with asyncio.timeout(20):
                await test(batcher, process)
        finally:
            await batcher.close()

    asyncio.run(within())


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [{"n": number} for number in numbers]


def doubled(answer: Answer) -> list[int]:
    return [row["prediction"] for row in answer.rows]


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_what_comes_while_one_is_computed_is_the_next_batch() -> None:
    """The first goes alone, the rest together; each gets its own answer."""

    async def test(batcher: Batcher, process: Doubling) -> None:
        process.go.clear()
        first = asyncio.create_task(batcher.submit(rows(1), "a"))
        await settle()
        others = [asyncio.create_task(batcher.submit(rows(n, n + 1), "b")) for n in (10, 20, 30)]
        await settle()
        process.go.set()
        assert doubled(await first) == [2]
        assert [doubled(await each) for each in others] == [[20, 22], [40, 42], [60, 62]]
        assert process.batches == [[1], [10, 11, 20, 21, 30, 31]]

    run(test)


def test_a_batch_holds_whole_requests_and_no_more_than_it_may() -> None:
    """A request that is larger than a batch goes by itself."""

    async def test(batcher: Batcher, process: Doubling) -> None:
        process.go.clear()
        tasks = [
            asyncio.create_task(batcher.submit(rows(*numbers), "a"))
            for numbers in ((1,), (2, 3), (4, 5), (6, 7, 8, 9), (10,))
        ]
        await settle()
        process.go.set()
        await asyncio.gather(*tasks)
        assert process.batches == [[1, 2, 3], [4, 5], [6, 7, 8, 9], [10]]

    run(test, batch=3)


def test_who_would_wait_too_long_is_told_at_once() -> None:
    """The estimate is made of what batches have taken so far."""

    async def test(batcher: Batcher, process: Doubling) -> None:
        batcher._seconds = 0.4
        process.go.clear()
        tasks = [asyncio.create_task(batcher.submit(rows(n), "a")) for n in range(3)]
        await settle()
        with pytest.raises(UnavailableError, match="Too many requests") as raised:
            await batcher.submit(rows(9), "late")
        assert raised.value.retry_after == 2
        process.go.set()
        assert len(await asyncio.gather(*tasks)) == 3

    run(test, batch=1, latency=1.0)


def test_who_waited_too_long_is_not_computed() -> None:
    """After the time limit a request is given up, and so is its place in the queue."""

    async def test(batcher: Batcher, process: Doubling) -> None:
        process.go.clear()
        first = asyncio.create_task(batcher.submit(rows(1), "a"))
        await settle()
        process.starts = 0
        with pytest.raises(UnavailableError, match="longer than"):
            await batcher.submit(rows(2), "b")
        process.go.set()
        with pytest.raises(UnavailableError):
            await first
        assert [2] not in process.batches

    run(test, time=0.2)


def test_a_process_that_dies_is_started_again() -> None:
    """Its batch and what comes meanwhile get 503; then it answers, also after a failed start."""

    async def test(batcher: Batcher, process: Doubling) -> None:
        process.dead, process.faults = True, 1
        with pytest.raises(UnavailableError, match="ended while it computed"):
            await batcher.submit(rows(1), "a")
        with pytest.raises(UnavailableError, match="being started"):
            await batcher.submit(rows(2), "b")
        await batcher.wait_until_ready()
        assert process.starts == 2
        assert doubled(await batcher.submit(rows(3), "c")) == [6]

    run(test)


def test_what_the_model_cannot_answer_now_is_said() -> None:
    """A store that is too old, a log that cannot be written: 503 with the reason."""

    async def test(batcher: Batcher, process: Doubling) -> None:
        async def unavailable(message: Message) -> Message:
            del message
            return {"unavailable": "the store is old"}

        process.ask = unavailable  # type: ignore[method-assign]
        with pytest.raises(UnavailableError, match="the store is old"):
            await batcher.submit(rows(1), "a")
        assert batcher.ready

    run(test)
