"""What ``-p NAME=VALUES`` says: a list of values, typed as in YAML, and ranges of numbers."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import yaml

from nbrefine.errors import SweepError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"{_NUMBER}:{_NUMBER}(?::{_NUMBER})?\Z")
_FLOAT = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)[eE][-+]?\d+\Z")
_RANGE_TAG, _FLOAT_TAG = "!range", "tag:yaml.org,2002:float"
_FIRST = "-+.0123456789"
_MOST = 10_000
_FORM = "Write it like -p depth=3,5,7 or -p depth=3:7:2, from 3 to 7 by 2."


class _Range(str):
    """What was written for a range."""

    __slots__ = ()


class _Loader(yaml.SafeLoader):
    """Reads values as YAML 1.2 does, where that of 1.1 takes 1e-3 for a text and 3:7 for a time."""


_Loader.yaml_implicit_resolvers = {
    first: [
        *([(_RANGE_TAG, _RANGE), (_FLOAT_TAG, _FLOAT)] if first and first in _FIRST else []),
        *known,
    ]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _range(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> _Range:
    return _Range(loader.construct_scalar(node))


_Loader.add_constructor(_RANGE_TAG, _range)


def values_of(said: Iterable[str]) -> dict[str, tuple[object, ...]]:
    """Read all that was said with ``-p``.

    Parameters
    ----------
    said
        Texts such as ``learning_rate=0.05,0.1`` and ``depth=3:7:2``.

    Returns
    -------
    dict
        Values by parameter; none twice.

    Raises
    ------
    SweepError
        If one of them cannot be followed, or a parameter is named twice.
    """
    found: dict[str, tuple[object, ...]] = {}
    for text in said:
        name, values = _values(text)
        if name in found:
            raise SweepError(f"The parameter {name!r} is given twice.", hint=_FORM)
        found[name] = values
    return found


def as_written(value: object) -> str:
    """Return a value as text that says its type too, as JSON does."""
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)


def _values(text: str) -> tuple[str, tuple[object, ...]]:
    name, equals, said = text.partition("=")
    name, said = name.strip(), said.strip()
    if not equals or not name.isidentifier():
        raise SweepError(f"{text!r} does not say which values a parameter takes.", hint=_FORM)
    if not said or said.startswith(",") or said.endswith(",") or said in {"[]", "{}"}:
        raise SweepError(f"The list of values of {name!r} is empty, or has a gap.", hint=_FORM)
    try:
        read = yaml.load(f"[{said}]", _Loader)  # noqa: S506  (a loader that is safe)
    except (yaml.YAMLError, ValueError) as error:
        problem = getattr(error, "problem", None) or str(error)
        message = f"The values of {name!r} are not YAML: {problem}."
        raise SweepError(message, hint=_FORM) from None
    values = {as_written(value): value for each in read for value in _spread(name, each)}
    return name, tuple(values.values())


def _spread(name: str, value: object) -> Iterator[object]:
    if isinstance(value, _Range):
        yield from _numbers(name, value)
    else:
        yield value


def _numbers(name: str, text: str) -> Iterator[int | float]:
    """Give the numbers of a range, both ends included; decimal, so that 0.1 stays 0.1."""
    try:
        start, stop, *steps = (Decimal(part) for part in text.split(":"))
        step = steps[0] if steps else Decimal(1)
        count = int((stop - start) / step) + 1 if step else 0
        # Integer division goes towards zero, so that a range of the wrong direction has one left.
        if (stop - start) * step < 0:
            count = 0
    except (InvalidOperation, OverflowError):
        count = 0
    if not 0 < count <= _MOST:
        why = f"has {count} numbers" if count > 0 else "has no numbers"
        raise SweepError(f"The range {text} of {name!r} {why}.", hint=_FORM)
    whole = all(re.fullmatch(r"[-+]?\d+", part) for part in text.split(":"))
    for index in range(count):
        number = start + index * step
        yield int(number) if whole else float(number)
