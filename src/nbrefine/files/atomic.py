"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_ANYBODY, _OWNER = 0o666, 0o600


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a file so that no reader and no crash ever sees half of it.

    Parameters
    ----------
    path
        Where to; missing folders are made, an existing file is replaced and keeps its mode.
    content
        The whole content; text is written as UTF-8.

    Raises
    ------
    OSError
        If it cannot be written; an existing file is then as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    mode = _mode(path)
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    # The system takes the umask off a new file's mode; asking for the umask would change it for
    # all threads. Nor is what replaces a private file readable before.
    handle = os.open(temporary, _NEW, _ANYBODY if mode is None else _OWNER)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int | None:
    """Return the permissions of an existing file; None if there is none."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return None
