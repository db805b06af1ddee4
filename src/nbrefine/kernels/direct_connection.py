"""A forked kernel that is talked with over one socket (`nbrefine.observer.direct_kernel`)."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import signal
import socket
import subprocess
import tempfile
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from nbrefine.kernels.connection import ARGUMENTS, START_SECONDS
from nbrefine.kernels.zygote import NoZygoteError
from nbrefine.kernels.zygotes import ZYGOTES
from nbrefine.observer.framing import Unframed, framed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from nbrefine.kernels.warm_process import WarmProcess

_ENDS_WITHIN = 5.0
_MOST_AT_ONCE = 1 << 20


class DirectConnection:
    """A fresh kernel, with the one client that it can have.

    Parameters
    ----------
    folder
        Its working directory.
    env
        Its whole environment.
    python
        The interpreter.
    ahead
        Modules that it finds imported.

    Raises
    ------
    NoZygoteError
        If there cannot be such a kernel; one that is started otherwise does as well.
    """

    def __init__(
        self, folder: Path, env: Mapping[str, str], python: str, ahead: Sequence[str]
    ) -> None:
        self._numbers = itertools.count()
        self._unframed = Unframed()
        self._shown: deque[dict[str, Any]] = deque()
        self._replies: deque[dict[str, Any]] = deque()
        # As Jupyter starts it; the file is where other clients would find how to connect.
        file = os.path.join(tempfile.gettempdir(), f"nbrefine-{os.urandom(8).hex()}", "k.json")  # noqa: PTH118
        command = [python, "-m", "ipykernel_launcher", "-f", file, *ARGUMENTS]
        zygote = ZYGOTES.prepare([python], os.fspath(folder), env, ahead)
        self._socket, its = socket.socketpair()
        # Nothing can be read, as Jupyter has it, and what is heard is what the kernel publishes.
        reading, writing = os.pipe()
        os.close(writing)
        with its, open(reading, "rb"), open(os.devnull, "wb") as unheard:  # noqa: PTH123
            streams = [reading, unheard.fileno(), unheard.fileno()]
            try:
                self.process: WarmProcess = zygote.fork(
                    command, env, streams, exits=True, connection=its.fileno()
                )
            except NoZygoteError:
                self._socket.close()
                raise
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + START_SECONDS
        while self.is_alive() and time.monotonic() < until:
            with contextlib.suppress(queue.Empty):
                if self.shown(0.5)["msg_type"] == "status":
                    return
        raise NoZygoteError("The kernel did not start.")

    def execute(self, source: str, *, silent: bool) -> str:
        """Ask the kernel to run a cell, and return the number of the request."""
        number = str(next(self._numbers))
        content = {
            "code": source,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        self._socket.settimeout(None)
        with contextlib.suppress(OSError):  # it is gone, which shows
            self._socket.sendall(framed(json.dumps([number, content]).encode()))
        return number

    def shown(self, seconds: float) -> dict[str, Any]:
        """Wait for the next message of those that all clients get."""
        return self._next(self._shown, seconds)

    def reply(self, seconds: float) -> dict[str, Any]:
        """Wait for the next answer to a request."""
        return self._next(self._replies, seconds)

    def is_alive(self) -> bool:
        """Whether the kernel still runs."""
        return self.process.poll() is None

    def interrupt(self) -> None:
        """Interrupt what runs, as the stop button does."""
        self.process.send_signal_to_all(signal.SIGINT)

    def close(self) -> None:
        """End the kernel; nothing happens if it is gone already."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal_to_all(signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_ENDS_WITHIN)
        self._socket.close()

    def _next(self, messages: deque[dict[str, Any]], seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while not messages:
            self._socket.settimeout(max(until - time.monotonic(), 0.001))
            try:
                data = self._socket.recv(_MOST_AT_ONCE)
            except TimeoutError:
                raise queue.Empty from None
            except OSError:
                data = b""
            if not data:  # it has ended, and that will be known in a moment
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(max(until - time.monotonic(), 0))
                raise queue.Empty
            self._take(data)
        return messages.popleft()

    def _take(self, data: bytes) -> None:
        try:
            for text in self._unframed.take(data):
                header, parent, content = json.loads(text.decode(errors="replace"))
                kind = header["msg_type"]
                message = {"msg_type": kind, "parent_header": parent, "content": content}
                (self._replies if kind == "execute_reply" else self._shown).append(message)
        except ValueError:  # a process of the notebook's was killed while it sent one
            self.process.kill()
