"""Messages on a stream of bytes: each its length, in four bytes, and its content."""

from __future__ import annotations

import struct

_LENGTH = struct.Struct("!I")


def framed(content: bytes) -> bytes:
    """Return a message as it is sent."""
    return _LENGTH.pack(len(content)) + content


class Unframed:
    """Puts messages together from the pieces in which they come."""

    def __init__(self) -> None:
        self._data = bytearray()

    def take(self, piece: bytes) -> list[bytes]:
        """Return the content of each message that is whole with the next piece."""
        self._data += piece
        begin, found = 0, []
        while len(self._data) >= begin + _LENGTH.size:
            start = begin + _LENGTH.size
            end = start + _LENGTH.unpack_from(self._data, begin)[0]
            if len(self._data) < end:
                break
            found.append(bytes(self._data[start:end]))
            begin = end
        del self._data[:begin]
        return found
