"""Starts a zygote, and has it fork kernels.

The process itself is `nbrefine.observer.zygote`. Its interpreter needs ipykernel, and not nbrefine.
"""

from __future__ import annotations

import array
import contextlib
import itertools
import json
import os
import socket
import subprocess
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import nbrefine.observer
from nbrefine.kernels.warm_process import WarmProcess
from nbrefine.observer.framing import Unframed, framed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_OBSERVER = str(Path(nbrefine.observer.__file__).parent)
_BOOT = """
import sys
if sys.path[:1] == [""]:
    del sys.path[0]
import importlib, importlib.util, os
folder, number, parent = sys.argv[1:]
spec = importlib.util.spec_from_file_location(
    "_nbrefine_zygote", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
)
sys.modules[spec.name] = importlib.util.module_from_spec(spec)
importlib.import_module(spec.name + ".zygote").main(int(number), int(parent))
"""
_MOST_STARTS = 4
_PATIENCE = 120.0
_LAST_SECONDS = 2.0


class NoZygoteError(Exception):
    """A kernel cannot be forked; one that is started cold does as well."""


class Zygote:
    """A process that becomes a kernel for each who asks, by forking.

    It ends when this process does, however that ends, and its kernels with it.

    Parameters
    ----------
    interpreter
        Command of the interpreter, with its flags.
    folder
        Working directory, of the kernels too.
    environ
        Their environment.
    names
        Modules to import, in their order.

    Attributes
    ----------
    left_out
        Modules that cannot be imported ahead of time, with the reason.
    added
        Modules that were imported later.
    has_direct_kernels
        Whether its kernels can talk over a socket, once it is ready.
    """

    def __init__(
        self,
        interpreter: Sequence[str],
        folder: str,
        environ: Mapping[str, str],
        names: Sequence[str] = (),
    ) -> None:
        self._interpreter, self._folder, self._environ = interpreter, folder, environ
        self.names = tuple(names)
        self._asked = frozenset(names)
        self.left_out: dict[str, str] = {}
        self.added: set[str] = set()
        self.has_direct_kernels = False
        self._told: set[str] = set()
        self._settled = threading.Event()
        self._why_not = ""
        self._lock = threading.RLock()
        self._numbers = itertools.count()
        self._answers: dict[int, _Answer] = {}
        self._kernels: dict[int, WarmProcess] = {}
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._is_open = True
        # It reads what the process says, and does nothing in between.
        threading.Thread(target=self._run, name="zygote", daemon=True).start()

    @property
    def pid(self) -> int | None:
        """Number of its process."""
        return None if self._process is None else self._process.pid

    @property
    def is_busy(self) -> bool:
        """Whether any of its kernels runs."""
        return bool(self._kernels or self._answers)

    def covers(self, names: Iterable[str]) -> bool:
        """Return whether it was asked before to import all of these, and can still be forked."""
        return not self._why_not and {*names} <= self._asked | self._told

    def fork(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        streams: Sequence[int],
        *,
        exits: bool = False,
        connection: int | None = None,
    ) -> WarmProcess:
        """Fork a kernel.

        Parameters
        ----------
        command
            How it would be started cold: an interpreter, its flags, ``-m ipykernel_launcher``, and
            arguments.
        environ
            Its environment; it may differ from the zygote's in what no library looks at.
        streams
            File descriptors of its standard input, output and error.
        exits
            Whether it ends with the exit code `warm_process.REFUSED` where its notebook needs a
            cold kernel, rather than raise an error there.
        connection
            File descriptor of the socket that it talks over; None if as Jupyter's kernels do.

        Raises
        ------
        NoZygoteError
            If that cannot be done.
        """
        if not self._settled.wait(0 if self._why_not else _PATIENCE):
            self._why_not = self._why_not or "The zygote was not ready in time."
        if self._why_not:
            raise NoZygoteError(self._why_not)
        if connection is not None and not self.has_direct_kernels:
            raise NoZygoteError("Kernels of this ipykernel cannot talk over a socket.")
        at = command.index("-m")
        number, answer = next(self._numbers), _Answer(command)
        wanted = {
            "number": number,
            "command": [*command],
            "arguments": [*command[at + 2 :]],
            "environ": {**environ},
            "exits": exits,
            "direct": connection is not None,
        }
        with self._lock:
            if self._why_not:  # it has ended in between, and nobody would answer
                raise NoZygoteError(self._why_not)
            self._answers[number] = answer
            self._send({"fork": wanted}, [*streams, *([] if connection is None else [connection])])
        if not answer.settled.wait(_PATIENCE):
            # Nor would it tell that a kernel has ended.
            self._why_not = "The zygote does not answer."
            self.close()
        if answer.process is None:
            raise NoZygoteError(answer.why_not or self._why_not)
        return answer.process

    def add(self, names: Iterable[str]) -> None:
        """Import more modules, before the next kernel is forked."""
        new = [name for name in names if name not in self._told]
        if new and self._settled.is_set() and not self._why_not:
            self._told.update(new)
            self._send({"import": new})

    def close(self) -> None:
        """End it, and its kernels."""
        with self._lock:  # nothing is started from here on
            self._is_open = False
            process = self._process
        self._shut()
        if process is not None:
            try:
                process.wait(_LAST_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _run(self) -> None:
        """Start it, again without what its imports do not allow, and read what it says."""
        for _ in range(_MOST_STARTS):
            unfit: dict[str, str] = {}
            try:
                unfit = self._serve()
            except OSError as error:
                self._why_not = self._why_not or f"The zygote is gone: {error}"
            finally:
                self._shut()
            if not unfit or not self._is_open:
                break
            self.left_out.update(unfit)
            self.names = tuple(name for name in self.names if name not in unfit)
        with self._lock:
            self._why_not = self._why_not or "The zygote is gone."
            self._settled.set()
            for answer in self._answers.values():
                answer.settle(None, self._why_not)
            for kernel in self._kernels.values():
                kernel.ended(None)

    def _serve(self) -> dict[str, str]:
        """Start it and read what it says to its end.

        Returns
        -------
        dict
            Modules that it cannot load ahead of time, with the reason, if it ended for these.
        """
        ours, its = socket.socketpair()
        with its, tempfile.TemporaryFile() as said:
            with self._lock:
                if not self._is_open:
                    ours.close()
                    return {}
                self._socket, self._process = ours, self._start(its, said)
            its.close()
            self._send({"import": [*self.names]})
            process = self._process
            for message in self._messages(ours):
                if "unfit" in message:
                    process.wait()
                    return dict(message["unfit"])
                self._take(message)
            process.wait()
            said.seek(0)
            if not self._settled.is_set() and not self._why_not:
                last = said.read().decode(errors="replace").strip().splitlines()[-1:]
                self._why_not = last[0] if last else "The zygote did not start."
        return {}

    def _start(self, its: socket.socket, said: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            [*self._interpreter, "-c", _BOOT, _OBSERVER, str(its.fileno()), str(os.getpid())],
            cwd=self._folder,
            env={**self._environ},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            pass_fds=[its.fileno()],
            start_new_session=True,
        )

    def _take(self, message: Mapping[str, Any]) -> None:
        if "ready" in message:
            self.has_direct_kernels = bool(message["direct"])
            self._settled.set()
        elif "useless" in message:
            self._why_not = str(message["useless"])
        elif "ended" in message:
            kernel = self._kernels.pop(message["ended"], None)
            if kernel is not None:
                kernel.ended(message["code"])
        elif "left out" in message:
            self.left_out.update(message["left out"])
            self.added.update(message["added"])
        elif "for" in message:
            answer = self._answers.pop(message["for"])
            if "forked" not in message:
                answer.settle(None, str(message["failed"]))
                return
            pid = int(message["forked"])
            process = WarmProcess(answer.command, pid, partial(self._send, {"reap": pid}))
            self._kernels[pid] = process
            answer.settle(process)

    def _send(self, message: Mapping[str, Any], streams: Sequence[int] = ()) -> None:
        data = framed(json.dumps(message).encode())
        extra = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))]
        with self._lock, contextlib.suppress(OSError):  # whoever waits is told by the reader
            if self._socket is not None:
                sent = self._socket.sendmsg([data], extra if streams else [])
                self._socket.sendall(data[sent:])

    @staticmethod
    def _messages(ours: socket.socket) -> Iterator[dict[str, Any]]:
        unframed = Unframed()
        while piece := ours.recv(1 << 16):
            yield from map(json.loads, unframed.take(piece))

    def _shut(self) -> None:
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
                self._socket.close()
                self._socket = None


class _Answer:
    """What is waited for by who has asked for a kernel."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self.settled = threading.Event()
        self.process: WarmProcess | None = None
        self.why_not = ""

    def settle(self, process: WarmProcess | None, why_not: str = "") -> None:
        self.process, self.why_not = process, why_not
        self.settled.set()
