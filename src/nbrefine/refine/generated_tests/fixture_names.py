"""Names of fixtures: equal ones are one file, and no number stands where it tells nothing apart."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.refine.generated_tests.calls import Argument, Call, RecordedCall, Value


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
    by_content: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    renamed = {}
    for old, content in files.items():
        suffix = old[old.rfind(".") :]
        key = hashlib.sha256(content).hexdigest(), suffix
        if key not in by_content:
            stem = re.sub(r"_\d+_", "_", old.removesuffix(suffix), count=1)
            new, number = stem + suffix, 1
            while new in taken:
                number += 1
                new = f"{stem}_{number}{suffix}"
            taken.add(new)
            by_content[key] = new
        renamed[old] = by_content[key]
    return renamed


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
