"""Names of fixtures: equal ones are one file, and no number stands where it tells nothing apart."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbrefine.refine.generated_tests.calls import Argument, Call, RecordedCall, Value


# A function, the number of a call, and what of it is stored.
_NUMBERED = re.compile(r"(.+?)_\d+_([^\W\d].*)", re.DOTALL)


def with_short_names(records: Iterable[RecordedCall]) -> list[RecordedCall]:
    """Rename the fixtures of recorded calls.

    Parameters
    ----------
    records
        All of a project's.
    """
    records = list(records)
    files = {name: content for record in records for name, content in record.files.items()}
    renamed = _renamed(files)
    return [_with_names(record, renamed) for record in records]


def _renamed(files: Mapping[str, bytes]) -> dict[str, str]:
    alike: dict[tuple[str, str], list[str]] = {}
    for old, content in files.items():
        suffix = old[old.rfind(".") :]
        alike.setdefault((hashlib.sha256(content).hexdigest(), suffix), []).append(old)
    taken: set[str] = set()
    renamed: dict[str, str] = {}
    for (_, suffix), names in alike.items():
        stem = _stem([each.removesuffix(suffix) for each in names])
        new, number = stem + suffix, 1
        while new in taken:
            number += 1
            new = f"{stem}_{number}{suffix}"
        taken.add(new)
        renamed |= dict.fromkeys(names, new)
    return renamed


def _stem(names: Sequence[str]) -> str:
    """Return a name for one content: what several functions take is called as they call it."""
    parted = [_NUMBERED.fullmatch(each) for each in names]
    arguments = {each[2] for each in parted if each is not None} - {"result"}
    if len({each[1] for each in parted if each is not None}) > 1 and arguments:
        # Of a method's argument the name has the method's, too.
        plain = {
            each for each in arguments if not any(each.endswith(f"_{other}") for other in arguments)
        }
        return max(plain, key=lambda each: (len(each), each))
    return _NUMBERED.sub(r"\1_\2", names[0])


def _with_names(record: RecordedCall, renamed: Mapping[str, str]) -> RecordedCall:
    files = {renamed[name]: content for name, content in record.files.items()}

    def value(old: Value | None) -> Value | None:
        return None if old is None else _value(old)

    def _value(old: Value) -> Value:
        text = re.sub(
            r'FIXTURES / "([^"]+)"',
            lambda match: f'FIXTURES / "{renamed.get(match[1], match[1])}"',
            old.expression,
        )
        return replace(old, expression=text, items=tuple(map(_value, old.items)))

    def arguments(old: tuple[Argument, ...]) -> tuple[Argument, ...]:
        return tuple(replace(each, value=_value(each.value)) for each in old)

    def call(old: Call) -> Call:
        outcome = replace(
            old.outcome,
            result=value(old.outcome.result),
            learnt=value(old.outcome.learnt),
            changed=arguments(old.outcome.changed),
        )
        return replace(old, arguments=arguments(old.arguments), outcome=outcome)

    return replace(record, files=files, calls=tuple(map(call, record.calls)))
