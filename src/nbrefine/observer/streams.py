"""The global random streams, and the making of generators that nobody seeded."""

from __future__ import annotations

import contextlib
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
        with contextlib.suppress(Exception):  # half loaded, or the stream was replaced
            raw = state()
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


_MOST_MADE = 1_000
"""Of more generators than that, each counts as drawn from."""


class Entropy:
    """Counts the generators of numpy that were drawn from though nobody had seeded them.

    ``default_rng()``, ``RandomState()`` and ``PCG64()`` all ask one function for entropy. So does
    ``RandomState(0)``, which seeds what it has made right afterwards, and many a library makes
    generators that it never uses: what was made is looked at again after each cell, and counts
    when it was drawn from. What a library makes while it is imported, and what is made to be
    filled by ``pickle``, does not count.
    """

    def __init__(self) -> None:
        self._asked = 0
        self._made: list[tuple[Any, str]] = []
        self._left = [
            ("bit_generator", "randbits", self._counting),
            ("mtrand", "_MT19937", self._noting),
            ("_generator", "PCG64", self._noting),
        ]

    def watch(self) -> None:
        """Start to count, as far as numpy is loaded."""
        for entry in list(self._left):
            module, name, stand_in = entry
            found: Any = sys.modules.get(f"numpy.random.{module}")
            if hasattr(found, name):
                self._left.remove(entry)
                setattr(found, name, stand_in(getattr(found, name)))

    def take(self) -> int:
        """Return how many there were since the last time."""
        count, self._asked = self._asked, 0
        kept: list[tuple[Any, str]] = []
        for bits, state in self._made:
            if getattr(bits, "_seed_seq", None) is None:  # it was seeded after all
                continue
            if repr(bits.state) == state and len(kept) < _MOST_MADE:
                kept.append((bits, state))
            else:
                count += 1
        self._made = kept
        return count

    def _counting(self, randbits: Any) -> Any:
        @functools.wraps(randbits)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self._asked += not _is_loading()
            return randbits(*args, **kwargs)

        return counted

    def _noting(self, maker: Any) -> Any:
        """Return what stands in for a class, and is one for ``isinstance`` too."""
        entropy = self

        class Meta(type):
            def __call__(cls, *args: Any, **kwargs: Any) -> Any:
                before = entropy._asked
                bits = maker(*args, **kwargs)
                if entropy._asked > before:
                    entropy._asked = before
                    entropy._made.append((bits, repr(bits.state)))
                return bits

            def __instancecheck__(cls, instance: Any) -> bool:
                return isinstance(instance, maker)

        return Meta(maker.__name__, (), {})


def _is_loading() -> bool:
    """Tell whether an import or ``pickle`` is at work."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib") or file.endswith("_pickle.py"):
            return True
        frame = frame.f_back
    return False
