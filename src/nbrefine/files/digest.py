"""What identifies a file's content, remembered only for as long as that cannot lie."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_CHUNK = 1 << 20
_SECOND = 10**9
# A file system that stamps whole seconds (some stamp every other) may show two writes as one.
_COARSE, _FINE = 3 * _SECOND, _SECOND // 5
_TRIES = 3


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes; of a folder, of its files and their names.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    if path.is_dir():
        return _digest_folder(path)
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def digest_json(value: object) -> str:
    """Return the SHA-256 of a value as JSON has it, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _digest_folder(folder: Path) -> str:
    digest = hashlib.sha256(b"folder")
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = os.fsencode(path.relative_to(folder).as_posix())
            digest.update(b"\0" + name + b"\0" + digest_file(path).encode())
    return digest.hexdigest()


class DigestCache:
    """Digests of files, computed again only when a file may have changed.

    An entry holds a file's size, inode and times: of its content, and of its last change of any
    kind, which no program can set. It counts only if both times lay, when the file was read, so
    far in the past that a later write must have moved them.

    Parameters
    ----------
    file
        Where to keep them; None for nowhere.
    clock
        Gives the time in nanoseconds since 1970.
    """

    def __init__(self, file: Path | None, clock: Callable[[], int] = time.time_ns) -> None:
        self._file, self._clock = file, clock
        self._entries: dict[str, list[object]] = _load(file)
        self._new: dict[str, list[object]] = {}

    def digest(
        self, path: Path, kind: str = "bytes", compute: Callable[[Path], str] = digest_file
    ) -> str:
        """Return what identifies a file's content.

        Parameters
        ----------
        path
            The file; of a folder nothing is remembered.
        kind
            Names what `compute` looks at.
        compute
            Works it out.

        Raises
        ------
        OSError
            If it cannot be read.
        """
        if path.is_dir():
            return compute(path)
        name = f"{kind}:{path}"
        for _ in range(_TRIES):
            before = _identity(path)
            entry = self._entries.get(name)
            if entry is not None and entry[0] == before:
                return str(entry[1])
            now = self._clock()
            found = compute(path)
            if _identity(path) == before:
                if _settled(before, now):
                    self._entries[name] = self._new[name] = [before, found]
                return found
        return compute(path)  # it is being written to: what is seen last is as true as any

    def save(self) -> None:
        """Write what was learnt; where that cannot be done it is worked out again next time."""
        if not self._new or self._file is None:
            return
        # Another process may have learnt something too; what gets lost costs a second reading.
        entries = {**_load(self._file), **self._new}
        with contextlib.suppress(OSError):
            write_atomic(self._file, json.dumps(entries, separators=(",", ":")))
            self._new = {}


def _identity(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev]


def _settled(identity: list[int], now: int) -> bool:
    """Whether a write from now on shows in the times."""
    times = identity[1:3]
    coarse = any(each % _SECOND == 0 for each in times)
    return max(times) + (_COARSE if coarse else _FINE) < now


def _load(file: Path | None) -> dict[str, list[object]]:
    if file is None:
        return {}
    try:
        data = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) and all(map(_is_entry, data.values())) else {}


def _is_entry(value: object) -> bool:
    """Whether it is an identity and a digest."""
    return isinstance(value, list) and [*map(type, value)] == [list, str]
