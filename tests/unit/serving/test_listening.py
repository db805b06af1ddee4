"""The socket that a service listens on, and what goes on beside it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from nbrefine.errors import ServingError
from nbrefine.serving import server
from nbrefine.serving.server import ServiceSettings, listen
from nbrefine.serving.settings import LogSettings, ModelSettings


def test_an_answer_in_parts_does_not_wait_for_the_client() -> None:
    """Nagle's algorithm is off for the connections that asyncio accepts on it."""
    seen: list[int] = []

    async def run() -> None:
        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            seen.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen("127.0.0.1", 0) as listener:
            listener.listen()
            async with await asyncio.start_server(answer, sock=listener):
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                await reader.read()
                writer.close()

    asyncio.run(run())
    assert len(seen) == 1
    assert seen != [0]


def test_a_port_in_use_is_told() -> None:
    """By its number, with what to do."""
    with listen("127.0.0.1", 0) as listener:
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(ServingError, match=str(port)):
            listen("127.0.0.1", port)


def test_a_log_that_cannot_be_sealed_now_is_sealed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service goes on: it is no reason to answer nobody."""
    tries: list[object] = []

    async def no_memory(*command: object, **_: object) -> None:
        tries.append(command)
        if len(tries) == 1:
            raise OSError(12, "Cannot allocate memory")
        raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "create_subprocess_exec", no_memory)
    monkeypatch.setattr(server, "_SEAL_EVERY", 0.0)
    model = ModelSettings(tmp_path / "model", log=LogSettings(tmp_path / "log"))
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(server._seal_now_and_then(ServiceSettings(model)))
    assert len(tries) == 2
