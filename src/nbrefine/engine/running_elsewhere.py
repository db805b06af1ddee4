"""Steps that run on other machines: who builds next waits until none of them does any more.

A builder that is killed takes its own kernels along, but those of a cluster's workers learn of it a
moment later, and what they write goes to the project's folder. Each has a file that it touches.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from nbrefine.pipeline.own_folder import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BEAT = 0.5
"""Seconds between two touches."""
_DEAD_AFTER = 8.0
_PAUSE = 0.2


@contextmanager
def running(
    root: Path, name: str, is_wanted: Callable[[], bool], end: Callable[[], None]
) -> Iterator[None]:
    """Say that a step runs, for the time of a block, and end it when nobody wants it any more.

    Parameters
    ----------
    root
        The project's folder.
    name
        Of the run; no other has it.
    is_wanted
        Asked now and then.
    end
        Called once if it is not wanted.
    """
    file = _folder(root) / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    over = threading.Event()

    def beat() -> None:
        is_ended = False
        while not over.wait(BEAT):
            with suppress(OSError):
                file.touch()
            if not is_ended and not is_wanted():
                is_ended = True
                end()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        file.unlink(missing_ok=True)


def outlast(root: Path) -> None:
    """Wait until no step of an earlier build runs anywhere.

    Parameters
    ----------
    root
        The project's folder. The caller holds the lock of builds.
    """
    beats: dict[Path, tuple[int, float]] = {}
    while files := [*_folder(root).glob("*")]:
        now = time.monotonic()
        for file in files:
            with suppress(OSError):
                # The clocks of two machines differ: what counts is whether it changes.
                beat = file.stat().st_mtime_ns
                if file not in beats or beats[file][0] != beat:
                    beats[file] = beat, now
                elif now - beats[file][1] > _DEAD_AFTER:
                    file.unlink(missing_ok=True)
        time.sleep(_PAUSE)


def _folder(root: Path) -> Path:
    return root / FOLDER / "running"
