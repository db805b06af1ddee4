"""Watches a notebook's functions, and at its end makes records of their calls."""

from __future__ import annotations

import inspect
import json
import math
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from .call_attempt import Attempt, Attempts
from .call_capture import Capture
from .call_choose import chosen, spread
from .call_effects import WRITERS, effects
from .call_fixtures import CannotStoreError
from .call_learning import Learning
from .call_masks import Masks
from .call_own import Own
from .call_targets import Targets, codes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .call_candidates import Candidate

_MOST_PLAIN = 12
_MOST_LARGE = 3
# How long calls of one function may be tried again, and those of all where the cells took less.
_SECONDS = 30
_LEAST_SECONDS = 10


class Recorder:
    """Makes records of one function after the other.

    Parameters
    ----------
    capture
        What was seen.
    folder
        For the fixtures.
    own
        The notebook's own functions and classes.
    masks
        For what looks personal.
    """

    def __init__(self, capture: Capture, folder: str, own: Own, masks: Masks) -> None:
        self._capture, self._targets, self._own = capture, capture.targets, own
        self._attempts = Attempts(folder, own, masks)
        self._until = math.inf

    def all(self) -> dict[str, Any]:
        """Return the records of all functions, and the reasons of those that have none."""
        recorded: list[dict[str, Any]] = []
        missed: list[dict[str, str]] = []
        self._own.define()
        # More than one call of each only while all this takes no longer than the notebook did.
        self._until = time.perf_counter() + max(_LEAST_SECONDS, self._capture.passed)
        for name in self._targets.names:
            try:
                recorded += self._of(name)
            except CannotStoreError as error:  # noqa: PERF203  (each on its own)
                missed.append({"function": name, "reason": str(error)})
            except Exception as error:
                reason = f"recording it failed ({type(error).__name__}: {error})"
                missed.append({"function": name, "reason": reason})
        learning = self._capture.learning
        learnt = learning.proved() if learning is not None else {}
        return {"recorded": recorded, "missed": missed, "learnt": learnt}

    def _of(self, name: str) -> list[dict[str, Any]]:
        value = self._targets.value(name)
        if value is None:
            raise CannotStoreError("nothing has its name when the notebook ends")
        if name in self._own.failed:
            raise CannotStoreError(
                f"the notebook's own cannot be defined: {self._own.failed[name]}"
            )
        if self._targets.names_used(value) & WRITERS:
            raise CannotStoreError("it writes files")
        now = {id(code) for _, code in codes(value)}
        many, few = self._options(name, value, now)
        attempts = self._tried(name, [*few, *many])
        kept = chosen(attempts, _MOST_PLAIN if many else _MOST_LARGE)
        for each in attempts:
            if each not in kept:
                each.drop()
        first = _first_line(value)
        return [
            {**each.said, "lines": sorted(line - first + 1 for line in each.lines)} for each in kept
        ]

    def _tried(self, name: str, options: Sequence[list[Candidate]]) -> list[Attempt]:
        attempts: list[Attempt] = []
        reasons: list[str] = []
        until = min(time.perf_counter() + _SECONDS, self._until)
        for number, calls in enumerate(options, 1):
            if number == 1 or time.perf_counter() < until:
                try:
                    attempts.append(self._attempts.make(name, calls, number))
                except CannotStoreError as error:
                    reasons.append(str(error))
        if not attempts:
            raise CannotStoreError(reasons[0] if reasons else self._never())
        return attempts

    def _options(
        self, name: str, value: Any, now: set[int]
    ) -> tuple[list[list[Candidate]], list[list[Candidate]]]:
        """Return sequences of calls that may be recorded: the plain ones, and the others."""
        if isinstance(value, type):
            lived = [
                each.calls
                for each in self._capture.objects
                if each.name == name and each.whole and each.calls
            ]
            lived = [calls for calls in lived if all(id(call.code) in now for call in calls)]
            return [], sorted(lived, key=len, reverse=True)[: 2 * _MOST_LARGE]
        kept = self._capture.kept[name]
        plain = [each for each in kept.plain.values() if id(each.code) in now]
        constants = self._targets.constants(value)
        large = [[each] for each in kept.large if id(each.code) in now]
        return [[each] for each in spread(plain, constants)], large

    def _never(self) -> str:
        if self._capture.given_up:
            return "no call of it was seen, and some cells call too much to be watched to their end"
        return "the notebook never calls it"


def _first_line(value: Any) -> int:
    try:
        return inspect.getsourcelines(inspect.unwrap(value))[1]
    except (OSError, TypeError):
        return min((code.co_firstlineno for _, code in codes(value)), default=1)


_recorder: Recorder | None = None
_folder = ""


def start(
    definitions: Mapping[str, Mapping[str, Any]],
    folder: str,
    secrets: Sequence[str] = (),
    whole: str = "",
) -> None:
    """Watch the calls of functions from the next cell on.

    Parameters
    ----------
    definitions
        The functions and classes by name; for each the ``module`` that has it, empty if the
        notebook defines it, the ``source`` that the notebook had, if it is known, as
        ``arguments`` the notebook's names that became arguments, and as ``learns`` the ``name``
        and ``source`` of the transformer that learns what it takes from all rows, if there is one.
    folder
        Where the records are to go.
    secrets
        Environment variables that hold credentials: their values get into no fixture.
    whole
        Folder for the whole arguments, as pickles; empty if nobody wants them.
    """
    global _recorder, _folder  # noqa: PLW0603  (there is one in a kernel)
    shell: Any = sys.modules["IPython"].get_ipython()
    _folder = folder
    targets = Targets({name: said["module"] for name, said in definitions.items()}, shell.user_ns)
    sources = {name: said["source"] for name, said in definitions.items() if said.get("source")}
    arguments = {name: said.get("arguments", []) for name, said in definitions.items()}
    learns = {name: said["learns"] for name, said in definitions.items() if said.get("learns")}
    learning = Learning(learns, targets, os.path.join(folder, "learning")) if learns else None
    capture = Capture(targets, whole, learning)
    own = Own(targets, sources, arguments)
    masks = Masks([os.environ[name] for name in secrets if os.environ.get(name)])
    _recorder = Recorder(capture, os.path.join(folder, "fixtures"), own, masks)
    effects.watch()
    shell.events.register("pre_run_cell", capture.before_cell)
    shell.events.register("post_run_cell", capture.after_cell)


def finish() -> None:
    """Make the records; the notebook's session is of no use afterwards."""
    if _recorder is None:
        return
    said = _recorder.all()
    path = os.path.join(_folder, "calls.json")
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(said, file)
    os.replace(path + ".part", path)
