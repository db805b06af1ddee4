"""Text as words, numbers and space, so that numbers can be compared as numbers."""

from __future__ import annotations

import contextlib
import math
import re
from datetime import date, datetime, timedelta
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
# Dates and times are one token, however many numbers they have.
_DAY, _MONTH = (
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
)
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
_CLOCK = (
    rf"(?<![\w.])(?:\d{{4}}-\d{{2}}-\d{{2}}(?:[T ]{_TIME})?|{_DAY}, \d{{1,2}} {_MONTH} \d{{4}}"
    rf"|{_DAY} {_MONTH} [ \d]\d {_TIME} \d{{4}}|\d{{1,2}}/\d{{1,2}}/\d{{4}}|{_TIME})(?!\w)"
)
_TOKEN = re.compile(rf"({_SPACE})|({_CLOCK})|({_NUMBER})|(\w+|[^\w\s])")
_DATE_FORMATS = ("%Y-%m-%d", "%a, %d %b %Y", "%a %b %d %H:%M:%S %Y", "%m/%d/%Y", "%d/%m/%Y")
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


def is_number(token: str) -> bool:
    """Tell whether a token is a number."""
    return _IS_NUMBER.match(token) is not None


def compare_tokens(expected: str, actual: str) -> Verdict:
    """Compare two words or numbers.

    Whole numbers count things or name them, and have to be the same.
    """
    if expected == actual:
        return Verdict.EQUAL
    if _is_date(expected) and _is_today(actual):
        # Both say the day on which they ran.
        return Verdict.NONDETERMINISTIC
    if not (is_number(expected) and is_number(actual)):
        return Verdict.DIFFERENT
    if expected.lstrip("+-").isdigit() and actual.lstrip("+-").isdigit():
        return Verdict.DIFFERENT
    close = math.isclose(
        float(expected), float(actual), rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE
    )
    return Verdict.WITHIN_TOLERANCE if close else Verdict.DIFFERENT


def _is_date(token: str) -> bool:
    """Whether a token is a date, without or with a time."""
    return _dates(token) != []


def _is_today(token: str) -> bool:
    """Whether a token is the date of today, or of yesterday, when a long build began."""
    today = datetime.now().astimezone().date()
    return any(today - timedelta(days=1) <= date <= today for date in _dates(token))


def _dates(token: str) -> list[date]:
    """Return what dates a token can mean."""
    found = []
    for form in _DATE_FORMATS:
        text = token[:10] if form == "%Y-%m-%d" else token
        with contextlib.suppress(ValueError):
            found.append(datetime.strptime(text, form).date())  # noqa: DTZ007  (a day, no instant)
    return found
