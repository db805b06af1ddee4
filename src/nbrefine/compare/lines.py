"""Compare texts line by line, and leave out what varied when the original itself was run again."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from nbrefine.compare.tokens import Line, compare_tokens, without_space
from nbrefine.compare.verdict import Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class LineDifference:
    """One line that is not equal; `expected` or `actual` is None where there is no such line."""

    verdict: Verdict
    index: int
    expected: str | None
    actual: str | None
    only_space: bool = False


@dataclass(frozen=True)
class _Varying:
    """What of a text is not the same in the original's own runs.

    Parameters
    ----------
    everything
        Its runs do not even agree in the number of lines.
    lines
        Lines that vary as a whole.
    tokens
        By line, the positions (space left out) of what varies in it.
    """

    everything: bool = False
    lines: frozenset[int] = frozenset()
    tokens: dict[int, frozenset[int]] = field(default_factory=dict)


def compare_lines(
    expected: Sequence[Line],
    actual: Sequence[Line],
    alternatives: Sequence[Sequence[Line]] = (),
) -> list[LineDifference]:
    """Compare two texts.

    Parameters
    ----------
    expected, actual
        What was and what is, from `nbrefine.compare.tokens.to_lines`.
    alternatives
        The same text in other runs of the original: where these disagree with `expected`,
        a difference is nondeterministic.

    Returns
    -------
    list of LineDifference
        In the order of the lines; empty if all is equal.
    """
    if expected == actual:
        return []
    varying = _find_varying(expected, alternatives)
    found = []
    for index, (old, new) in enumerate(zip_longest(expected, actual)):
        if old == new:
            continue
        verdict, only_space = _compare_line(index, old, new, varying)
        before, after = (None if line is None else "".join(line) for line in (old, new))
        found.append(LineDifference(verdict, index, before, after, only_space))
    return _excuse_space(found)


def _compare_line(
    index: int, old: Line | None, new: Line | None, varying: _Varying
) -> tuple[Verdict, bool]:
    """Judge two unequal lines, and say whether they differ in white space alone."""
    if varying.everything or index in varying.lines:
        return Verdict.NONDETERMINISTIC, False
    if old is None or new is None:
        return Verdict.DIFFERENT, False
    old, new = without_space(old), without_space(new)
    if old == new:
        return Verdict.DIFFERENT, True
    if len(old) != len(new):
        return Verdict.DIFFERENT, False
    free = varying.tokens.get(index, frozenset())
    return worst(
        Verdict.NONDETERMINISTIC if position in free and a != b else compare_tokens(a, b)
        for position, (a, b) in enumerate(zip(old, new, strict=True))
    ), False


def _find_varying(expected: Sequence[Line], alternatives: Sequence[Sequence[Line]]) -> _Varying:
    """Find where the original's own runs disagree."""
    if any(len(other) != len(expected) for other in alternatives):
        return _Varying(everything=True)
    lines: set[int] = set()
    tokens: dict[int, frozenset[int]] = {}
    for index, line in enumerate(expected):
        others = [other[index] for other in alternatives if other[index] != line]
        if not others:
            continue
        bare = without_space(line)
        rest = [without_space(other) for other in others]
        if any(len(other) != len(bare) for other in rest):
            lines.add(index)
        else:
            tokens[index] = frozenset(
                position
                for position, token in enumerate(bare)
                if any(other[position] != token for other in rest)
            )
    return _Varying(lines=frozenset(lines), tokens=tokens)


def _excuse_space(found: list[LineDifference]) -> list[LineDifference]:
    """Let white space differ in a text in which numbers of another width are within tolerance."""
    judged = worst(item.verdict for item in found if not item.only_space)
    if judged not in (Verdict.WITHIN_TOLERANCE, Verdict.NONDETERMINISTIC):
        return found
    return [
        LineDifference(judged, item.index, item.expected, item.actual, only_space=True)
        if item.only_space
        else item
        for item in found
    ]
