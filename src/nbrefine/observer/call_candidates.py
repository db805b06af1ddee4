"""What a function was called with: copies, taken at the call, of the few calls worth keeping."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from .call_literals import literal
from .call_sample import kind_of, sample

if TYPE_CHECKING:
    import types
    from collections.abc import Sequence

_LONGEST_KEY = 200
MOST_PLAIN = 2000
_ALL_OF_THE_FIRST = 500
_MOST_LARGE = 6
_MOST_OF_A_SHAPE = 3


class Given:
    """One argument, or one of the notebook's names that a function reads.

    Attributes
    ----------
    name
        The parameter's; ``*`` for further positional ones.
    value
        A copy.
    keyword
        Whether a test may pass it by name.
    was_global
        Whether it is one of the notebook's names.
    """

    def __init__(self, name: str, value: Any, *, keyword: bool, was_global: bool = False) -> None:
        self.name, self.value = name, value
        self.keyword, self.was_global = keyword, was_global


class Candidate:
    """A call that may become a test.

    Attributes
    ----------
    method
        Name of the method; empty for a function.
    code
        The code that ran.
    given
        Copies of what it was called with.
    rows
        Rows kept and rows seen, if something was sampled.
    disturbs
        What it did that a test must not do; empty if nothing.
    """

    def __init__(self, method: str, code: types.CodeType, given: list[Given]) -> None:
        self.method, self.code, self.given = method, code, given
        self.rows: tuple[int, int] | None = None
        self.disturbs = ""


class Kept:
    """The candidates of one function, as many as are worth it."""

    def __init__(self) -> None:
        self.seen = 0
        self.plain: dict[Any, Candidate] = {}
        self.large: list[Candidate] = []
        self._shapes: dict[Any, int] = {}

    def wants_look(self, *, is_method: bool) -> bool:
        """Whether the next call is to be looked at: all of the first, then fewer and fewer.

        Of methods none: what happened to an object in between would be missing.
        """
        self.seen += 1
        if self.seen <= _ALL_OF_THE_FIRST:
            return True
        return not is_method and self.seen % (self.seen // 100) == 0

    def wants(self, key: Any) -> bool:
        """Whether a call of this shape is wanted, which is then counted."""
        count = self._shapes.get(key, 0)
        if count >= _MOST_OF_A_SHAPE or (count and len(self.large) >= _MOST_LARGE):
            return False
        self._shapes[key] = count + 1
        return len(self.large) < 2 * _MOST_LARGE


def arguments(frame: types.FrameType, *, is_method: bool) -> list[tuple[str, Any, bool]]:
    """Return the name of each argument of a call that begins, its value, and whether by name."""
    code = frame.f_code
    found = frame.f_locals
    count = code.co_argcount
    names = list(code.co_varnames[:count])
    positional_only = set(names[: code.co_posonlyargcount])
    only_named = list(code.co_varnames[count : count + code.co_kwonlyargcount])
    count += code.co_kwonlyargcount
    further: Sequence[Any] = ()
    if code.co_flags & inspect.CO_VARARGS:
        further = found.get(code.co_varnames[count], ())
        count += 1
    more = found.get(code.co_varnames[count], {}) if code.co_flags & inspect.CO_VARKEYWORDS else {}
    if is_method:
        names = names[1:]
    said = [
        (name, found[name], not further and name not in positional_only)
        for name in names
        if name in found
    ]
    said += [("*", value, False) for value in further]
    said += [(name, found[name], True) for name in only_named if name in found]
    return said + [(name, value, True) for name, value in more.items()]


def plain_key(values: Sequence[tuple[str, Any]]) -> Any:
    """Return what identifies a call whose arguments are all short literals; else None."""
    parts = []
    for name, value in values:
        if kind_of(value) or (type(value) in (list, tuple, dict) and len(value) > _LONGEST_KEY):
            return None
        text = literal(value)
        if text is None or len(text) > _LONGEST_KEY:
            return None
        parts.append((name, text))
    return tuple(parts)


def shape(values: Sequence[tuple[str, Any]]) -> Any:
    """Return what calls have in common of which a few are enough."""
    parts: list[Any] = []
    for name, value in values:
        kind = kind_of(value)
        if kind == "frame":
            parts.append((name, kind, tuple(map(str, value.columns))))
        elif kind:
            parts.append((name, kind, str(getattr(value, "dtype", "")), str(_label(value))))
        else:
            known = plain_key([(name, value)])
            parts.append(known or (name, type(value).__name__))
    return tuple(parts)


def _label(value: Any) -> Any:
    return getattr(value, "name", None)


def candidate(
    method: str,
    frame: types.FrameType,
    said: Sequence[tuple[str, Any, bool]],
    read: dict[str, Any],
    constants: Sequence[Any],
) -> Candidate:
    """Copy what a call was given.

    Parameters
    ----------
    method
        Name of the method, or nothing.
    frame
        The call's frame.
    said
        Its arguments, as `arguments` returns them.
    read
        The notebook's data that it reads.
    constants
        Numbers and texts in its code.
    """
    values: dict[Any, Any] = {
        ("argument", number): value for number, (_, value, _) in enumerate(said)
    }
    # A long list that is a setting of the notebook has to stay whole.
    tables: dict[Any, Any] = {
        ("global", name): value for name, value in read.items() if kind_of(value)
    }
    whole: dict[Any, Any] = {
        ("global", name): [value] for name, value in read.items() if not kind_of(value)
    }
    copies, rows = sample({**values, **tables, **whole}, constants)
    given = [
        Given(name, copies["argument", number], keyword=keyword)
        for number, (name, _, keyword) in enumerate(said)
    ]
    for name, value in read.items():
        copy = copies["global", name]
        copy = copy if kind_of(value) else copy[0] if isinstance(copy, list) else copy
        given.append(Given(name, copy, keyword=True, was_global=True))
    made = Candidate(method, frame.f_code, given)
    made.rows = rows
    return made
