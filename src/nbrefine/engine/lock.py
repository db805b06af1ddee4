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


@contextmanager
def building(
    root: Path, *, wait: bool = True, say: Callable[[str], None] = lambda _: None
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

    Raises
    ------
    BuildLockedError
        If another build is going on, and it is not to be waited for.
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
                hint="Wait for it, or leave out --no-wait.",
            ) from None
        say(f"waiting for another build: {_holder(who)}")
        lock.acquire()
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


def _holder(file: Path) -> str:
    """Say who holds the lock."""
    try:
        holder = json.loads(file.read_text("utf-8"))
        since = datetime.fromtimestamp(holder["since"]).astimezone()
        return f"process {holder['pid']} on {holder['host']}, since {since:%Y-%m-%d %H:%M:%S}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has not said who it is"
