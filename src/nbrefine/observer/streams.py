"""The global random streams, and the making of generators that nobody seeded."""

from __future__ import annotations

import functools
import marshal
import sys
from hashlib import blake2b
from typing import Any, Callable


def stream_states() -> dict[str, str]:
    """Return a digest of the state of each global random stream that is loaded.

    Returns
    -------
    dict
        By stream: ``random``, ``numpy``, ``torch``. Nothing is drawn and nothing is seeded.
    """
    states = {}
    for name, state in _READERS.items():
        try:
            raw = state()
        except Exception:  # the library is half loaded, or its stream was replaced
            continue
        if raw:
            states[name] = blake2b(raw, digest_size=16).hexdigest()
    return states


def _python() -> bytes:
    module = sys.modules.get("random")
    return marshal.dumps(module._inst.getstate(), 0) if module is not None else b""


def _numpy() -> bytes:
    module = sys.modules.get("numpy.random.mtrand")
    if module is None:
        return b""
    state = module._rand.get_state(legacy=False)
    inner = state["state"]
    rest = {key: value for key, value in state.items() if key != "state"}
    parts = [value.tobytes() if hasattr(value, "tobytes") else value for value in inner.values()]
    return repr((parts, rest)).encode()


def _torch() -> bytes:
    module = sys.modules.get("torch")
    generator = getattr(module, "default_generator", None)
    return bytes(generator.get_state().numpy().tobytes()) if generator is not None else b""


_READERS: dict[str, Callable[[], bytes]] = {"random": _python, "numpy": _numpy, "torch": _torch}


class Entropy:
    """Counts how often numpy asked the system for a seed because it was given none.

    ``default_rng()``, ``RandomState()`` and ``PCG64()`` all ask one function for it. What a
    library makes while it is imported does not count.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._ready = False

    def watch(self) -> None:
        """Start to count, as soon as numpy is loaded."""
        if self._ready:
            return
        module: Any = sys.modules.get("numpy.random.bit_generator")
        randbits = getattr(module, "randbits", None)
        if randbits is None or not hasattr(sys.modules.get("numpy.random.mtrand"), "_rand"):
            return

        @functools.wraps(randbits)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.asked += not _is_importing()
            return randbits(*args, **kwargs)

        module.randbits = counted
        self._ready = True


def _is_importing() -> bool:
    frame: Any = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
