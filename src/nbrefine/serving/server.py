"""Runs a service: on a socket of its own, until it is told to stop, losing no request."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import uvicorn

from nbrefine.errors import ServingError
from nbrefine.serving.app import Service
from nbrefine.serving.batching import Batcher
from nbrefine.serving.loading import require_identity
from nbrefine.serving.manifest import read_manifest
from nbrefine.serving.metrics import Metrics
from nbrefine.serving.model_process import ModelProcess
from nbrefine.serving.settings import Limits, ModelSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LOG = logging.getLogger("nbrefine.serving")
# Clients that keep a connection are told that it ends; after so many seconds it does.
_DRAIN = 1.0
_BACKLOG = 2048
# How often journals that nobody writes any more are looked for, in seconds.
_SEAL_EVERY = 300.0


@dataclass(frozen=True)
class ServiceSettings:
    """What a service is told.

    Parameters
    ----------
    model
        What the process of the model is told.
    host, port
        Where to listen; port 0 takes a free one.
    limits
        What is borne.
    api_key
        What clients must send; None for no key.
    """

    model: ModelSettings
    host: str = "127.0.0.1"
    port: int = 8000
    limits: Limits = field(default_factory=Limits)
    api_key: str | None = None


def serve(settings: ServiceSettings, started: Callable[[str], None]) -> None:
    """Serve until a signal says to stop.

    Parameters
    ----------
    settings
        What the service is told.
    started
        Is told the address when requests can be answered.

    Raises
    ------
    NbrefineError
        If the port is in use, or the model, the store or the log cannot be used.
    """
    with listen(settings.host, settings.port) as listener:
        asyncio.run(_serve(settings, listener, started))


def listen(host: str, port: int) -> socket.socket:
    """Take hold of a port; nothing is accepted yet.

    Parameters
    ----------
    host, port
        Where; port 0 takes a free one.

    Raises
    ------
    ServingError
        If it is in use, or there is no such place.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns off Nagle's algorithm for what calls itself TCP, and for nothing else: an
    # answer in two parts waited 40 ms for the client's acknowledgement of the first.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        message = f"The service cannot listen on {host}:{port}: {_reason(error)}."
        hint = "Choose another port: --port 0 takes a free one."
        raise ServingError(message, hint=hint) from None
    return listener


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


class _Server(uvicorn.Server):
    """Leaves the signals to us: the last requests are answered before connections are closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


async def _serve(
    settings: ServiceSettings, listener: socket.socket, started: Callable[[str], None]
) -> None:
    manifest = read_manifest(settings.model.model)
    require_identity(settings.model.model, manifest, settings.model.identity)
    # The schema of requests is this model's: should another one be there when the process is
    # started anew, it is not taken for it.
    process = ModelProcess(replace(settings.model, identity=manifest.identity))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await process.start()
    metrics = Metrics()
    batcher = Batcher(process, settings.limits, metrics)
    try:
        service = Service(manifest, batcher, settings.limits, metrics, api_key=settings.api_key)
        server = _Server(
            uvicorn.Config(
                service.app,
                log_level="warning",
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=int(settings.limits.time) + 1,
                h11_max_incomplete_event_size=64 * 1024,
            )
        )
        async with asyncio.TaskGroup() as tasks:
            sealing = tasks.create_task(_seal_now_and_then(settings))
            tasks.create_task(_drain(stop, service, server))
            # From here on connections wait until they are accepted; who is told may come.
            listener.listen(_BACKLOG)
            host, port = listener.getsockname()[:2]
            started(f"http://{f'[{host}]' if ':' in host else host}:{port}")
            await server.serve(sockets=[listener])
            stop.set()
            sealing.cancel()
    finally:
        await batcher.close()


async def _drain(stop: asyncio.Event, service: Service, server: _Server) -> None:
    """End connections one answer after the other, then the service."""
    await stop.wait()
    service.draining = True
    await asyncio.sleep(_DRAIN)
    server.should_exit = True


async def _seal_now_and_then(settings: ServiceSettings) -> None:
    """Have Parquet made of old journals, in a process that takes second place."""
    if settings.model.log is None:
        return
    while True:
        try:
            await _seal(settings.model.log.folder)
        except OSError as error:  # for lack of memory: the journals wait, requests do not
            _LOG.warning("The log is not made Parquet of now: %s", error)
        await asyncio.sleep(_SEAL_EVERY)


async def _seal(folder: Path) -> None:
    # The service decides when it ends; a signal to the whole group is meant for the service.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "nbrefine.serving.sealing", str(folder)),
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        raise
