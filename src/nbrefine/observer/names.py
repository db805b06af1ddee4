"""What is known of each of the user's names, from cell to cell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from . import frames
from .describe import facts
from .kinds import handler_of
from .walk import ATOMS, Walk

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from collections.abc import Set as AbstractSet

VALUE_SECONDS, CELL_SECONDS = 5.0, 20.0
"""Longest that one value, and all values of a cell, may be looked at."""

RESTLESS = "it is different at each look"
"""Of an object that two looks differ at, with nothing between them: that tells of no change."""

_CLOCK = time.perf_counter


class Known:
    """What one walk found out about the value of a name."""

    __slots__ = ("address", "facts", "reached", "reads")

    def __init__(self, value: Any, walk: Walk, digest: str | None) -> None:
        self.address = id(value)
        self.facts = facts(value, digest, walk)
        self.reached = frozenset(walk.reached)
        self.reads = frozenset(walk.reads).union(walk.classes)


class Names:
    """Keeps what is known of each name, and looks again at those that a cell can have touched.

    Parameters
    ----------
    own
        Names of the modules that are the user's.
    """

    def __init__(self, own: Container[str]) -> None:
        self.own = own
        self.known: dict[str, Known] = {}
        self.constants: dict[int, Any] = {}
        self._slow: dict[int, Any] = {}
        self._holders: dict[int, set[str]] = {}
        self._shared: set[int] = set()

    def walk(self, value: Any, leaves: dict[int, tuple[bytes, int, Any]], deadline: float) -> Known:
        """Look at one value."""
        until = min(deadline, _CLOCK() + VALUE_SECONDS)
        walk = Walk(self.own, handler_of, self.constants, leaves, until)
        digest = None
        try:
            if id(value) in self._slow:
                walk.opaque = "ran out of time"
            else:
                digest = walk.digest(value)
        except KeyboardInterrupt:  # whoever waits for us has lost patience
            self._slow[id(value)] = value
            walk.opaque = "ran out of time"
        except Exception as error:  # code of the user's may run, and fail in any way
            walk.opaque = f"cannot be looked into ({type(error).__name__})"
        return Known(value, walk, digest)

    def look(
        self, now: Mapping[str, Any], words: AbstractSet[str]
    ) -> tuple[set[str], set[str], set[str]]:
        """Look at every name that a cell can have touched.

        Parameters
        ----------
        now
            The user's names after the cell.
        words
            All words of the cell's text: names in strings and magics are among them.

        Returns
        -------
        tuple of set
            Names bound anew, names whose content changed, names that are gone.
        """
        if self._words_behind(words) & frames.BACK_DOORS:
            frames.forget()
        leaves: dict[int, tuple[bytes, int, Any]] = {}
        deadline = _CLOCK() + CELL_SECONDS
        bound = {name for name, value in now.items() if self._is_new(name, value)}
        gone = self.known.keys() - now.keys()
        changed: set[str] = set()
        todo, seen = [*(words & (now.keys() | gone)), *bound, *gone], set(now.keys() - now.keys())
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            before = self.known.get(name)
            todo += self._beside(before)
            if name in now:
                after = self.walk(now[name], leaves, deadline)
                if before is not None and _has_moved(before, after):
                    _settle(after, self.walk(now[name], leaves, deadline))
                self._learn(name, after)
                todo += self._beside(after) | (after.reads & now.keys())
                digest = after.facts["digest"]
                if before is None or digest is None or digest != before.facts["digest"]:
                    changed.add(name)
        for name in gone:
            self._forget(name)
        return bound, changed, set(gone)

    def aliases(self) -> list[frozenset[str]]:
        """Return the largest groups of names that reach one and the same mutable object."""
        groups = {frozenset(self._holders[address]) for address in self._shared}
        return sorted((g for g in groups if not any(g < other for other in groups)), key=sorted)

    def _words_behind(self, words: AbstractSet[str]) -> set[str]:
        """Return the words of a cell, and those of the functions that it names."""
        behind = set(words)
        for name in words & self.known.keys():
            behind |= self.known[name].reads
        return behind

    def _is_new(self, name: str, value: Any) -> bool:
        before = self.known.get(name)
        return before is None or before.address != id(value)

    def _beside(self, known: Known | None) -> set[str]:
        """Return the names that share an object with one, and those that its functions read."""
        if known is None:
            return set()
        beside = set(known.reads & self.known.keys())
        for address in known.reached & self._shared:
            beside |= self._holders[address]
        return beside

    def _learn(self, name: str, known: Known) -> None:
        self._forget(name)
        self.known[name] = known
        for address in known.reached:
            holders = self._holders.setdefault(address, set())
            holders.add(name)
            if len(holders) > 1:
                self._shared.add(address)

    def _forget(self, name: str) -> None:
        known = self.known.pop(name, None)
        for address in known.reached if known is not None else ():
            holders = self._holders[address]
            holders.discard(name)
            if len(holders) < 2:  # noqa: PLR2004  (sharing takes two)
                self._shared.discard(address)
            if not holders:
                del self._holders[address]


def _has_moved(before: Known, after: Known) -> bool:
    """Tell whether one and the same object has another content than before."""
    old, new = before.facts["digest"], after.facts["digest"]
    return before.address == after.address and old is not None and new not in (None, old)


def _settle(first: Known, second: Known) -> None:
    """Take a value for opaque if a second look at it, right after the first, says otherwise."""
    if second.facts["digest"] not in (None, first.facts["digest"]):
        first.facts.update(digest=None, opaque=RESTLESS)


def same_objects(now: Mapping[str, Any]) -> list[frozenset[str]]:
    """Return the groups of names bound to the very same object, plain values left out."""
    by_address: dict[int, set[str]] = {}
    for name, value in now.items():
        if type(value) not in ATOMS:
            by_address.setdefault(id(value), set()).add(name)
    return sorted((frozenset(g) for g in by_address.values() if len(g) > 1), key=sorted)
