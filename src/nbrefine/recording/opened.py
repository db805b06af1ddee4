"""Hears which files of a folder are opened, whoever opens them: code in C is not seen otherwise.

The kernel of Linux tells (inotify). Elsewhere nothing is heard, and `Openings.hears` is false.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import struct
import sys
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

_OPEN, _CREATE, _IS_FOLDER = 0x20, 0x100, 0x40000000
_EVENT = struct.Struct("iIII")
_MOST = 4_000
"""Folders and files that are listened to, at most."""
_LEFT_OUT = frozenset({"__pycache__", ".ipynb_checkpoints"})
_ABSOLUTE = re.compile(r"""["']((?:~|/(?!dev/|proc/|sys/))[^"'\n*?{}]+)["']""")
_CODE = frozenset({".py", ".pyc", ".ipynb"})


class Openings:
    """Listens to a folder, to all below it, and to what links in it lead to.

    To be used in a ``with`` block.

    Parameters
    ----------
    root
        The folder.
    sources
        Text of the notebook's cells. What absolute paths in it name is listened to as well, of
        folders the files in them.

    Attributes
    ----------
    hears
        Whether anything can be heard here.
    """

    def __init__(self, root: Path, sources: Iterable[str] = ()) -> None:
        self._root = str(root)
        self._elsewhere = {path for source in sources for path in _ABSOLUTE.findall(source)}
        self._paths: dict[int, set[str]] = {}
        self._libc = ctypes.CDLL(None) if sys.platform == "linux" else None
        self._queue = -1
        self.hears = False

    def __enter__(self) -> Self:
        """Listen from now on."""
        if self._libc is not None and hasattr(self._libc, "inotify_init1"):
            self._queue = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            self.hears = self._queue >= 0
            self._follow(self._root)
            for path in sorted(map(os.path.expanduser, self._elsewhere)):
                self._listen(path.rstrip("/") or "/", _OPEN)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Listen no longer."""
        if self.hears:
            os.close(self._queue)
        self.hears = False

    def take(self) -> set[str]:
        """Return the paths below the root that were opened since the last time.

        Those that are new since then are left out: whoever made them knows what is in them. So is
        code: Python tells of it, and tools that look at code are many.
        """
        opened: set[str] = set()
        made: set[str] = set()
        for path, mask in self._events():
            if mask & _IS_FOLDER:
                if mask & _CREATE:
                    self._follow(path)
            elif mask & _CREATE:
                made.add(path)
            elif PurePath(path).suffix not in _CODE and os.path.isfile(path):  # noqa: PTH113
                opened.add(path)
        return opened - made

    def _events(self) -> Iterator[tuple[str, int]]:
        """Yield what has happened: a path, and in bits what to it."""
        while self.hears:
            try:
                data = os.read(self._queue, 1 << 16)
            except BlockingIOError:
                return
            while data:
                watch, mask, _, length = _EVENT.unpack_from(data)
                name = os.fsdecode(data[_EVENT.size : _EVENT.size + length].rstrip(b"\0"))
                data = data[_EVENT.size + length :]
                for place in self._paths.get(watch, ()):
                    yield (f"{place}/{name}" if name else place), mask

    def _follow(self, folder: str) -> None:
        """Listen to a folder, the folders below it, and the files that links lead to."""
        self._listen(folder, _OPEN | _CREATE)
        for here, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if not _is_left_out(here, name))
            for name in (*folders, *files):
                path = f"{here}/{name}"
                link = os.path.islink(path)  # noqa: PTH114  (thousands of them)
                if link or name in folders:
                    self._listen(path, _OPEN | _CREATE if name in folders else _OPEN)

    def _listen(self, path: str, mask: int) -> None:
        """Listen to one file or folder; what is not there or too much is passed over."""
        if not self.hears or self._libc is None or len(self._paths) >= _MOST:
            return
        with contextlib.suppress(OSError):
            watch = self._libc.inotify_add_watch(self._queue, os.fsencode(path), mask)
            if watch >= 0:
                self._paths.setdefault(watch, set()).add(path)


def _is_left_out(folder: str, name: str) -> bool:
    """Whether nothing is to be heard of a folder: one that refine wrote links to the same data."""
    return name in _LEFT_OUT or os.path.isdir(f"{folder}/{name}/.nbrefine")  # noqa: PTH112


def opened_unseen(opened: Iterable[str], report: Mapping[str, Any]) -> set[str]:
    """Return what a cell opened and Python did not tell of: it counts as read.

    Parameters
    ----------
    opened
        Paths that were heard of.
    report
        What the observer in the kernel said of the cell. What it wrote was opened for that, and
        before that by us, to keep a copy.
    """
    told = {*report.get("files_read", ()), *report.get("files_written", ())}
    known = {os.path.realpath(path) for path in told}
    found: dict[str, str] = {}
    # Of several names of one file, the shortest.
    for path in sorted(opened, key=lambda each: (-len(each), each)):
        if (real := os.path.realpath(path)) not in known:
            found[real] = path
    return set(found.values())
