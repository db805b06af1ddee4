"""Whether the inputs of a step stayed as they were while it ran."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# File systems stamp times that lag behind the clock by up to a tick of the system.
_TICK_NS = 20_000_000


class Steady:
    """How inputs were when a step was planned.

    Parameters
    ----------
    files
        Those that are known before the step runs.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._began = time.time_ns()
        self._known = {file: _identity(file) for file in files}

    def changed(self, files: Iterable[Path]) -> frozenset[Path]:
        """Return which files were written to since.

        Parameters
        ----------
        files
            Those that the step has read, known before or not.
        """
        return frozenset(file for file in {*files, *self._known} if self._is_changed(file))

    def _is_changed(self, file: Path) -> bool:
        now = _identity(file)
        if file in self._known:
            return now != self._known[file]
        # The time of the last change of any kind, which no program can set.
        return now is not None and now[0] >= self._began - _TICK_NS


def _identity(file: Path) -> tuple[int, int, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_ctime_ns, stat.st_mtime_ns, stat.st_size, stat.st_ino
