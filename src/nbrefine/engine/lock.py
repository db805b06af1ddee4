"""One build of a project at a time, whoever starts it."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from nbrefine.errors import BuildLockedError, EnvironmentFaultError
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.pipeline.own_folder import FOLDER, make_own_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbrefine.engine.stop import Stop


_LOOK_SECONDS = 0.5
"""How long it is waited before it is asked whether to wait any more."""


@contextmanager
def building(
    root: Path,
    *,
    wait: bool = True,
    say: Callable[[str], None] = lambda _: None,
    stop: Stop | None = None,
) -> Iterator[None]:
    """Hold the lock of a project's builds; the system frees it whatever ends this process.

    Parameters
    ----------
    root
        The project's folder.
    wait
        Whether to wait for another build's end.
    say
        Told, before it is waited for, who builds.
    stop
        Ends the waiting before its time.

    Raises
    ------
    BuildLockedError
        If another build is going on, and it is not to be waited for, or not any more.
    EnvironmentFaultError
        If nothing can be written in the project.
    """
    folder = root / FOLDER
    lock = FileLock(folder / "build.lock")
    who = folder / "build.json"
    try:
        make_own_folder(root)
        lock.acquire(timeout=0)
    except Timeout:
        if not wait:
            raise BuildLockedError(
                f"Another build is going on: {_holder(who)}.",
                hint="Wait for its end, as nbrefine build does without --no-wait.",
            ) from None
        say(f"waiting for another build: {_holder(who)}")
        _wait_for(lock, who, stop)
    except OSError as error:
        raise EnvironmentFaultError(
            f"{shown(folder)} cannot be written: {error.strerror}.",
            hint="Free some space, or make the folder writable.",
        ) from None
    try:
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
        with suppress(OSError):  # only for who waits
            write_atomic(who, json.dumps(holder))
        yield
    finally:
        lock.release()


def _wait_for(lock: FileLock, who: Path, stop: Stop | None) -> None:
    """Wait for a lock; who is told to stop has other things to do with signals than to end."""
    while stop is None or not stop.asked:
        with suppress(Timeout):
            lock.acquire(timeout=_LOOK_SECONDS)
            return
    raise BuildLockedError(f"It was stopped while another build went on: {_holder(who)}.")


def _holder(file: Path) -> str:
    """Say who holds the lock."""
    try:
        holder = json.loads(file.read_text("utf-8"))
        since = datetime.fromtimestamp(holder["since"]).astimezone()
        return f"process {holder['pid']} on {holder['host']}, since {since:%Y-%m-%d %H:%M:%S}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has not said who it is"
