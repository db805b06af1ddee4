"""Knows the columns of a frame again that nobody can have written to since.

With copy-on-write, pandas writes into a block of columns in place only if no other frame shares
it. So a second holder of the blocks is kept, which shows nothing and costs nothing: a block that
is still the same array has the same content, and one that was written to is another array.
"""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from .walk import Walk

_SMALL_BYTES = 1 << 16
"""Columns of smaller frames are looked at each time."""

_COPY_ON_WRITE = 3
"""Release of pandas since which it cannot be turned off."""

_HELD: dict[int, tuple[Any, Any, dict[tuple[int, int], tuple[bytes, int]]]] = {}
"""By a frame's address: itself (weakly), the second holder of its blocks, what is known of them."""

BACK_DOORS = frozenset({"array", "_values", "_mgr", "_data", "_ndarray", "setflags", "writeable"})
"""Words of code that can write into a frame's columns behind copy-on-write's back."""


def forget() -> None:
    """Know no column again."""
    _HELD.clear()


def columns(walk: Walk, frame: Any, look: Callable[[Walk, Any], bytes]) -> list[bytes]:
    """Return the digest of each column of a frame.

    Parameters
    ----------
    walk
        The walk that this is a part of.
    frame
        A frame of pandas.
    look
        Makes the digest of one column.
    """
    manager = frame._mgr
    places = range(frame.shape[1])
    if not _is_held(frame):
        return [look(walk, manager.iget_values(place)) for place in places]
    address = id(frame)
    held = _HELD.get(address)
    known = held[2] if held is not None and held[0]() is frame else {}
    found: dict[tuple[int, int], tuple[bytes, int]] = {}
    digests = []
    blocks, blknos, blklocs = manager.blocks, manager.blknos.tolist(), manager.blklocs.tolist()
    for place in places:
        key = (id(blocks[blknos[place]].values), blklocs[place])
        if key in known:
            digest, size = known[key]
            walk.size += size
        else:
            before = walk.size
            digest = look(walk, manager.iget_values(place))
            size = walk.size - before
        if blocks[blknos[place]].values.dtype != object:  # what objects hold is not pandas' own
            found[key] = (digest, size)
        digests.append(digest)
    gone = weakref.ref(frame, lambda _: _HELD.pop(address, None))
    if not (walk.opaque or walk.sampled):
        # The copy has views of the arrays: without the arrays themselves their addresses, by which
        # they are known, could become those of others.
        second = (manager.copy(deep=False), [block.values for block in blocks])
        _HELD[address] = (gone, second, found)
    return digests


def _is_held(frame: Any) -> bool:
    """Tell whether a frame is worth it, and its columns are safe from being written to."""
    version = str(sys.modules["pandas"].__version__).partition(".")[0]
    return (
        version.isdigit()
        and int(version) >= _COPY_ON_WRITE
        and len(frame.index) * len(frame.columns) * 8 > _SMALL_BYTES
    )
