"""What importing a library does to the process beside defining names, where it shows.

A library that does any of this is loaded by the notebook itself: it could find another world.
"""

from __future__ import annotations

import builtins
import gc
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

from .places import uninteresting
from .stand_in import StandInStream, shell_stand_in
from .watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .preload import Preload

CANNOT_FORK = frozenset({
    *("tensorflow", "jax", "jaxlib", "ray", "grpc", "mpi4py", "cupy", "pyopencl", "pyspark"),
    *("distributed", "pyarrow.flight", "pycuda", "numba.cuda", "tkinter", "gi", "wx"),
    *("PyQt5", "PyQt6", "PySide2", "PySide6"),
})  # fmt: skip
"""Modules that start threads, or hold what only one process may hold, when they are imported."""
_GENERATORS = ("random", "numpy.random")


class Effects:
    """Looks on while libraries are imported, and blames those whose imports show.

    Parameters
    ----------
    preload
        The imports.

    Attributes
    ----------
    streams
        What stands for the standard output and error meanwhile; some libraries keep it.
    """

    def __init__(self, preload: Preload) -> None:
        self._preload = preload
        self._watch = Watch(uninteresting(), lambda _: None)
        self._watch.start([])
        self._installed = tuple(uninteresting())
        self.streams = StandInStream(sys.stdout), StandInStream(sys.stderr)
        self._written = self._seen = 0
        self._random: dict[str, Any] = {}
        self._shell: Any = None

    def start(self, shell: Any) -> None:
        """Look on from now.

        Parameters
        ----------
        shell
            The class of a kernel's shells. There is none yet, but who asks is to be told what a
            kernel will tell.
        """
        self._watch.on = True
        preload = self._preload
        stand_in = shell_stand_in(shell, preload.blame)
        self._shell = next(each for each in shell.__mro__ if each.__name__ == "InteractiveShell")
        self._shell.initialized = classmethod(lambda _: True)
        self._shell.instance = classmethod(lambda _: stand_in)
        vars(builtins)["get_ipython"] = lambda: stand_in
        for each in self.streams:
            each.blame = preload.blame
        sys.stdout, sys.stderr = self.streams
        self._written = _size_of_output()
        self._state, self._random = _state(), random_states()

    def look(self) -> str:
        """Say what was seen since the last look that a module may not do; empty if nothing."""
        watch, loading = self._watch, self._preload.loading
        if not self._preload.needs.get(loading, set()).isdisjoint(_GENERATORS):
            self._note_draws([loading])
        if not (watch.read or watch.written or watch.listed or watch.network or watch.subprocess):
            return ""
        files = sorted({*watch.read, *watch.written, *watch.listed})
        network, process = watch.network, watch.subprocess
        watch.clear()
        if files:
            return f"it uses {files[0]}"
        return "it uses the network" if network else "it starts a process" if process else ""

    def after(self, name: str) -> None:
        """Look at the process after something was imported."""
        unfit = self._preload.unfit
        if _size_of_output() != self._written:
            self._written = _size_of_output()
            unfit.setdefault(name, "it prints")
        # Whoever draws by way of another module's functions is one of these.
        self._note_draws([*self._preload.loaded][self._seen :])
        self._seen = len(self._preload.loaded)
        state = _state()
        for what, value in state.items():
            if self._state.get(what, value) != value:
                unfit.setdefault(name, f"it changes {what}")
        self._state = state

    def finish(self) -> None:
        """Leave everything as it was, and judge what was loaded by its name and its place."""
        self._watch.on = False
        del self._shell.initialized, self._shell.instance
        del vars(builtins)["get_ipython"]
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        for name, module in self._preload.loaded.items():
            if name in CANNOT_FORK:
                self._preload.unfit.setdefault(name, "it cannot be forked")
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and not self._is_installed(file):
                self._preload.unfit.setdefault(name, "it is no installed library")

    def _note_draws(self, suspects: Iterable[str]) -> None:
        """Note who may have drawn random numbers since the last look."""
        now = random_states()
        if any(now.get(each) != state for each, state in self._random.items()):
            self._preload.draw.update(suspects)
        self._random = now

    def _is_installed(self, file: str) -> bool:
        where = self._installed
        return file.startswith(where) or os.path.realpath(file).startswith(where)


def _size_of_output() -> int:
    return os.fstat(1).st_size + os.fstat(2).st_size


def random_states() -> dict[str, Any]:
    """Return the states of the generators that a whole process shares."""
    states: dict[str, Any] = {"random": random.getstate()}
    numpy = sys.modules.get("numpy.random")
    if hasattr(numpy, "get_state"):
        legacy = numpy.get_state(legacy=False)["state"]  # type: ignore[union-attr]
        states["numpy.random"] = (legacy["key"].tobytes(), legacy["pos"])
    return states


def _state() -> dict[str, Any]:
    """Return what of the process an import should leave alone."""
    return {
        "the working directory": os.getcwd(),
        "the import path": list(sys.path),
        "the finders of modules": len(sys.meta_path),
        "the hooks": (sys.excepthook, sys.displayhook, warnings.showwarning, sys.gettrace()),
        "the handlers of signals": [signal.getsignal(each) for each in _SIGNALS],
        "the log": (list(logging.root.handlers), logging.root.level, logging.root.disabled),
        "the locale": locale.setlocale(locale.LC_ALL),
        "the limits": (sys.getrecursionlimit(), sys.getswitchinterval()),
        "how garbage is collected": (gc.isenabled(), gc.get_threshold(), list(gc.callbacks)),
        "the threads": threading.active_count(),
        "the built-in names": sorted(vars(builtins)),
        "the standard streams": (id(sys.stdout), id(sys.stderr)),
    }


_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGCHLD", "SIGUSR1", "SIGALRM")
            if hasattr(signal, name)]  # fmt: skip
