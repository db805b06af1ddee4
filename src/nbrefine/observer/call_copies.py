"""Copies of arguments that nothing done to the originals reaches, made in bounded time and room."""

from __future__ import annotations

import io
import pickle
import random
import sys
import types
from typing import Any

MOST_BYTES = 2_000_000
_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), range, slice)
_CONTAINERS = (list, tuple, dict, set, frozenset)


class Unstorable:
    """Stands for a value that cannot be kept.

    Parameters
    ----------
    kind
        Name of its type.
    reason
        Why it cannot be kept.
    """

    def __init__(self, kind: str, reason: str) -> None:
        self.kind, self.reason = kind, reason


def copied(value: Any) -> Any:
    """Return a copy of a value, or `Unstorable` if that takes too much.

    Functions, classes and modules are what they are; so are axes and random generators, in whose
    place a test makes new ones.
    """
    if type(value) in _PLAIN or _stays(value):
        return value
    kind = type(value).__name__
    file = _Bounded()
    try:
        pickle.Pickler(file, protocol=4).dump(value)
        return pickle.loads(file.getvalue())  # noqa: S301  (dumped a line before)
    except _TooLargeError:
        return Unstorable(kind, f"is a {kind} of more than {MOST_BYTES // 1_000_000} MB")
    except Exception:
        return Unstorable(kind, f"is a {kind}, which cannot be copied")


def _stays(value: Any) -> bool:
    if isinstance(value, (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)):
        return True
    numpy = sys.modules.get("numpy")
    generators: tuple[Any, ...] = (random.Random,)
    if numpy is not None:
        generators = (*generators, numpy.ufunc, numpy.random.Generator, numpy.random.RandomState)
    if isinstance(value, generators):
        return True
    return type(value).__module__.startswith("matplotlib.") and hasattr(value, "set_title")


class _TooLargeError(Exception):
    """More would be written than there is room for."""


class _Bounded(io.BytesIO):
    """A file that takes only so much."""

    def write(self, data: Any) -> int:
        if self.tell() + memoryview(data).nbytes > MOST_BYTES:
            raise _TooLargeError
        return super().write(data)
