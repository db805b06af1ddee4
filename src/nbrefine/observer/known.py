"""Digests of objects that nobody can change, known again while they live."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from .walk import Walk

_KNOWN: dict[int, tuple[bytes, int, Any]] = {}
"""By address: digest, size, and the object itself (weakly)."""


def once(walk: Walk, value: Any, look: Callable[[Walk, Any], bytes]) -> bytes:
    """Return the digest of an object that cannot be changed, looking at it the first time only.

    Parameters
    ----------
    walk
        The walk that this is a part of.
    value
        The object.
    look
        Makes its digest.
    """
    address = id(value)
    known = _KNOWN.get(address)
    if known is not None and known[2]() is value:
        walk.size += known[1]
        return known[0]
    before, state = walk.size, (walk.sampled, walk.opaque)
    digest = look(walk, value)
    if state == (walk.sampled, walk.opaque):
        gone = weakref.ref(value, lambda _: _KNOWN.pop(address, None))
        _KNOWN[address] = (digest, walk.size - before, gone)
    return digest
