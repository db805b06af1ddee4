"""Runs the model in a process of its own, and brings it back when it is gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from typing import TYPE_CHECKING

from nbrefine import errors
from nbrefine.errors import NbrefineError, ServingError
from nbrefine.serving.channel import Message, encode, receive_soon
from nbrefine.serving.worker import FAILED, READY, as_argument

if TYPE_CHECKING:
    from nbrefine.serving.settings import ModelSettings

_WORKER = "nbrefine.serving.worker"
# A large model takes its time to load.
START_WITHIN = 120.0
_STOP_WITHIN = 5.0


class ModelProcess:
    """A process that answers batches, one after the other.

    Parameters
    ----------
    settings
        What it is told.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.about: Message = {}

    @property
    def pid(self) -> int | None:
        """The process's id; None where there is none."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start it, and wait until it can answer.

        Raises
        ------
        NbrefineError
            If the model, the store or the log cannot be used.
        """
        ours, theirs = socket.socketpair()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", _WORKER, str(theirs.fileno()), as_argument(self._settings)),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
        finally:
            theirs.close()
        self._reader, self._writer = await asyncio.open_connection(sock=ours, limit=1 << 26)
        try:
            said = await asyncio.wait_for(receive_soon(self._reader), START_WITHIN)
        except (EOFError, ConnectionError, TimeoutError):
            await self.kill()
            message = "The process of the model ended before it could answer."
            raise ServingError(message, hint="Its output above says why.") from None
        if FAILED in said:
            await self.kill()
            raise _error(said)
        self.about = said[READY]

    async def ask(self, message: Message) -> Message:
        """Have a batch answered.

        Raises
        ------
        EOFError, ConnectionError
            If the process is gone.
        """
        if self._reader is None or self._writer is None:
            raise EOFError
        self._writer.write(encode(message))
        await self._writer.drain()
        return await receive_soon(self._reader)

    async def stop(self) -> None:
        """Let it end by itself, or end it."""
        if self._writer is not None:
            self._writer.close()
        if self._process is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), _STOP_WITHIN)
        await self.kill()

    async def kill(self) -> None:
        """End it at once."""
        if self._writer is not None:
            self._writer.close()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._process = self._reader = self._writer = None


def _error(said: Message) -> NbrefineError:
    """Raise here what was raised there."""
    kind: type[NbrefineError] = getattr(errors, str(said["kind"]), ServingError)
    where = None if said["where"] is None else errors.Place(str(said["where"]))
    return kind(said["message"], where=where, hint=said["hint"])
