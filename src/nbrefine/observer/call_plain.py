"""The state that libraries are in where nobody has set anything: that of a test."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def plain_state() -> Iterator[None]:
    """Reset options that change what is printed, drawn or returned; put them back afterwards."""
    with contextlib.ExitStack() as stack:
        for enter in (_pandas, _numpy, _matplotlib):
            stack.enter_context(enter())
        yield


@contextlib.contextmanager
def _pandas() -> Iterator[None]:
    pandas: Any = sys.modules.get("pandas")
    config: Any = sys.modules.get("pandas._config.config")
    registered = getattr(config, "_registered_options", None)
    if pandas is None or not registered:
        yield
        return
    # Options that are deprecated warn when they are set, and nothing depends on them.
    changed = {
        key: value
        for key, option in registered.items()
        if (
            value := config._get_option(key)
            if hasattr(config, "_get_option")
            else pandas.get_option(key)
        )
        != option.defval
    }
    for key in changed:
        pandas.set_option(key, registered[key].defval)
    try:
        yield
    finally:
        for key, value in changed.items():
            pandas.set_option(key, value)


@contextlib.contextmanager
def _numpy() -> Iterator[None]:
    numpy: Any = sys.modules.get("numpy")
    if numpy is None:
        yield
        return
    plain = {"precision": 8, "threshold": 1000, "edgeitems": 3, "linewidth": 75}
    rest = {"suppress": False, "nanstr": "nan", "infstr": "inf", "formatter": None}
    with (
        numpy.printoptions(**plain, **rest),
        numpy.errstate(divide="warn", over="warn", under="ignore", invalid="warn"),
    ):
        yield


@contextlib.contextmanager
def _matplotlib() -> Iterator[None]:
    matplotlib: Any = sys.modules.get("matplotlib")
    if matplotlib is None or not hasattr(matplotlib, "rc_context"):
        yield
        return
    with matplotlib.rc_context():
        backend = {"backend", "backend_fallback", "interactive", "toolbar"}
        plain = {
            key: value for key, value in matplotlib.rcParamsDefault.items() if key not in backend
        }
        matplotlib.rcParams.update(plain)
        yield
