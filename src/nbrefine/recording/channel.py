"""What the observer reports, read while the kernel runs."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from nbrefine.kernels.session import too_long

if TYPE_CHECKING:
    from pathlib import Path

OBSERVING_SECONDS = 60.0
"""Longest that looking at what one cell did may take; then it is interrupted."""


class Channel:
    """Reads the file that the observer writes to, and keeps an eye on the clock.

    Parameters
    ----------
    path
        The file; it is made.
    timeout
        Seconds that a cell itself may take; no limit if None.
    """

    def __init__(self, path: Path, timeout: float | None = None) -> None:
        path.touch()
        self._path, self._timeout = path, timeout
        self._offset = 0
        self._phase, self._since = "", 0.0
        self._messages: list[dict[str, Any]] = []

    def overtime(self, _: float) -> str | None:
        """Tell whether what runs takes too long: the cell itself, or looking at what it did."""
        self._read()
        spent = time.monotonic() - self._since
        if self._phase == "running" and self._timeout is not None and spent > self._timeout:
            return too_long(spent)
        if self._phase == "observing" and spent > OBSERVING_SECONDS:
            return ""
        return None

    def receive(self, key: str) -> dict[str, Any]:
        """Return the newest message that has a key, and forget all older ones.

        Returns
        -------
        dict
            Empty if there is none, as when the kernel died.
        """
        self._read()
        found = [message for message in self._messages if key in message]
        self._messages.clear()
        return found[-1] if found else {}

    def _read(self) -> None:
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        complete = data[: data.rfind(b"\n") + 1]
        self._offset += len(complete)
        for line in complete.splitlines():
            message = json.loads(line)
            if "phase" in message:
                self._phase, self._since = message["phase"], time.monotonic()
            self._messages.append(message)
