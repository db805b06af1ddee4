"""Runs the model in a process of its own, and brings it back when it is gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine import errors
from nbrefine.errors import NbrefineError, ServingError
from nbrefine.serving.channel import Message, encode, receive_soon
from nbrefine.serving.worker import FAILED, READY, SETTINGS, SPARE, as_argument

if TYPE_CHECKING:
    from nbrefine.serving.settings import ModelSettings

_WORKER = "nbrefine.serving.worker"
# A large model takes its time to load.
START_WITHIN = 120.0
_STOP_WITHIN = 5.0
# When a process has answered for so many seconds, the spare one may take the CPU to import.
SPARE_AFTER = 5.0


@dataclass(frozen=True)
class Running:
    """A process, and the way to it.

    Parameters
    ----------
    process
        It.
    reader, writer
        What it says, and what it is told.
    """

    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def kill(self) -> None:
        """End it at once."""
        self.writer.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class ModelProcess:
    """A process that answers batches, one after the other.

    A spare one stands by, which has imported what takes most of a start: when the first is gone,
    it loads the model.

    Parameters
    ----------
    settings
        What it is told.
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._running: Running | None = None
        self._spare: Running | None = None
        self._sparing: asyncio.Task[None] | None = None
        self.about: Message = {}

    @property
    def pid(self) -> int | None:
        """The process's id; None where there is none."""
        return None if self._running is None else self._running.process.pid

    async def start(self) -> None:
        """Start it, and wait until it can answer.

        Raises
        ------
        NbrefineError
            If the model, the store or the log cannot be used.
        """
        try:
            self._running = await self._started()
        except OSError as error:
            message = f"No process can be started for the model: {error}."
            raise ServingError(message, hint="It may be for lack of memory.") from None
        try:
            said = await asyncio.wait_for(receive_soon(self._running.reader), START_WITHIN)
        except (EOFError, ConnectionError, TimeoutError):
            await self.kill()
            message = "The process of the model ended before it could answer."
            raise ServingError(message, hint="Its output above says why.") from None
        if FAILED in said:
            await self.kill()
            raise _error(said)
        self.about = said[READY]
        self._sparing = asyncio.create_task(self._keep_spare())

    async def _started(self) -> Running:
        """Take the spare process, or start one."""
        argument = as_argument(self._settings)
        await self._leave_off()
        spare, self._spare = self._spare, None
        if spare is None:
            return await spawn(argument)
        try:
            spare.writer.write(encode({SETTINGS: argument}))
            await spare.writer.drain()
        except ConnectionError:
            await spare.kill()
            return await spawn(argument)
        return spare

    async def _keep_spare(self) -> None:
        await asyncio.sleep(SPARE_AFTER)
        # Where none can be started, the next start is a longer one.
        with contextlib.suppress(OSError):
            self._spare = await spawn(SPARE)

    async def _leave_off(self) -> None:
        """Start no spare one any more."""
        if self._sparing is not None:
            self._sparing.cancel()
            await asyncio.wait([self._sparing])

    async def ask(self, message: Message) -> Message:
        """Have a batch answered.

        Raises
        ------
        EOFError, ConnectionError
            If the process is gone.
        """
        if self._running is None:
            raise EOFError
        self._running.writer.write(encode(message))
        await self._running.writer.drain()
        return await receive_soon(self._running.reader)

    async def stop(self) -> None:
        """Let it end by itself, or end it."""
        await self._leave_off()
        if self._spare is not None:
            await self._spare.kill()
            self._spare = None
        if self._running is not None:
            self._running.writer.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._running.process.wait(), _STOP_WITHIN)
        await self.kill()

    async def kill(self) -> None:
        """End it at once; the spare one stays."""
        if self._running is not None:
            await self._running.kill()
        self._running = None


async def spawn(argument: str) -> Running:
    """Start a process of the model.

    Parameters
    ----------
    argument
        What it is told: its settings, or that it stands by.

    Raises
    ------
    OSError
        If none can be started.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        # The process comes last: asyncio ends it where this is cancelled while it starts, and
        # after it nothing is waited for.
        reader, writer = await asyncio.open_connection(sock=ours, limit=1 << 26)
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", _WORKER, str(theirs.fileno()), argument),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
        except BaseException:
            writer.close()
            raise
    return Running(process, reader, writer)


def _error(said: Message) -> NbrefineError:
    """Raise here what was raised there."""
    kind: type[NbrefineError] = getattr(errors, str(said["kind"]), ServingError)
    where = None if said["where"] is None else errors.Place(str(said["where"]))
    return kind(said["message"], where=where, hint=said["hint"])
