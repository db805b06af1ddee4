"""A bounded client: so many connections, each of which awaits its answer before it asks again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LENGTH = b"content-length:"


@dataclass(frozen=True)
class Load:
    """What a client saw.

    Parameters
    ----------
    latencies
        Seconds of each request.
    seconds
        From the first request to the last answer.
    statuses
        How often each HTTP status came.
    """

    latencies: tuple[float, ...]
    seconds: float
    statuses: dict[int, int]


def send(port: int, path: str, bodies: Sequence[bytes], connections: int) -> Load:
    """Send requests.

    Parameters
    ----------
    port, path
        Where to, on loopback.
    bodies
        Of the requests.
    connections
        How many at a time.

    Returns
    -------
    Load
        What came back.
    """
    return asyncio.run(_send(port, path.encode(), bodies, connections))


async def _send(port: int, path: bytes, bodies: Sequence[bytes], connections: int) -> Load:
    waiting = list(reversed(bodies))
    latencies: list[float] = []
    statuses: dict[int, int] = {}

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            body = waiting.pop()
            began = time.perf_counter()
            writer.write(
                b"POST %b HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (path, len(body), body)
            )
            status = await _answer(reader)
            latencies.append(time.perf_counter() - began)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(client())
    return Load(tuple(latencies), time.perf_counter() - began, statuses)


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    (length,) = (int(line[len(_LENGTH) :]) for line in lines if line.startswith(_LENGTH))
    await reader.readexactly(length)
    return int(lines[0].split()[1])
