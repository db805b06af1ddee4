"""Recorded calls: their arguments become fixtures, and the function is called on those."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .call_copies import Unstorable
from .call_fixtures import CannotStoreError, Fixtures
from .call_outcome import outcome, same
from .call_replay import SECONDS, Late, Replay, replay
from .call_sample import kind_of
from .call_targets import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .call_candidates import Candidate, Given
    from .call_masks import Masks
    from .call_own import Own

# Twice the same, to see that it gives the same, and once with other random numbers.
_SEEDS = (0, 0, 1)


class Attempt:
    """A call, or the calls of an object's methods, on fixtures.

    Attributes
    ----------
    lines
        Lines of the function, or class, that ran.
    said
        As `RecordedCall` of nbrefine has it.
    """

    def __init__(self, said: dict[str, Any], lines: set[int], folder: str) -> None:
        self.said, self.lines, self._folder = said, lines, folder

    def drop(self) -> None:
        """Remove its files."""
        for file in self.said["files"]:
            os.unlink(os.path.join(self._folder, file))


class Stored:
    """A call whose arguments are fixtures.

    Attributes
    ----------
    method
        Name of the method; empty for a function.
    start
        What the names of its fixtures start with.
    given
        The arguments, and for each the value as `Fixtures.put` says it.
    masked
        What of them is made up.
    """

    def __init__(self, method: str, start: str) -> None:
        self.method = method
        self.start = start + (f"_{method.strip('_')}" if method else "")
        self.given: list[tuple[Given, dict[str, Any]]] = []
        self.masked: list[str] = []


class Made:
    """A call that was made again: what it came to, its arguments after and before, its object."""

    def __init__(self, own: Any) -> None:
        self.own = own
        self.after: dict[str, Any] = {}
        self.before: dict[str, Any] = {}
        self.came = Replay()


class Attempts:
    """Makes records of calls.

    Parameters
    ----------
    folder
        For the fixtures.
    own
        The notebook's own functions and classes: what they give is what is expected.
    masks
        For what looks personal.
    """

    def __init__(self, folder: str, own: Own, masks: Masks) -> None:
        self._folder, self._own, self._masks = folder, own, masks
        self._targets = own.targets

    def make(self, name: str, calls: Sequence[Candidate], number: int) -> Attempt:
        """Store what calls were given, and call again, on what was stored.

        Parameters
        ----------
        name
            Of the function or class.
        calls
            One of a function; of a class those of an object, first to last.
        number
            Tells the files of this attempt from those of others.

        Raises
        ------
        CannotStoreError
            If no test can be made of them; the message says why.
        """
        own = {plain_name(each): self._targets.value(each) for each in self._targets.names}
        fixtures = Fixtures(self._folder, own)
        try:
            stored = [self._stored(call, f"{name}_{number}", fixtures) for call in calls]
            sampled = [call.rows for call in calls if call.rows]
            rows = max(sampled, key=lambda each: each[1], default=None)
            outcomes, first, other = self._rounds(name, stored, fixtures, sampled=rows is not None)
            said = {
                "function": name,
                "calls": outcomes,
                "masked": sorted({label for call in stored for label in call.masked}),
                "seeded": not _alike(first, other),
                "rows": rows,
            }
            said["files"], said["imports"] = list(fixtures.files), sorted(fixtures.imports)
        except BaseException:
            for file in fixtures.files:
                os.unlink(os.path.join(self._folder, file))
            raise
        return Attempt(said, {line for made in first for line in made.came.lines}, self._folder)

    def _stored(self, call: Candidate, start: str, fixtures: Fixtures) -> Stored:
        if call.disturbs:
            raise CannotStoreError(call.disturbs)
        stored = Stored(call.method, start)
        for place, given in enumerate(call.given):
            if isinstance(given.value, Unstorable):
                raise CannotStoreError(f"`{given.name}` {given.value.reason}")
            value, masked = self._masks.masked(given.name, given.value)
            if hasattr(value, "__dict__") and not kind_of(value) and self._masks.inside(value):
                raise CannotStoreError(f"`{given.name}` holds what looks personal")
            stored.masked += masked
            label = f"more{place}" if given.name == "*" else given.name
            stored.given.append((given, fixtures.put(value, f"{stored.start}_{label}")))
        return stored

    def _rounds(
        self, name: str, calls: Sequence[Stored], fixtures: Fixtures, *, sampled: bool
    ) -> tuple[list[dict[str, Any]], list[Made], list[Made]]:
        """Make all calls again and again: what the first round came to, that, and another."""
        now: list[Made] = []
        if self._own.has(name):
            now += self._round(name, calls, fixtures, _SEEDS[0], moved=True)
        said: list[dict[str, Any]] = []
        first: list[Made] = []
        for call, made in zip(calls, self._round(name, calls, fixtures, _SEEDS[0])):
            if len(first) < len(now):
                _returned(made.came, now[len(first)].came)
            # At once: what an object holds, the next call may change.
            said.append(_said(call, made, fixtures, sampled=sampled))
            first.append(made)
        again, other = ([*self._round(name, calls, fixtures, seed)] for seed in _SEEDS[1:])
        for later in (again, other):
            for made, there in zip(later, now):
                _returned(made.came, there.came)
        if not _alike(first, again):
            raise CannotStoreError("it gives something else each time")
        if self._own.has(name):
            if not _alike(first, now, more=True):
                raise CannotStoreError("the notebook's own gives something else")
            for made, there in zip(first, now):
                made.came.lines = there.came.lines
        return said, first, other

    def _round(
        self,
        name: str,
        calls: Sequence[Stored],
        fixtures: Fixtures,
        seed: int,
        *,
        moved: bool = False,
    ) -> Iterator[Made]:
        """Make all calls once, up to one that fails: of the notebook's own, or of the moved."""
        source = self._targets if moved else self._own
        function = source.value(name)
        _forget(function)
        constructs = calls[0].method == "__init__"
        own = function() if isinstance(function, type) and not constructs else None
        # What a constructor takes instead of finding it, the notebook's methods find.
        globals_: dict[str, Any] = {}
        for call in calls:
            method = call.method if call.method != "__init__" else ""
            called = getattr(own, method) if method else function
            made = Made(own)
            positional, named = [], {}
            for place, (given, item) in enumerate(call.given):
                value = fixtures.get(item["expression"])
                key = f"*{place}" if given.name == "*" else given.name
                made.after[key], made.before[key] = value, fixtures.get(item["expression"])
                if given.was_global or (not moved and self._own.was_global(name, given.name)):
                    globals_[given.name] = value
                elif given.keyword:
                    named[given.name] = value
                else:
                    positional.append(value)
            made.came = replay(called, positional, named, (source.space, globals_, seed))
            if made.came.disturbs:
                raise CannotStoreError(made.came.disturbs)
            if call.method == "__init__":
                own = made.own = made.came.result
            yield made
            if made.came.error is not None:
                break


def _forget(function: Any) -> None:
    clear = getattr(function, "cache_clear", None)
    if callable(clear):
        clear()


def _said(call: Stored, made: Made, fixtures: Fixtures, *, sampled: bool) -> dict[str, Any]:
    error = made.came.error
    if isinstance(error, Late):
        raise CannotStoreError(f"it takes more than {SECONDS} seconds")
    if error is not None:
        where = "on the rows that were kept " if sampled else ""
        raise CannotStoreError(f"{where}it raises {type(error).__name__}: {error}")
    came: dict[str, Any] = {"printed": made.came.printed}
    if call.method != "__init__":
        came = outcome(made.came, made.after, made.before, fixtures, (call.start, made.own))
    return {
        "method": call.method,
        "arguments": [
            {
                "name": given.name,
                "value": item,
                "was_global": given.was_global,
                "keyword": given.keyword,
            }
            for given, item in call.given
        ],
        "outcome": came,
    }


def _returned(own: Replay, moved: Replay) -> None:
    """Let what the notebook's own bound anew be its result, where the moved one returns that."""
    if own.result is None and moved.result is not None and len(own.rebound) == 1:
        (own.result,) = own.rebound.values()


def _alike(one: Sequence[Made], two: Sequence[Made], *, more: bool = False) -> bool:
    """Whether two rounds came to the same; objects of the second may hold more."""
    return len(one) == len(two) and all(
        made.came.printed == other.came.printed
        and type(made.came.error) is type(other.came.error)
        and len(made.came.figures) == len(other.came.figures)
        and same(made.came.result, other.came.result)
        and _learnt(made.own, other.own, more=more)
        and same(list(made.after.values()), list(other.after.values()))
        for made, other in zip(one, two)
    )


def _learnt(one: Any, other: Any, *, more: bool) -> bool:
    """Whether what two objects hold is equal, so far as it can be compared."""
    if not hasattr(one, "__dict__") or isinstance(one, type):
        return True
    held, there = vars(one), getattr(other, "__dict__", {})
    names = held.keys() <= there.keys() if more else list(held) == list(there)
    return names and all(same(held[key], there[key]) for key in held)
