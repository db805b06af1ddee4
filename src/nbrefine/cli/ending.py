"""A command that is told to end tidies up first, as it does on Ctrl-C."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def tidy_end() -> Iterator[None]:
    """Let ``kill``, or a closed terminal, raise `KeyboardInterrupt` for the time of a block.

    So temporary folders go, and the kernels in them.
    """
    before = {each: signal.signal(each, signal.default_int_handler) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
