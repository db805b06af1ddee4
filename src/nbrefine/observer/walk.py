"""Walks a value once: a digest of its content, and which mutable objects it reaches.

The digest is made from the inside out, each object's from those of its parts, so that it depends
on content alone: not on addresses, hash seeds, interned strings or how often a part is shared.
"""

from __future__ import annotations

import marshal
import time
from array import array
from hashlib import blake2b
from sys import getrefcount
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

SCHEME = 1
"""Number of the way in which digests are made: it goes up whenever any value gets another one."""

ATOMS = frozenset({int, float, str, bool, bytes, complex, type(None)})
MANY_PARTS = 40_000
"""Of a longer container, not all parts are looked at."""
SAMPLED_PARTS = 10_000
MOST_OBJECTS = 400_000
"""A value of more objects is opaque."""

_ENDS = frozenset({"too many objects", "ran out of time"})

_HELD_BY_US = 2
"""What ``getrefcount`` says of an object that one local name holds and nothing else."""

_CLOCK = time.perf_counter
_DUMPS = marshal.dumps

RELOCATED: list[tuple[str, str]] = []
"""Beginnings of paths that stand for others, with these: the digest is that of the others."""

Handler = Callable[["Walk", Any], bytes]


class Walk:
    """One walk over one value, and what it found.

    Parameters
    ----------
    own
        Names of the modules that are the user's: what they define is looked into.
    handler_of
        Chooses how objects of a class are walked.
    constants
        Objects by address that belong to libraries; sharing them means nothing.
    leaves
        Digest and size of arrays by address, kept from one walk to the next of the same cell.
    deadline
        When to give up, by the clock.

    Attributes
    ----------
    reached
        Addresses of the mutable objects.
    reads
        Global names that code of the user's reads.
    classes
        The user's classes of which there are instances, by name. They are not looked into.
    inside
        How many objects of libraries what is being walked is a part of.
    held
        Names of the user's functions and classes themselves, and classes of instances.
    """

    def __init__(
        self,
        own: Container[str],
        handler_of: Callable[[type], Handler],
        constants: Mapping[int, Any],
        leaves: dict[int, tuple[bytes, int, Any]],
        deadline: float,
    ) -> None:
        self.own = own
        self.constants = constants
        self.leaves = leaves
        self.size = 0
        self.sampled = False
        self.inside = 0
        self.opaque = ""
        self.reached: set[int] = set()
        self.reads: set[str] = set()
        self.classes: dict[str, type] = {}
        self.held: set[str] = set()
        self._handler_of = handler_of
        self._deadline = deadline
        self._known: dict[int, bytes] = {}
        self._kept: list[Any] = []  # keeps temporary objects alive, so that no address is reused
        self._open: dict[int, int] = {}
        self._objects = 0

    def digest(self, value: Any) -> str | None:
        """Walk a value; None if any part of it is opaque."""
        try:
            encoded = self.encode(value)
        except RecursionError:
            encoded = self._skip("nested too deeply")
        self._forget_temporary()
        return None if self.opaque else blake2b(encoded, digest_size=16).hexdigest()

    def encode(self, value: Any) -> bytes:
        """Return what stands for a value in the digest of what holds it."""
        kind = type(value)
        if kind in ATOMS:
            data = _DUMPS(_as_before(value) if RELOCATED else value, 0)
            self.size += len(data)
            return data
        address = id(value)
        if address in self._open:
            return b"up%d" % (len(self._open) - self._open[address])
        if address in self._known:
            return self._known[address]
        self._objects += 1
        if self._is_over():
            return b"?"
        self._open[address] = len(self._open)
        try:
            encoded = self._handler_of(kind)(self, value)
        finally:
            del self._open[address]
        self._known[address] = encoded
        self._kept.append(value)
        return encoded

    def reach(self, value: Any) -> None:
        """Note the object that is being walked as a mutable one."""
        address = id(value)
        if address not in self.constants:
            self.reached.add(address)

    def reach_behind(self, value: Any) -> None:
        """Note a mutable object that the one being walked is a part or view of."""
        self.reach(value)
        self._kept.append(value)

    def parts(self, tag: str, parts: Iterable[Any]) -> bytes:
        """Return the digest of an object that is made of parts, in their order."""
        return combine(tag, [self.encode(part) for part in parts])

    def sequence(self, tag: str, values: Any) -> bytes:
        """Return the digest of a list or tuple, looking at a sample of the parts if it is long."""
        if set(map(type, values)) <= ATOMS:
            return self.flat(tag, values)
        count = len(values)
        if count > MANY_PARTS:
            self.sampled = True
            step = count / SAMPLED_PARTS
            values = [values[int(i * step)] for i in range(SAMPLED_PARTS)] + [values[-1]]
        self.size += 8 * count
        return self.parts(f"{tag} {count}", values)

    def flat(self, tag: str, values: Any) -> bytes:
        """Return the digest of a sequence that holds nothing but atoms."""
        if values and set(map(type, values)) == {float}:
            data = array("d", values).tobytes()
            tag += " floats"
        else:
            data = _DUMPS(tuple(_all_as_before(values) if RELOCATED else values), 0)
        self.size += len(data)
        return combine(tag, [data])

    def mapping(self, tag: str, items: Any) -> bytes:
        """Return the digest of a dict, in its order."""
        keys, values = list(items), list(items.values())
        return combine(tag, [self.sequence("keys", keys), self.sequence("values", values)])

    def unordered(self, tag: str, values: Iterable[Any]) -> bytes:
        """Return the digest of a set, in no order."""
        return combine(tag, sorted(self.encode(value) for value in values))

    def give_opaque(self, why: str) -> bytes:
        """Mark the whole value as opaque, and walk on."""
        self.opaque = self.opaque or why
        return b"?"

    def _is_over(self) -> bool:
        """Tell whether the value is too much to be walked to its end."""
        if self._objects > MOST_OBJECTS:
            self.opaque = "too many objects"
        elif not self._objects % 128 and _CLOCK() > self._deadline:
            self.opaque = "ran out of time"
        return self.opaque in _ENDS

    def _skip(self, why: str) -> bytes:
        self.opaque = why
        return b"?"

    def _forget_temporary(self) -> None:
        """Leave out what existed for the walk alone, such as the state that pickling would take.

        Parts were kept before what holds them, so that the last of each is freed first.
        """
        while self._kept:
            value = self._kept.pop()
            address = id(value)
            if getrefcount(value) == _HELD_BY_US + (address in self.leaves):
                self.reached.discard(address)
                self.leaves.pop(address, None)


def _as_before(value: Any) -> Any:
    """Return the path that one stands for; other values as they are."""
    for new, old in RELOCATED if type(value) is str else ():
        if value == new or value.startswith(f"{new}/"):
            return old + value[len(new) :]
    return value


def _all_as_before(values: Any) -> list[Any]:
    """Return a sequence of atoms with such paths; it may be the parts of one, as of a `Path`."""
    for new, old in RELOCATED:
        parts = new.split("/")
        if list(values[: len(parts)]) == parts:
            return [*old.split("/"), *values[len(parts) :]]
    return [_as_before(value) for value in values]


def combine(tag: str, encoded: list[bytes]) -> bytes:
    """Return one digest of several, each told from its neighbours by its length."""
    hasher = blake2b(tag.encode("utf-8", "surrogatepass"), digest_size=16)
    hasher.update(b"\0")
    hasher.update(b"".join([b"%d:%b" % (len(part), part) for part in encoded]))
    return hasher.digest()


def groups_sharing(reached: dict[str, set[int]]) -> list[frozenset[str]]:
    """Return the largest groups of names that reach one and the same object."""
    holders: dict[int, set[str]] = {}
    for name, addresses in reached.items():
        for address in addresses:
            holders.setdefault(address, set()).add(name)
    groups = {frozenset(names) for names in holders.values() if len(names) > 1}
    return sorted(
        (group for group in groups if not any(group < other for other in groups)), key=sorted
    )
