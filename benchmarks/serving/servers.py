"""The servers under test, each in processes of its own, and the CPU time that they take."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from benchmarks.results import ROOT
from benchmarks.serving.environment import peers_python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_WITHIN = 180.0
_STOP_WITHIN = 30.0
# One thread each: more of them cost CPU time and bring nothing for so few rows.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_QUIET = {"BENTOML_DO_NOT_TRACK": "True", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
PEERS = ("mlflow", "bentoml", "litserve")
SERVERS = ("nbrefine", "fastapi", *PEERS)


@dataclass(frozen=True)
class Served:
    """What is served.

    Parameters
    ----------
    model, store
        Folders of the model and of the online store.
    log
        Where predictions are logged, by the one that does.
    """

    model: Path
    store: Path
    log: Path


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

    @property
    def path(self) -> str:
        """Where it predicts."""
        return "/invocations" if self.name == "mlflow" else "/predict"

    @property
    def rows(self) -> str:
        """What its body calls the rows."""
        return "dataframe_records" if self.name == "mlflow" else "rows"

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
def running(name: str, served: Served) -> Iterator[Server]:
    """Run a server until it is not needed any more."""
    port = _free_port()
    told = {"SERVED_MODEL": str(served.model), "SERVED_STORE": str(served.store)}
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    process = subprocess.Popen(
        _command(name, served, port),
        cwd=ROOT,
        env=os.environ | ONE_THREAD | _QUIET | told | {"PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(port, process)
        yield Server(name, port, psutil.Process(process.pid))
    finally:
        _stop(process)


def _command(name: str, served: Served, port: int) -> list[str]:
    folders, address = [str(served.model), str(served.store)], ["--port", str(port)]
    if name == "nbrefine":
        log = ["--log", str(served.log), "--latency-budget", "60", "--time-limit", "60"]
        serve = ["nbrefine", "serve", folders[0], "--store", folders[1], *address, *log]
        return [sys.executable, "-m", *serve]
    if name == "fastapi":
        return [sys.executable, "-m", "benchmarks.serving.plain", *folders, str(port)]
    python = str(peers_python())
    if name == "bentoml":
        service = ["serve", "benchmarks.serving.with_bentoml:Predict", "--host", "127.0.0.1"]
        return [python, "-m", "bentoml", *service, *address]
    if name == "mlflow":
        return [python, "-m", "benchmarks.serving.with_mlflow", str(port)]
    return [python, "-m", "benchmarks.serving.with_litserve", *folders, str(port)]


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let a server end, with all that it has started."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_WITHIN)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


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
