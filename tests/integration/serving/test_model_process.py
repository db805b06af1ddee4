"""The process of the model: a spare one stands by, and takes over when the first is gone."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import errno
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.integration.serving.test_service import ORDER

from nbrefine.errors import ServingError
from nbrefine.features.requests import to_microseconds
from nbrefine.serving import model_process
from nbrefine.serving.model_process import ModelProcess
from nbrefine.serving.settings import ModelSettings
from nbrefine.serving.worker import SPARE


def row() -> dict[str, Any]:
    """Return a checked row: instants are microseconds."""
    at = to_microseconds(dt.datetime.fromisoformat(ORDER["ordered_at"]))
    return ORDER | {"ordered_at": at, "asked_at": at}


def spares() -> list[psutil.Process]:
    """Find the spare processes of this one."""
    found = []
    for each in psutil.Process().children(recursive=True):
        # Those of other tests come and go.
        with contextlib.suppress(psutil.NoSuchProcess):
            if each.cmdline()[-1:] == [SPARE]:
                found.append(each)
    return found


async def another(process: ModelProcess) -> int:
    """Wait until a spare process stands by, and return its id."""
    for _ in range(300):
        if standing := [each.pid for each in spares() if each.pid != process.pid]:
            return standing[0]
        await asyncio.sleep(0.1)
    raise AssertionError("no spare process was started")


def test_the_spare_process_takes_over(
    shop_service: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It loads the model when the first is killed, answers the same, and another one stands by."""
    monkeypatch.setattr(model_process, "SPARE_AFTER", 0.0)
    model, store = shop_service

    async def run() -> None:
        process = ModelProcess(ModelSettings(model, store))
        await process.start()
        try:
            message = {"rows": [row()], "ids": ["1"]}
            before = await process.ask(message)
            standing = await another(process)
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            with pytest.raises((EOFError, ConnectionError)):
                await process.ask(message)
            await process.kill()
            await process.start()
            assert process.pid == standing
            assert (await process.ask(message))["rows"] == before["rows"]
            await another(process)
        finally:
            await process.stop()
        assert spares() == []

    asyncio.run(run())


@pytest.mark.parametrize("turns", range(6))
def test_a_start_that_is_given_up_leaves_no_process(turns: int) -> None:
    """Wherever it is cancelled: whoever stops the service does not know how far it had come."""

    async def run() -> None:
        starting = asyncio.create_task(model_process.spawn(SPARE))
        for _ in range(turns):
            await asyncio.sleep(0)
        starting.cancel()
        try:
            running = await starting
        except asyncio.CancelledError:
            return
        await running.kill()

    asyncio.run(run())
    assert spares() == []


def test_a_process_that_cannot_be_started_is_told(
    shop_service: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words, as whoever restarts it expects: memory may be back in a moment."""

    async def refused(_: str) -> model_process.Running:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr(model_process, "spawn", refused)
    process = ModelProcess(ModelSettings(*shop_service))
    with pytest.raises(ServingError, match="Cannot allocate memory"):
        asyncio.run(process.start())
