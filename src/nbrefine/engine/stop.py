"""Ends what runs: a builder that is told to stop leaves no kernel behind."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Stop:
    """Told once that all is to end, and then tells everybody who runs something."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._lock = threading.RLock()
        self._ends: list[Callable[[], None]] = []

    @property
    def asked(self) -> bool:
        """Whether all is to end."""
        return self._asked.is_set()

    def ask(self) -> None:
        """End all that runs, and whatever is about to start."""
        self._asked.set()
        with self._lock:
            ends = list(self._ends)
        for end in ends:
            end()

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """End all when this process is told to: by Ctrl-C, by ``kill``, or by a closed terminal.

        Only the main thread can be told; elsewhere nothing is changed.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, lambda *_: self.ask()) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    @contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """Let something be ended while a block runs.

        Parameters
        ----------
        end
            Called from another thread; at once if all is to end already.
        """
        with self._lock:
            self._ends.append(end)
        try:
            if self.asked:
                end()
            yield
        finally:
            with self._lock:
                self._ends.remove(end)
