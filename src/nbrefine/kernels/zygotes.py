"""The zygotes of this process: one for each interpreter, folder, environment and set of imports."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.kernels.zygote import NoZygoteError, Zygote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# The libraries of macOS end a process that goes on in them after a fork.
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"
"""Whether kernels can be forked here."""
_MOST = 3
# These say which kernel it is, and no library asks for them when it is loaded.
_OWN = frozenset({
    "JPY_PARENT_PID", "JPY_SESSION_NAME", "JPY_API_TOKEN", "PYTEST_CURRENT_TEST",
    "PYTEST_XDIST_TESTRUNUID",
})  # fmt: skip

Surroundings = tuple[tuple[str, ...], str, frozenset[tuple[str, str]], object]
Key = tuple[Surroundings, frozenset[str]]


class Zygotes:
    """Finds the zygote for a kernel, or starts it.

    A zygote is as good as a fresh interpreter for kernels with its environment and folder, until
    something is installed. What it has imported beyond what is asked for is out of their sight.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The last that was asked for is the last in it.
        self._known: dict[Key, Zygote] = {}
        self._process = os.getpid()

    def has(
        self,
        interpreter: Sequence[str],
        folder: str,
        environ: Mapping[str, str],
        names: Iterable[str] = (),
    ) -> bool:
        """Return whether a zygote that does is there already; as for `prepare`."""
        surroundings = _surroundings(interpreter, folder, environ)
        with self._lock:
            return self._find(surroundings, tuple(names)) is not None

    def prepare(
        self,
        interpreter: Sequence[str],
        folder: str,
        environ: Mapping[str, str],
        names: Iterable[str] = (),
    ) -> Zygote:
        """Start a zygote, if none is there that does; it gets ready by itself.

        Parameters
        ----------
        interpreter
            Command of the interpreter, with its flags.
        folder
            Working directory of its kernels.
        environ
            Their environment.
        names
            Modules to import ahead of time, in their order.

        Raises
        ------
        NoZygoteError
            If this system cannot fork what has libraries loaded.
        """
        if not CAN_FORK:
            raise NoZygoteError("This system cannot fork, or its libraries do not survive it.")
        names = tuple(dict.fromkeys(names))
        surroundings = _surroundings(interpreter, folder, environ)
        with self._lock:
            if self._process != os.getpid():  # forked: the zygotes are another's
                self._known, self._process = {}, os.getpid()
            key = self._find(surroundings, names) or (surroundings, frozenset(names))
            found = self._known.pop(key, None)
            if found is None:
                found = Zygote(interpreter, folder, dict(surroundings[2]), names)
            self._known[key] = found
            idle = [each for each in self._known if each != key and not self._known[each].is_busy]
            for old in idle[: max(0, len(self._known) - _MOST)]:
                self._known.pop(old).close()
        return found

    def _find(self, surroundings: Surroundings, names: Sequence[str]) -> Key | None:
        """Return the key of the zygote that was last asked for of those that do."""
        if self._process != os.getpid():
            return None
        keys = (
            key
            for key, zygote in reversed(self._known.items())
            if key[0] == surroundings and zygote.covers(names)
        )
        return next(keys, None)

    def close_idle(self) -> None:
        """End those of which no kernel runs."""
        with self._lock:
            idle = [key for key, each in self._known.items() if not each.is_busy]
            ended = [self._known.pop(key) for key in idle]
        for zygote in ended:
            zygote.close()

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            known = list(self._known.values()) if self._process == os.getpid() else []
            self._known.clear()
        for zygote in known:
            zygote.close()


def interpreter_of(command: Sequence[str]) -> tuple[str, ...]:
    """Return the interpreter, with its flags, that a command starts a kernel with.

    Raises
    ------
    NoZygoteError
        If it does not start one of IPython's kernels as these are started.
    """
    head = [*command[: command.index("-m")]] if "-m" in command else []
    is_kernel = [*command[len(head) + 1 : len(head) + 2]] == ["ipykernel_launcher"]
    if not head or not is_kernel or not all(flag.startswith("-X") for flag in head[1:]):
        raise NoZygoteError("It is no kernel of IPython's, or is started in a way of its own.")
    return tuple(head)


def _surroundings(
    interpreter: Sequence[str], folder: str, environ: Mapping[str, str]
) -> Surroundings:
    common = {name: value for name, value in environ.items() if name not in _OWN}
    return (
        tuple(interpreter),
        os.path.realpath(folder),
        frozenset(common.items()),
        _installed(interpreter[0]),
    )


def _installed(python: str) -> object:
    """Return what is another one after something was installed for an interpreter."""
    places = (Path(python).parent.parent, Path.home() / ".local")
    folders = [each for place in places for each in place.glob("lib/python*/site-packages")]
    return tuple((str(each), each.stat().st_mtime_ns) for each in sorted(folders))


ZYGOTES = Zygotes()
"""Those that all kernels of this process come from."""
atexit.register(ZYGOTES.close)
