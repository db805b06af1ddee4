"""Text as words, numbers and space, so that numbers can be compared as numbers."""

from __future__ import annotations

import math
import re
from typing import TypeAlias

from nbrefine.compare.verdict import Verdict

# The same computation, with its sums taken in another order, differs in the last digits: about
# 1e-16 at a time, and 1e-9 leaves room for a million of such roundings. A difference that a
# reader of six or eight printed digits can see is never within it.
RELATIVE_TOLERANCE = 1e-9
# What should be zero comes out as 1e-17 on one run and -3e-17 on another.
ABSOLUTE_TOLERANCE = 1e-12

Line: TypeAlias = tuple[str, ...]

_NUMBER = r"(?<![\w.])[-+]?(?>(?:\d++\.?+\d*+|\.\d++)(?:[eE][-+]?\d++)?+)"
# A rule below a table's head is as long as its columns are wide: it counts as space.
_SPACE = r"\s+|[-=─━]{4,}"
_TOKEN = re.compile(rf"({_SPACE})|({_NUMBER})|(\w+|[^\w\s])")
_IS_SPACE = re.compile(rf"(?:{_SPACE})\Z")
_IS_NUMBER = re.compile(rf"{_NUMBER}\Z")


def to_lines(text: str) -> list[Line]:
    """Split a text into lines, and these into words, numbers, marks and space."""
    return [to_tokens(line) for line in text.splitlines()]


def to_tokens(line: str) -> Line:
    """Split one line; joined, the tokens are the line again."""
    return tuple(match.group() for match in _TOKEN.finditer(line))


def without_space(line: Line) -> Line:
    """Leave out white space and rules."""
    return tuple(token for token in line if not _IS_SPACE.match(token))


def compare_tokens(expected: str, actual: str) -> Verdict:
    """Compare two words or numbers.

    Whole numbers count things or name them, and have to be the same.
    """
    if expected == actual:
        return Verdict.EQUAL
    if not (_IS_NUMBER.match(expected) and _IS_NUMBER.match(actual)):
        return Verdict.DIFFERENT
    if expected.lstrip("+-").isdigit() and actual.lstrip("+-").isdigit():
        return Verdict.DIFFERENT
    close = math.isclose(
        float(expected), float(actual), rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE
    )
    return Verdict.WITHIN_TOLERANCE if close else Verdict.DIFFERENT
