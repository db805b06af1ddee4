"""Calls a function of the notebook on fixtures, and undoes what it does to the session."""

from __future__ import annotations

import contextlib
import dis
import inspect
import io
import os
import random
import signal
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

from .call_effects import Forbidden, effects
from .call_plain import plain_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SECONDS = 10
"""Longest that a call may take to be worth a unit test."""


class Late(BaseException):
    """A replay took too long; no `except Exception` of the user's may catch it."""


class Replay:
    """What a replayed call came to.

    Attributes
    ----------
    result, error
        What it returned, or raised.
    printed
        What it wrote to the standard output.
    figures
        The figures that it made.
    lines
        Lines of the file of the function that ran.
    rebound
        The notebook's names that it bound anew, by ``global``, and their values.
    disturbs
        What it was about to do outside of its own process; empty if nothing.
    """

    def __init__(self) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self.printed = ""
        self.figures: list[Any] = []
        self.lines: set[int] = set()
        self.rebound: dict[str, Any] = {}
        self.disturbs = ""


def replay(
    function: Any,
    positional: Sequence[Any],
    named: Mapping[str, Any],
    surroundings: tuple[dict[str, Any], Mapping[str, Any], int],
) -> Replay:
    """Call a function, and put everything back.

    Parameters
    ----------
    function, positional, named
        What to call, and with what.
    surroundings
        The notebook's names, those of them that get other values for this call, and what to seed
        the random generators with.
    """
    names, globals_, seed = surroundings
    done = Replay()
    with _kept(names, globals_), _kept_random(seed), plain_state(), _kept_figures(done), _bounded():
        out = io.StringIO()
        before = effects.count
        effects.forbid()
        try:
            with (
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(io.StringIO()),
                _traced(function, done.lines),
            ):
                done.result = function(*positional, **named)
        except (Exception, SystemExit, Late, Forbidden) as error:
            done.error = error
        finally:
            effects.allow()
        done.rebound = {name: names.get(name) for name in _global_stores(function)}
        done.disturbs = effects.last if effects.count != before else ""
        done.printed = out.getvalue()
    return done


def _global_stores(function: Any) -> set[str]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    instructions = dis.get_instructions(code) if code is not None else ()
    return {each.argval for each in instructions if each.opname == "STORE_GLOBAL"}


@contextlib.contextmanager
def _kept(names: dict[str, Any], globals_: Mapping[str, Any]) -> Iterator[None]:
    """Bind names for a while; afterwards every name is bound as before."""
    before, folder = dict(names), os.getcwd()
    environment = dict(os.environ)
    names.update(globals_)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name in [name for name in names if name not in before]:
            del names[name]
        names.update(before)
        os.chdir(folder)
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)


@contextlib.contextmanager
def _kept_random(seed: int) -> Iterator[None]:
    numpy = sys.modules.get("numpy")
    state = random.getstate()
    states = numpy.random.get_state() if numpy is not None else None
    random.seed(seed)
    if numpy is not None:
        numpy.random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
        if numpy is not None:
            numpy.random.set_state(states)


@contextlib.contextmanager
def _kept_figures(done: Replay) -> Iterator[None]:
    """Keep figures from being shown, note the new ones, and close them."""
    plt: Any = sys.modules.get("matplotlib.pyplot")
    if plt is None:
        yield
        return
    show = plt.show
    manager = plt._pylab_helpers.Gcf
    current = list(manager.figs.items())
    # A figure of an earlier cell that a function draws into belongs to that cell.
    manager.figs.clear()
    plt.show = lambda *_, **__: None
    try:
        yield
    finally:
        done.figures = [plt.figure(number) for number in plt.get_fignums()]
        plt.show = show
        manager.figs.clear()
        manager.figs.update(current)


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """Give up after some seconds, where the system can interrupt."""
    able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not able:
        yield
        return

    def late(*_: Any) -> None:
        raise Late

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _traced(function: Any, lines: set[int]) -> Iterator[None]:
    """Note which lines of the function's file run."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    file = code.co_filename if code is not None else None
    before = sys.gettrace()

    def local(frame: Any, event: str, _: Any) -> Any:
        if event == "line":
            lines.add(frame.f_lineno)
        return local

    def trace(frame: Any, _: str, __: Any) -> Any:
        return local if frame.f_code.co_filename == file else None

    if file is not None:
        sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
