"""Compare pickles by the objects that they describe, without making these.

Two pickles of equal objects differ where two names stand for one text in the one and for two
equal texts in the other, as after a model was stored and loaded. Here what is called to make an
object stays a name with its arguments, so that nothing is imported and no code of a file runs.
"""

from __future__ import annotations

import io
import math
import pickle
import re
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["is_pickle", "same_pickles"]

_PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)
_BROKEN = (
    pickle.UnpicklingError,
    *(ArithmeticError, AttributeError, EOFError, LookupError, RecursionError, TypeError),
    *(ValueError, MemoryError),
)


def is_pickle(content: bytes) -> bool:
    """Tell whether bytes begin as a pickle does."""
    return len(content) > 1 and content[0] == pickle.PROTO[0] and content[1] in _PROTOCOLS


def same_pickles(old: bytes, new: bytes) -> bool:
    """Tell whether two files hold pickles of the same.

    Parameters
    ----------
    old, new
        Each holds one pickle or several, of `pickle` or of `joblib`.

    Returns
    -------
    bool
        False also where one cannot be read. Which objects are one object does not count, numbers
        and arrays are compared bit by bit.
    """
    try:
        return _same(list(_read(old)), list(_read(new)))
    except _BROKEN:
        return False


class _Made:
    """Something that a pickle makes by calling what a symbol stands for."""

    called: ClassVar[tuple[str, str]] = ("", "")
    parts: list[object]

    def __new__(cls, *given: object, **named: object) -> Self:
        """Keep what it is made of."""
        made = super().__new__(cls)
        made.parts = [_without_padding(given), named]
        return made

    def __init__(self, *given: object, **named: object) -> None:
        """Take what the class or function would."""

    def __call__(self, *given: object, **named: object) -> _Made:
        """Return what something that was made gives where it is called."""
        return _Made(self, *given, **named)

    def __setstate__(self, state: object) -> None:
        """Keep what an object would be set to."""
        self.parts.append(_without_padding(state) if isinstance(state, tuple) else state)

    def __setitem__(self, key: object, value: object) -> None:
        """Take what a dict would."""
        self.parts.append([key, value])

    def append(self, value: object) -> None:
        """Take what a list would."""
        self.parts.append(value)

    def extend(self, values: Iterable[object]) -> None:
        """Take what a list would."""
        self.parts.extend(values)

    def add(self, value: object) -> None:
        """Take what a set would."""
        self.parts.append(value)


# The unpickler in C could not stop where `joblib` writes the bytes of an array.
_InPython = pickle._Unpickler  # noqa: SLF001
_HOW: dict[int, Callable[[Any], None]] = {**_InPython.dispatch}


class _Reader(_InPython):
    """Reads a pickle into symbols, their arguments and plain values."""

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {**_HOW}
    stack: list[Any]

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.file = file
        self.symbols: dict[tuple[str, str], type] = {}

    def find_class(self, module: str, name: str) -> type:
        """Return what stands for a class or a function."""
        key = (module, name)
        if key not in self.symbols:
            self.symbols[key] = type("_Symbol", (_Made,), {"called": key})
        return self.symbols[key]

    def persistent_load(self, pid: object) -> object:
        """Return what stands for something outside of the pickle."""
        return ("persistent", pid)

    def build(self) -> None:
        """Set a state; the bytes of an array come right after its description."""
        _HOW[pickle.BUILD[0]](self)
        made = self.stack[-1]
        called = getattr(type(made), "called", ("", ""))
        if called[0].startswith("joblib.") and called[1] == "NumpyArrayWrapper":
            made.parts.append(_array(made.parts[-1], self.file))

    dispatch[pickle.BUILD[0]] = build


def _read(content: bytes) -> Iterator[object]:
    file = io.BytesIO(content)
    while file.tell() < len(content):
        yield _Reader(file).load()


def _array(described: dict[str, Any], file: io.BytesIO) -> object:
    """Read an array's bytes; one of objects is a pickle in the pickle."""
    dtype = described["dtype"]
    if str(dtype.parts[0][0]).startswith("O"):
        return _Reader(file).load()
    if described.get("numpy_array_alignment_bytes") is not None:
        file.read(file.read(1)[0])
    raw = file.read(math.prod(described["shape"]) * _size(dtype))
    return _without_padding((dtype, raw))


def _size(dtype: Any) -> int:  # noqa: ANN401  (a symbol)
    """Return the bytes of one element of a dtype such as ``f8``."""
    kind = str(dtype.parts[0][0])
    size = re.search(r"\d+\Z", kind)
    if size is None:
        raise ValueError(f"{kind} says no size")
    # A character takes four bytes.
    return int(size[0]) * (4 if kind.startswith("U") else 1)


def _without_padding(parts: tuple[object, ...]) -> list[object]:
    """Return parts of an array in which the bytes between its fields, which mean nothing, are gone.

    Trees of scikit-learn have such fields.
    """
    dtypes = [each for each in parts if getattr(type(each), "called", None) == ("numpy", "dtype")]
    fields = _fields(dtypes[0]) if dtypes else ()
    if not fields:
        return list(parts)
    one = _size(dtypes[0])
    return [
        [
            b"".join(bytes(each[at : at + size]) for at in range(start, len(each), one))
            for start, size in fields
        ]
        if isinstance(each, (bytes, bytearray))
        else each
        for each in parts
    ]


def _fields(dtype: Any) -> list[tuple[int, int]]:  # noqa: ANN401  (a symbol)
    """Return where the fields of a dtype begin in an element, and their sizes."""
    state = dtype.parts[2] if len(dtype.parts) > 2 else ()  # noqa: PLR2004  (arguments come first)
    fields = [each for each in state if isinstance(each, dict)]
    return [(field[1], _size(field[0])) for field in fields[0].values()] if fields else []


def _same(old: object, new: object) -> bool:
    pending, seen = [(old, new)], set()
    while pending:
        pair = pending.pop()
        # Nothing is made anew for a pair: what was seen is known by where it is in memory.
        places = (id(pair[0]), id(pair[1]))
        if places in seen:
            continue
        if isinstance(pair[0], (_Made, list, tuple, dict)):
            seen.add(places)
        inside = _inside(*pair)
        if inside is None:
            return False
        pending += inside
    return True


def _inside(  # noqa: PLR0911 - one a case
    old: object, new: object
) -> list[tuple[object, object]] | None:
    """Return what has to be the same for two things to be; None if they are not."""
    if isinstance(old, type) and isinstance(new, type):
        return [] if getattr(old, "called", old) == getattr(new, "called", new) else None
    if isinstance(old, _Made) and isinstance(new, _Made):
        return [(type(old), type(new)), (old.parts, new.parts)]
    if type(old) is not type(new):
        return None
    if isinstance(old, dict) and isinstance(new, dict) and len(old) == len(new):
        return [*zip(old, new, strict=True), *zip(old.values(), new.values(), strict=True)]
    if isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)) and len(old) == len(new):
        return [*zip(old, new, strict=True)]
    if isinstance(old, float) and isinstance(new, float):
        return [] if old.hex() == new.hex() else None
    return [] if old == new else None
