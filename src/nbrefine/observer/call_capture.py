"""Sees the calls of some functions while cells run, at a cost that is bounded."""

from __future__ import annotations

import ast
import contextlib
import os
import pickle
import sys
import time
import weakref
from typing import TYPE_CHECKING, Any, cast

from .call_candidates import (
    MOST_PLAIN,
    Candidate,
    Kept,
    arguments,
    candidate,
    plain_key,
    shape,
)
from .call_effects import effects
from .call_targets import plain_name

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

    from .call_learning import Learning
    from .call_targets import Targets

_EVENTS_A_CHECK = 4096
# A second of grace: short cells are watched to their end.
_GRACE_SECONDS = 1.0
# Calls that tell what an event costs; in a library's frames, of which there is more to hand over to
# the hook, it was twice as much.
_ROUNDS = 2000
_IN_LIBRARIES = 2
_MOST_OBJECTS = 8
_MOST_METHODS = 8


class Lived:
    """An object of a class that is recorded: its calls, first to last.

    Attributes
    ----------
    name
        Name of its class.
    calls
        That of the constructor, and of methods. They end where one cannot be kept.
    whole
        Whether they reach back to the object's beginning.
    """

    def __init__(self, name: str, *, whole: bool) -> None:
        self.name, self.whole = name, whole
        self.calls: list[Candidate] = []
        self.ended = False
        self.busy = False


class Capture:
    """Keeps copies of what functions are called with.

    Parameters
    ----------
    targets
        The functions and classes.
    whole
        Folder for the whole arguments of what is kept; empty if nobody wants them.
    learning
        Takes what functions learn from; None if nobody wants to know.

    Attributes
    ----------
    passed
        Seconds of the processor that the cells have taken.
    """

    def __init__(self, targets: Targets, whole: str = "", learning: Learning | None = None) -> None:
        self.targets, self._whole, self.learning = targets, whole, learning
        self.kept: dict[str, Kept] = {name: Kept() for name in targets.names}
        self.objects: list[Lived] = []
        self.given_up = False
        self._alive: dict[int, tuple[Any, Lived]] = {}
        # By id, since code is hashed by all that is in it; what has an entry is kept alive.
        self._known: dict[int, tuple[types.CodeType, tuple[str, str] | None]] = {}
        # Those of the notebook's own that are no target yet.
        self._undecided: set[int] = set()
        self._stack: list[tuple[types.FrameType, Candidate | None, Lived | None, int]] = []
        self._events = 0
        self._capturing = self._started = self.passed = 0.0
        self._cost = _event_cost(self._profile)
        self._events = 0

    def before_cell(self, info: Any) -> None:
        """Start to watch, if the cell can call what is wanted.

        Parameters
        ----------
        info
            IPython's, with the cell's text. Functions may be others than in the cell before.
        """
        for key in self._undecided:
            self._known.pop(key, None)
        self._undecided.clear()
        self._stack.clear()
        self._started = time.process_time()
        if self._may_call(getattr(info, "raw_cell", None) or ""):
            sys.setprofile(self._profile)

    def _may_call(self, text: str) -> bool:
        """Whether a cell can call what is wanted: watching a long import costs for nothing."""
        names = {plain_name(key) for key in self.targets.names}
        known = any(self.targets.value(key) is not None for key in self.targets.names)
        try:
            nodes = [*ast.walk(ast.parse(text))]
        except (SyntaxError, ValueError):  # of IPython's own
            return known or any(name in text for name in names)
        if not any(isinstance(node, ast.Call) for node in nodes):
            return False
        # Where a name is imported or defined, it has to be said once more to be called.
        return known or any(
            getattr(node, "id", getattr(node, "attr", None)) in names for node in nodes
        )

    def after_cell(self, *_: Any) -> None:
        """Stop watching."""
        sys.setprofile(None)
        self._stack.clear()
        self.passed += time.process_time() - self._started

    def _profile(self, frame: types.FrameType, event: str, _: Any) -> None:
        self._events += 1
        if event == "call":
            if frame.f_code is _IMPORTS:
                _import_unseen(frame.f_locals["name"])
            known = self._known.get(id(frame.f_code)) or self._decide(frame)
            if known[1] is not None:
                name, method = known[1]
                if self.kept[name].wants_look(is_method=bool(method)):
                    self._called(frame, name, method)
        elif event == "return" and self._stack and self._stack[-1][0] is frame:
            self._returned()
        if self._events % _EVENTS_A_CHECK == 0:
            self._check()

    def _decide(self, frame: types.FrameType) -> tuple[types.CodeType, tuple[str, str] | None]:
        started = time.process_time()
        code = frame.f_code
        found = None
        # What goes wrong here must not be the user's trouble.
        with contextlib.suppress(Exception):
            if self.targets.owns(frame.f_globals):
                found = self.targets.find(code)
                if found is None:
                    self._undecided.add(id(code))
        self._known[id(code)] = code, found
        self._capturing += time.process_time() - started
        return code, found

    def _check(self) -> None:
        """Watch no more in this cell if all that takes more than half of the cells' own time."""
        passed = self.passed + time.process_time() - self._started
        mine = self._events * self._cost + self._capturing
        if mine > _GRACE_SECONDS and mine * 3 > passed:
            self.given_up = True
            sys.setprofile(None)

    def _called(self, frame: types.FrameType, name: str, method: str) -> None:
        started = time.process_time()
        taken = None
        lived = None
        try:
            with effects.unseen():
                if any(entry[0].f_code is frame.f_code for entry in self._stack):
                    pass  # a function that calls itself says with its first call what others do
                elif method:
                    lived, taken = self._method(frame, name, method)
                else:
                    taken = self._function(frame, name)
        except Exception:
            taken = None  # what cannot be looked at is not kept, and is not the user's trouble
        self._stack.append((frame, taken, lived, effects.count))
        self._capturing += time.process_time() - started

    def _returned(self) -> None:
        _, taken, lived, count = self._stack.pop()
        if taken is not None and effects.count != count:
            taken.disturbs = effects.last
        if lived is not None:
            lived.busy = False

    def _function(self, frame: types.FrameType, name: str) -> Candidate | None:
        kept = self.kept[name]
        said = arguments(frame, is_method=False)
        if self.learning is not None:
            self.learning.take(name, said)
        read = self._read(name)
        values = [(given, value) for given, value, _ in said] + list(read.items())
        key = plain_key(values)
        if key is not None:
            if key in kept.plain or len(kept.plain) >= MOST_PLAIN:
                return None
            made = candidate("", frame, said, read, ())
            kept.plain[key] = made
            self._keep_whole(f"{name}-plain{len(kept.plain)}", "", said, read)
            return made
        if not kept.wants(shape(values)):
            return None
        made = candidate("", frame, said, read, self._constants(name, said))
        kept.large.append(made)
        self._keep_whole(f"{name}-{len(kept.large)}", "", said, read)
        return made

    def _method(
        self, frame: types.FrameType, name: str, method: str
    ) -> tuple[Lived | None, Candidate | None]:
        own = frame.f_locals.get(frame.f_code.co_varnames[0]) if frame.f_code.co_varnames else None
        key = self.targets.key_of(type(own))
        if key is None:
            return None, None
        lived = self._object(own, key, method)
        if lived is None or lived.ended or lived.busy or not lived.whole:
            return None, None
        lived.busy = True
        if len(lived.calls) >= _MOST_METHODS:
            lived.ended = True
            return lived, None
        lived.ended = True  # unless all of this goes well
        said = arguments(frame, is_method=True)
        read = self._read(name)
        made = candidate(method, frame, said, read, self._constants(name, said))
        lived.calls.append(made)
        lived.ended = False
        self._keep_whole(f"{name}-{self.objects.index(lived)}", method, said, read)
        return lived, made

    def _keep_whole(
        self, name: str, method: str, said: list[tuple[str, Any, bool]], read: dict[str, Any]
    ) -> None:
        """Write all of a call's arguments to a file, behind those of the same object."""
        if not self._whole:
            return
        content = {"method": method, "arguments": said, "globals": read}
        with (
            contextlib.suppress(Exception),  # what cannot be pickled is not measured on
            open(os.path.join(self._whole, name + ".pickle"), "ab") as file,
        ):
            file.write(pickle.dumps(content, protocol=4))

    def _object(self, own: Any, key: str, method: str) -> Lived | None:
        """Return the object that is called, if it has been followed from its beginning."""
        entry = self._alive.get(id(own))
        if entry is not None and entry[0]() is own:
            return entry[1]
        kind: Any = type(own)
        if sum(lived.name == key for lived in self.objects) >= _MOST_OBJECTS:
            return None
        whole = method == "__init__" or kind.__init__ is object.__init__
        lived = Lived(key, whole=whole)
        self._alive[id(own)] = weakref.ref(own), lived
        self.objects.append(lived)
        return lived

    def _read(self, name: str) -> dict[str, Any]:
        """Return the notebook's data that a function reads; a module's are its own matter."""
        if self.targets.names[name]:
            return {}
        names = sorted(self.targets.names_read(self.targets.value(name)))
        return {each: self.targets.space[each] for each in names}

    def _constants(self, name: str, said: list[tuple[str, Any, bool]]) -> list[Any]:
        plain = [value for _, value, _ in said if isinstance(value, (int, float, str))]
        return [*self.targets.constants(self.targets.value(name)), *plain]


def _import_unseen(module: str) -> None:
    """Import what is about to be imported: nothing is watched meanwhile, as this is in the hook."""
    # What cannot be imported raises again where it is.
    with contextlib.suppress(Exception):
        _machinery._gcd_import(module)


_machinery: Any = sys.modules["_frozen_importlib"]
_IMPORTS = _machinery._find_and_load.__code__
# A warning that a module gives on import is about the cell that imports it: Python looks behind
# the frames of its import machinery, which these are now between.
for _function in (cast("Any", Capture._profile), cast("Any", _import_unseen)):
    _function.__code__ = _function.__code__.replace(co_filename=_IMPORTS.co_filename)


def _event_cost(profile: Callable[[types.FrameType, str, Any], None]) -> float:
    """Return the seconds that an event takes, with what the interpreter itself does for it."""
    plain = _busy_seconds()
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        watched = _busy_seconds()
    finally:
        sys.setprofile(before)
    return max(watched - plain, 0.0) / (2 * _ROUNDS) * _IN_LIBRARIES


def _busy_seconds() -> float:
    """Return what some calls of built-in functions take, in a frame of usual size."""
    started = time.process_time()
    first = second = third = fourth = fifth = sixth = 0
    for number in range(_ROUNDS):
        first, second, third = second, third, first + abs(number)
        fourth, fifth, sixth = fifth, sixth, fourth
    return time.process_time() - started
