"""Runs ``nbrefine`` and kills it at a named point: ``killed_at.py POINT NTH WHEN ARGUMENT...``."""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def kill_at(point: str, nth: int, when: str) -> None:
    """Let this process be killed before or after the nth call of a function.

    Parameters
    ----------
    point
        ``module:function`` or ``module:Class.method``.
    nth
        Which call, from 1.
    when
        ``before`` or ``after``.
    """
    module, _, path = point.partition(":")
    owner: Any = importlib.import_module(module)
    *parts, name = path.split(".")
    for part in parts:
        owner = getattr(owner, part)
    original: Callable[..., Any] = getattr(owner, name)
    calls = 0

    @functools.wraps(original)
    def counted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        nonlocal calls
        calls += 1
        last = calls == nth
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, counted)


if __name__ == "__main__":
    kill_at(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    sys.argv = ["nbrefine", *sys.argv[4:]]
    importlib.import_module("nbrefine.cli.main").main()
