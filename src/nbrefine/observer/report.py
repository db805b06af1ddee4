"""The file that the observer reports to."""

from __future__ import annotations

import json
import os
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Mapping


class Channel:
    """The file that the observer reports to; what it needs is bound before the user can patch it.

    Parameters
    ----------
    path
        An existing file.
    """

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._encode: Callable[[Any], str] = json.JSONEncoder(default=_listed).encode
        self._write = os.write

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one line."""
        data = (self._encode(message) + "\n").encode()
        while data:
            data = data[self._write(self._file, data) :]


def _listed(value: Any) -> Any:
    if isinstance(value, AbstractSet):
        return sorted(value)
    return str(value)
