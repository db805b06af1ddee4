"""Messages between the service and the process of its model: JSON behind its length."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    import socket

Message = dict[str, Any]
_LENGTH = struct.Struct("!I")


def encode(message: Message) -> bytes:
    """Write a message down; floats keep their last bit."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


def send(channel: socket.socket, message: Message) -> None:
    """Send a message, and wait until it is on its way."""
    channel.sendall(encode(message))


def receive(channel: socket.socket) -> Message | None:
    """Wait for a message; None when the other side is gone."""
    head = _exactly(channel, _LENGTH.size)
    body = None if head is None else _exactly(channel, _LENGTH.unpack(head)[0])
    return None if body is None else dict(json.loads(body))


async def receive_soon(reader: asyncio.StreamReader) -> Message:
    """Await a message.

    Raises
    ------
    EOFError
        If the other side is gone.
    """
    head = await reader.readexactly(_LENGTH.size)
    return dict(json.loads(await reader.readexactly(_LENGTH.unpack(head)[0])))


def _exactly(channel: socket.socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        try:
            part = channel.recv(count - len(parts))
        except ConnectionError:
            return None
        if not part:
            return None
        parts += part
    return bytes(parts)
