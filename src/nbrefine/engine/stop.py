"""Ends what runs: a builder that is told to stop leaves no kernel behind."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Stop:
    """Told once that all is to end, and then tells everybody who runs something."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._lock = threading.Lock()
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
