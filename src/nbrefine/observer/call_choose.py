"""Chooses the few calls that say most of a function: by lines, edges and results."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .call_attempt import Attempt
    from .call_candidates import Candidate

_MOST_TRIED = 60


def spread(candidates: Sequence[Candidate], constants: Sequence[Any]) -> list[Candidate]:
    """Return calls with plain arguments that are worth a try, the most telling first.

    Parameters
    ----------
    candidates
        In the order in which they were made.
    constants
        Numbers and texts in the function's code: calls at and beside them come first.
    """
    wanted: dict[int, None] = {}
    width = max((len(each.given) for each in candidates), default=0)
    for place in range(width):
        column = [
            (each.given[place].value, index)
            for index, each in enumerate(candidates)
            if place < len(each.given)
        ]
        wanted.update(dict.fromkeys(_edges(column, constants)))
        wanted.update(dict.fromkeys(_named(column, constants)))
    count = len(candidates)
    for part in range(_MOST_TRIED if count else 0):
        wanted.setdefault(min(count - 1, part * count // _MOST_TRIED))
    return [candidates[index] for index in list(wanted)[:_MOST_TRIED]]


def _edges(column: Sequence[tuple[Any, int]], constants: Sequence[Any]) -> Iterator[int]:
    """Yield the calls whose number is at a constant or next to it, and the extreme ones."""
    numbers = [(value, index) for value, index in column if _is_number(value)]
    for constant in filter(_is_number, constants):
        for side in (0, -1, 1):
            near = [pair for pair in numbers if _side(pair[0], constant) == side]
            if near:
                yield min((abs(value - constant), index) for value, index in near)[1]
    if numbers:
        yield min(numbers)[1]
        yield max(numbers)[1]


def _named(column: Sequence[tuple[Any, int]], constants: Sequence[Any]) -> Iterator[int]:
    """Yield the first call for each text that the code names."""
    first: dict[str, int] = {}
    for value, index in column:
        if isinstance(value, str):
            first.setdefault(value, index)
    for text in constants:
        if isinstance(text, str) and text in first:
            yield first[text]


def chosen(attempts: Sequence[Attempt], most: int) -> list[Attempt]:
    """Return the attempts to keep: as long as one adds lines, then those with other results.

    Parameters
    ----------
    attempts
        The most telling first.
    most
        How many at most.
    """
    kept: list[Attempt] = []
    left = list(attempts)
    reached: set[int] = set()
    while left and len(kept) < most:
        best = max(left, key=lambda each: len(each.lines - reached))
        if not best.lines - reached:
            break
        kept.append(best)
        left.remove(best)
        reached |= best.lines
    told = {_told(each) for each in kept}
    for same_again in (False, True):
        for each in list(left):
            if len(kept) < most and (same_again or _told(each) not in told):
                kept.append(each)
                left.remove(each)
                told.add(_told(each))
    return kept


def _told(each: Attempt) -> str:
    """Return what came of an attempt, as text; results in files count by what is asked."""
    outcomes = [
        (call["outcome"].get("result") or {}).get("expression") for call in each.said["calls"]
    ]
    return repr(outcomes)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _side(value: float, constant: float) -> int:
    return (value > constant) - (value < constant)
