"""What a function gives on everything that it was given when the notebook ran."""

from __future__ import annotations

import pickle
import types
from typing import TYPE_CHECKING, Any

from nbrefine.observer.call_outcome import axes_drawn, same
from nbrefine.observer.call_replay import Replay, replay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def load_module(name: str, text: str) -> dict[str, Any]:
    """Run a module's text, and return its names."""
    module = types.ModuleType(name)
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)  # noqa: S102  (what is measured)
    return module.__dict__


def outcomes(names: dict[str, Any], function: str, calls: Path) -> list[Any]:
    """Call a function, or an object's methods, as the notebook did.

    Parameters
    ----------
    names
        The module's.
    function
        Name of the function or class.
    calls
        The file with the whole arguments, read anew: calls may change them.

    Returns
    -------
    list
        For each call what it returned, raised, printed, drew and made of its arguments.
    """
    made: list[Any] = []
    own = None
    for call in _read(calls):
        positional = [value for _, value, by_name in call["arguments"] if not by_name]
        named = {name: value for name, value, by_name in call["arguments"] if by_name}
        method = call["method"]
        if method in {"", "__init__"}:
            called = names[function]
        else:
            own = own if own is not None else names[function]()
            called = getattr(own, method)
        done = replay(called, positional, named, (names, {}, 0))
        if method == "__init__":
            own = done.result
        made.append((_said(done), done.result, [*positional, *named.values()], _held(own)))
    return made


def _read(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as opened:
        while True:
            try:
                yield pickle.load(opened)  # noqa: S301  (the benchmark wrote it)
            except EOFError:
                return


def _said(done: Replay) -> tuple[Any, ...]:
    drawn = [[axes_drawn(axes) for axes in figure.axes] for figure in done.figures]
    return type(done.error).__name__, done.printed, repr(drawn)


def _held(own: Any) -> dict[str, Any]:  # noqa: ANN401  (any object)
    return dict(getattr(own, "__dict__", {}))


def differ(one: list[Any], two: list[Any]) -> bool:
    """Whether two lists of outcomes say different things."""
    return len(one) != len(two) or any(
        a[0] != b[0] or not all(same(x, y) for x, y in zip(a[1:], b[1:], strict=True))
        for a, b in zip(one, two, strict=True)
    )
