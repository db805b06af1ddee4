"""The process of a kernel that a zygote has forked, in the words of ``subprocess.Popen``."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_GONE = -signal.SIGKILL
REFUSED = 86
"""Exit code of a forked kernel whose notebook needs one that is started cold."""


class WarmProcess:
    """A process whose parent is the zygote, which says when it has ended.

    Parameters
    ----------
    args
        The command that it stands for.
    pid
        Its number.
    reap
        Called when it has ended and will not be signalled any more: its number may be used again.
    """

    stdin = stdout = stderr = None
    is_orphaned = False
    """Whether the zygote ended before it."""

    def __init__(self, args: Sequence[str], pid: int, reap: Callable[[], None]) -> None:
        self.args, self.pid = args, pid
        self.returncode: int | None = None
        self._reap = reap
        self._over = threading.Event()
        # A handler of signals may come in between.
        self._lock = threading.RLock()

    def ended(self, code: int | None) -> None:
        """Note that it has ended; without a code where the zygote that knew it is gone too."""
        with self._lock:
            if self.returncode is None:
                self.is_orphaned = code is None
                self.returncode = _GONE if code is None else code
                self._reap()
        self._over.set()

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal; None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises
        ------
        TimeoutExpired
            If it has not come within `timeout` seconds.
        """
        if not self._over.wait(timeout) or self.returncode is None:
            raise subprocess.TimeoutExpired([*self.args], timeout or 0.0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        with self._lock:
            if self.returncode is None:
                os.kill(self.pid, number)

    def send_signal_to_all(self, number: int) -> None:
        """Send a signal to it and to the processes that it has started."""
        with self._lock:
            if self.returncode is None:
                os.killpg(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)
