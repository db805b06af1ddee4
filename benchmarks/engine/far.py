"""Many steps through a Dask cluster of two workers, in peace and while workers are killed."""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from benchmarks.dask_cluster import Cluster
from benchmarks.engine.small_steps import is_written, write_small_steps
from benchmarks.engine.spent import Spent, spent_by
from benchmarks.small_pipeline import Project

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

WORKERS = 2
_SECONDS_BETWEEN_KILLS = 10.0


@dataclass(frozen=True)
class Far:
    """How a build went.

    Parameters
    ----------
    spent
        By the build, and by the workers for it.
    killed
        Workers that were killed meanwhile.
    lost
        Steps that are not up to date after it.
    """

    spent: Spent
    killed: int
    lost: int


def here(folder: Path, steps: int) -> Far:
    """Build on this machine, with as many workers."""
    project = _made(folder, steps)
    spent = spent_by(_command(project, "-w", str(WORKERS)), project.root, Project.environ())
    return Far(spent, 0, _lost(project, steps))


def through_dask(folder: Path, steps: int, *, kills: bool) -> Far:
    """Build on a cluster; where workers are killed, each is followed by a new one.

    Parameters
    ----------
    folder
        The project's, emptied before.
    steps
        How many notebooks it has; none builds on another.
    kills
        Whether a worker is killed every ten seconds.
    """
    project = _made(folder, steps)
    logs = folder.with_name(f"{folder.name}-cluster")
    _empty(logs).mkdir(parents=True)
    cluster, over = Cluster(logs), threading.Event()
    workers = [cluster.worker() for _ in range(WORKERS)]
    killed: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        while not over.wait(_SECONDS_BETWEEN_KILLS):
            victim = workers.pop(0)
            victim.kill()
            killed.append(victim)
            workers.append(cluster.worker())

    killer = threading.Thread(target=kill)
    try:
        if kills:
            killer.start()
        before = _cpu(workers)
        spent = spent_by(
            _command(project, "--dask", cluster.address), project.root, Project.environ()
        )
        # What those that were killed had done is gone with them.
        spent += Spent(_cpu(workers) - before, 0.0)
    finally:
        over.set()
        if kills:
            killer.join()
        cluster.close()
    return Far(spent, len(killed), _lost(project, steps))


def _command(project: Project, *options: str) -> list[str]:
    return project.command("nbrefine", "build", *options)


def _lost(project: Project, steps: int) -> int:
    """Count the steps that are not up to date, or have not written what they had to."""
    said = json.loads(project.run("nbrefine", "status", "--json").stdout)["steps"]
    there = {
        step["name"]
        for step in said
        if step["state"] == "fresh" and is_written(project, step["name"])
    }
    return steps - len(there)


def _made(folder: Path, steps: int) -> Project:
    project = Project(_empty(folder))
    write_small_steps(project, steps, chained=False)
    return project


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _cpu(workers: list[subprocess.Popen[bytes]]) -> float:
    """Return what processes have taken so far, with those below them."""
    found = 0.0
    for each in workers:
        process = psutil.Process(each.pid)
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                found += sum(one.cpu_times()[:4])
    return found
