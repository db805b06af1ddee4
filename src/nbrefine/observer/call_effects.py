"""What code does beyond its own process and return value: files, connections, other programs."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_EVENTS = {
    **dict.fromkeys(
        ("os.remove", "os.rename", "os.truncate", "os.rmdir", "shutil.copyfile", "shutil.move"),
        "it changes files",
    ),
    **dict.fromkeys(("os.mkdir", "sqlite3.connect", "shutil.rmtree"), "it changes files"),
    **dict.fromkeys(("socket.connect", "socket.getaddrinfo"), "it connects to the network"),
    **dict.fromkeys(
        ("subprocess.Popen", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork"),
        "it starts other programs",
    ),
    "builtins.input": "it asks the user",
}
# Writers of pyarrow and others that open files behind Python's back.
WRITERS = frozenset(
    {"to_parquet", "to_feather", "to_orc", "to_hdf", "write_table", "write_feather"}
    | {"write_dataset", "write_csv", "write_to_dataset", "ParquetWriter", "imwrite"}
)


class Forbidden(BaseException):
    """Replayed code is about to do what must not be done twice."""


class Effects:
    """Counts what code does outside, and can forbid it.

    Attributes
    ----------
    count
        How often something was done.
    last
        What was done last, in words.
    """

    def __init__(self) -> None:
        self.count = 0
        self.last = ""
        self._forbidden = False

    def watch(self) -> None:
        """Count from now on; a hook cannot be taken away again."""
        sys.addaudithook(self._hook)

    def forbid(self) -> None:
        """Raise `Forbidden` from now on."""
        self._forbidden = True

    def allow(self) -> None:
        """Only count from now on."""
        self._forbidden = False

    @contextlib.contextmanager
    def unseen(self) -> Iterator[None]:
        """Count nothing for a while: what is done is done by us."""
        count, last = self.count, self.last
        try:
            yield
        finally:
            self.count, self.last = count, last

    def _hook(self, event: str, details: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = details
            if not (isinstance(flags, int) and flags & _WRITING):
                return
            if not isinstance(path, (str, bytes)) or os.fsdecode(path) == os.devnull:
                return
            said = "it writes files"
            if "__pycache__" in os.fsdecode(path):
                return
        elif event in _EVENTS:
            said = _EVENTS[event]
        else:
            return
        self.count += 1
        self.last = said
        if self._forbidden:
            raise Forbidden(said)


effects = Effects()
