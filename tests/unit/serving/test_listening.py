"""The socket that a service listens on."""

from __future__ import annotations

import asyncio
import socket

import pytest

from nbrefine.errors import ServingError
from nbrefine.serving.server import listen


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
