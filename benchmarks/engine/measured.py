"""What was measured so far, kept so that a run that was ended goes on where it was."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from benchmarks.engine.spent import Spent
from benchmarks.results import ROOT
from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

# Where a change makes other figures.
_DECISIVE = ("engine", "kernels", "observer", "pipeline")


def state() -> str:
    """Return what identifies the sources that are measured, as they were committed."""
    trees = [f"HEAD:src/nbrefine/{package}" for package in _DECISIVE]
    command = ["git", "-C", str(ROOT), "rev-parse", *trees, "HEAD:benchmarks/engine"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return " ".join(done.stdout.split())


class Measured:
    """What each way took, by pipeline.

    Parameters
    ----------
    file
        Where it is kept.
    of
        What identifies the sources; what was measured of others is forgotten.
    """

    def __init__(self, file: Path, of: str) -> None:
        self._file, self._of = file, of
        self._found: dict[str, list[list[float]]] = self._read()

    def times(self, shape: str, way: str) -> list[Spent]:
        """Return what a way took in each round."""
        return [Spent(*each) for each in self._found.get(f"{shape} {way}", [])]

    def add(self, shape: str, way: str, spent: Spent) -> None:
        """Keep what one more round took."""
        self._found.setdefault(f"{shape} {way}", []).append([spent.cpu, spent.wall])
        write_atomic(self._file, json.dumps({"of": self._of, "times": self._found}, indent=1))

    def _read(self) -> dict[str, list[list[float]]]:
        try:
            data = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return dict(data["times"]) if data.get("of") == self._of else {}
