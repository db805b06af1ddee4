"""A kernel that talks over one socket with the process that runs its notebook.

All that runs cells, and makes messages of what they show, is ipykernel's own. Left out is what lets
several clients on other machines talk to it: ZeroMQ's sockets with their threads, signatures, and
the heartbeat; starting these, and each message's way through them, takes longer than most cells.

A message (`framing`) is a JSON array: to the kernel, the number of a request and its content; from
it, a message's header, the header of its request, and its content.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import heapq
import itertools
import json
import os
import queue
import signal
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Callable

from ipykernel._version import version_info
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.utils import _async_in_context
from jupyter_client.session import Session
from tornado.ioloop import IOLoop
from tornado.log import gen_log
from traitlets.config import Config

from .framing import Unframed, framed

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAST_SECONDS = 5.0
_KNOWN = 7
if version_info[0] != _KNOWN:
    raise ImportError(f"What is replaced here is that of ipykernel {_KNOWN}.")


class Publisher(IOPubThread):
    """Sends messages from a thread of its own, as ipykernel's does: a cell may be interrupted.

    Parameters
    ----------
    connection
        Where to.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.io_loop: Any = self  # streams ask it to call them later
        self._owner = os.getpid()
        self._todo: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        # Processes that the notebook forks send what they print too, each message in one piece.
        self._turn = os.memfd_create("turn")
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._renew_lock)
        self.thread = threading.Thread(target=self._serve, name="IOPub", daemon=True)
        self.thread.start()

    def schedule(self, f: Callable[[], None]) -> None:
        """Let the thread call a function; a process that was forked has none, and calls it."""
        if os.getpid() == self._owner:
            self._todo.put(f)
        else:
            f()

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call a function after a while, from the thread."""
        heapq.heappush(self._later, (time.monotonic() + seconds, next(self._numbers), call))

    def send_multipart(self, *args: Any, **_: Any) -> None:
        """Send a message; what widgets add to it in binary has no place in a notebook."""
        data = args[0][0]
        self.schedule(lambda: self._write(data))

    def stop(self) -> None:
        """Wait until all is sent."""
        sent = threading.Event()
        self.schedule(sent.set)
        sent.wait(_LAST_SECONDS)

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()

    def _write(self, data: bytes) -> None:
        with self._lock, _uninterrupted(), contextlib.suppress(OSError):
            # Nobody listens any more, or a process has closed all its files.
            fcntl.lockf(self._turn, fcntl.LOCK_EX)
            try:
                self.socket.sendall(data)
            finally:
                fcntl.lockf(self._turn, fcntl.LOCK_UN)

    def _serve(self) -> None:
        while True:
            wait = max(self._later[0][0] - time.monotonic(), 0) if self._later else None
            try:
                call = self._todo.get(timeout=wait)
            except queue.Empty:
                call = heapq.heappop(self._later)[2]
            try:
                call()
            except Exception:  # such as for half a character; ipykernel says so and goes on, too
                gen_log.exception("Uncaught exception in ZMQStream callback")


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let signals wait that end a process, or a cell."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class DirectSession(Session):
    """Makes messages as Jupyter's do, and writes them plainly."""

    publisher: Any = None

    def send(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a message; there is one place that all go to."""
        del stream
        return super().send(self.publisher, *args, **kwargs)

    def serialize(self, msg: Any, ident: Any = None) -> list[bytes]:
        """Return a message in one piece, without what says who may have sent it."""
        *_, header, parent, _, content = super().serialize(msg, ident)
        return [framed(b"[" + b",".join((header, parent, content)) + b"]")]

    def feed_identities(self, msg_list: Any, *_: Any, **__: Any) -> Any:
        """Take a request that came, which says nothing of who sends it."""
        return [], msg_list[-1]

    def deserialize(self, msg_list: Any, *_: Any, **__: Any) -> Any:
        """Return a request, which is whole already."""
        return msg_list


class DirectKernel(IPythonKernel):
    """Ipykernel's kernel, which takes one request after another in its main thread."""

    _supports_kernel_subshells = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            shell_channel_thread=_MainThread(), **kwargs
        )


class _MainThread:
    """Stands for the thread that takes requests where there may be several at a time."""

    parent_thread = threading.main_thread()

    def __bool__(self) -> bool:
        return False


class DirectKernelApp(IPKernelApp):
    """Ipykernel's application, without what is there for other clients.

    Parameters
    ----------
    connection
        To the one client.
    """

    def __init__(self, connection: socket.socket, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._connection, self._requests = connection, Unframed()

    def parse_command_line(self, argv: Any = None) -> None:
        """Configure it as its command line would, which is always the same."""
        del argv
        file, history = {"connection_file": sys.argv[2]}, {"hist_file": ":memory:"}
        self.update_config(Config({"IPKernelApp": file, "HistoryManager": history}))

    def _nothing(self, **_: Any) -> None:
        """Nobody else connects."""

    init_connection_file = write_connection_file = log_connection_info = _nothing
    init_heartbeat = init_poller = _nothing

    def init_sockets(self) -> None:
        """Publish over the connection."""
        self.session = DirectSession(parent=self, key=b"")
        self.iopub_socket = self.iopub_thread = Publisher(self._connection)
        self.session.publisher = self.iopub_thread
        self.configure_tornado_logger()  # type: ignore[no-untyped-call]

    def init_kernel(self) -> None:
        """Make the kernel; its requests come by `start`."""
        self.kernel = kernel = DirectKernel.instance(
            parent=self,
            session=self.session,
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.displayhook.get_execution_count = lambda: kernel.execution_count

    def start(self) -> None:
        """Run what is asked for, until nobody is there to ask."""
        self.kernel.start()
        self.io_loop = IOLoop.current()
        self.io_loop.add_callback(self._serve)
        with contextlib.suppress(KeyboardInterrupt):
            self.io_loop.start()
        self.iopub_thread.stop()

    async def _serve(self) -> None:
        requests: asyncio.Queue[Any] = asyncio.Queue()
        asyncio.get_running_loop().add_reader(self._connection, lambda: self._read(requests))
        # One context for all cells: what one sets, the next one sees.
        run = _async_in_context(self.kernel.dispatch_shell)
        while (request := await requests.get()) is not None:
            number, content = request
            header = {"msg_id": number, "msg_type": "execute_request"}
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
            await run([b"", message])
        self.io_loop.stop()

    def _read(self, requests: asyncio.Queue[Any]) -> None:
        data = self._connection.recv(1 << 16, socket.MSG_DONTWAIT)
        if not data:
            requests.put_nowait(None)
        for request in self._requests.take(data):
            requests.put_nowait(json.loads(request))
