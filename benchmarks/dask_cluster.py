"""A real Dask cluster: a scheduler's process, and workers' that come and go."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.small_pipeline import Project

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 110.0
"""How long to wait for anything."""


class Cluster:
    """A scheduler, and the workers that were started.

    Parameters
    ----------
    folder
        Where they write.

    Attributes
    ----------
    file
        Says where the scheduler listens.
    said
        For whoever starts it, to note what was told meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.said = folder, list[object]()
        self.file = folder / "scheduler.json"
        self.processes = [
            self._start("scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard")
        ]
        until(self._is_up)

    @property
    def address(self) -> str:
        """Where its scheduler listens."""
        return str(json.loads(self.file.read_text())["address"])

    def worker(self, *options: str, **environ: str) -> subprocess.Popen[bytes]:
        """Start a worker, which runs one step at a time."""
        arguments = ("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", *options)
        process = self._start(*arguments, **environ)
        self.processes.append(process)
        return process

    def log(self) -> str:
        """Return what scheduler and workers have said."""
        return (self.folder / "log.txt").read_text()

    def close(self) -> None:
        """End all of it."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()

    def _is_up(self) -> bool:
        try:
            return bool(self.address)
        except (OSError, ValueError):  # it is not there yet, or half written
            return False

    def _start(self, *arguments: str, **environ: str) -> subprocess.Popen[bytes]:
        command = [*Project.command(Path(sys.executable).name), "-m", "dask"]
        more = ["--scheduler-file", str(self.file)]
        if arguments[0] == "worker":
            more += ["--local-directory", str(self.folder)]
        with (self.folder / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [*command, *arguments, *more],
                cwd=self.folder,
                env=Project.environ(**environ),
                stdout=log,
                stderr=log,
            )


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so.

    Raises
    ------
    TimeoutError
        If it does not come to be in time.
    """
    end = time.monotonic() + SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)
