"""The servers under test, each in processes of its own, and the CPU time that they take."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from benchmarks.results import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_WITHIN = 180.0
# One thread each: more of them cost CPU time and bring nothing for so few rows.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
SERVERS = ("nbrefine", "fastapi")


@dataclass(frozen=True)
class Server:
    """A server that answers.

    Parameters
    ----------
    name
        Which one.
    port
        Where it listens.
    process
        Its process; its children count as well.
    """

    name: str
    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Add up the CPU time of all its processes."""
        processes = [self.process, *self.process.children(recursive=True)]
        times = [each.cpu_times() for each in processes]
        return sum(each.user + each.system for each in times)

    def resident(self) -> int:
        """Add up the bytes of memory of all its processes."""
        processes = [self.process, *self.process.children(recursive=True)]
        return sum(each.memory_info().rss for each in processes)


@contextlib.contextmanager
def running(name: str, model: Path, store: Path, log: Path) -> Iterator[Server]:
    """Run a server until it is not needed any more."""
    port = _free_port()
    commands = {
        "nbrefine": [
            *("nbrefine", "serve", str(model), "--store", str(store), "--port", str(port)),
            *("--log", str(log), "--latency-budget", "60", "--time-limit", "60"),
        ],
        "fastapi": ["benchmarks.serving.plain", str(model), str(store), str(port)],
    }
    process = subprocess.Popen(
        [sys.executable, "-m", *commands[name]],
        cwd=ROOT,
        env=os.environ | _ONE_THREAD,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(port, process)
        yield Server(name, port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(60)


def _free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < _START_WITHIN:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError("the server did not start")
