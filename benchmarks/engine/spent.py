"""What a command spends: CPU time with that of all processes below it, and time by the clock."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Spent:
    """What something took.

    Parameters
    ----------
    cpu, wall
        Seconds.
    """

    cpu: float
    wall: float

    def __add__(self, other: Spent) -> Spent:
        """Return what both took, one after the other."""
        return Spent(self.cpu + other.cpu, self.wall + other.wall)


def spent_by(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Spent:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        If it fails.
    """
    log = folder / "said.txt"
    with log.open("wb") as said:
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=said, stderr=said)
        # Of the processes below it, those count that somebody has waited for.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')}")
    return Spent(usage.ru_utime + usage.ru_stime, wall)
