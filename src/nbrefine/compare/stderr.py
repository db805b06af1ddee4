"""Warnings among what a notebook writes to stderr: a process shows each only once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.compare.normalise import normalise
from nbrefine.compare.tokens import compare_tokens, to_tokens, without_space
from nbrefine.compare.verdict import Difference, Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# path/to/module.py:12: FutureWarning: what it says
_HEADER = re.compile(
    r"^(?P<file>\S.*?):\d+: (?P<category>\w*(?:Warning|Category)): (?P<message>.*)$"
)
# Below it stands the line of code, indented by two.
_SOURCE = re.compile(r"^  \S")


@dataclass(frozen=True)
class Warned:
    """A warning, whatever file and line it was shown for.

    Parameters
    ----------
    category
        Such as ``FutureWarning``.
    message
        What it says, normalised.
    """

    category: str
    message: str

    def __str__(self) -> str:
        """Render as Python does, without the place."""
        return f"{self.category}: {self.message}"


def split_warnings(text: str, folders: Sequence[str] = ()) -> tuple[tuple[Warned, ...], str]:
    """Take the warnings out of what was written to stderr.

    Parameters
    ----------
    text
        The stream.
    folders
        As in `nbrefine.compare.normalise.normalise`.

    Returns
    -------
    tuple
        The warnings in order, and the rest of the text.
    """
    warned: list[Warned] = []
    rest: list[str] = []
    lines = text.split("\n")
    while lines:
        line = lines.pop(0)
        if not (header := _HEADER.match(line)):
            rest.append(line)
            continue
        message = [header["message"]]
        # The message goes on up to the line of code, if that is shown at all.
        until = next((i for i, line in enumerate(lines) if _SOURCE.match(line)), None)
        following = next((i for i, line in enumerate(lines) if _HEADER.match(line)), len(lines))
        if until is not None and until < following:
            message += lines[:until]
            del lines[: until + 1]
        warned.append(Warned(header["category"], normalise("\n".join(message), folders)))
    return tuple(warned), "\n".join(rest)


def compare_warnings(
    expected: Mapping[int, Iterable[Warned]],
    actual: Mapping[int, Iterable[Warned]],
    alternatives: Sequence[Mapping[int, Iterable[Warned]]] = (),
) -> dict[int, list[Difference]]:
    """Compare the warnings of two runs of a notebook, as sets.

    A process shows a warning once for each place, and a pipeline has many processes: so where
    a warning is repeated or missing in a cell says nothing, as long as some cell shows it.

    Parameters
    ----------
    expected, actual
        The warnings of each cell, by its origin.
    alternatives
        Other runs of the original.

    Returns
    -------
    dict of int to list of Difference
        By origin: where a warning stood that no cell shows, or stands that no cell showed.
    """
    before, after = _first_cells(expected), _first_cells(actual)
    others = [_first_cells(run) for run in alternatives]
    found: dict[int, list[Difference]] = {}
    for old, new, gone in ((before, after, True), (after, before, False)):
        for warned, origin in old.items():
            verdict = _find(warned, new)
            if verdict is Verdict.EQUAL:
                continue
            if verdict is Verdict.DIFFERENT and _unsteady(warned, before, others):
                verdict = Verdict.NONDETERMINISTIC
            elif verdict is Verdict.WITHIN_TOLERANCE and not gone:
                continue  # said already, from the other side
            text = str(warned)
            found.setdefault(origin, []).append(
                Difference(
                    verdict,
                    "warning",
                    None,
                    f"the warning {'is not shown any more' if gone else 'is new'}",
                    expected=text if gone else "",
                    actual="" if gone else text,
                )
            )
    return found


def _first_cells(cells: Mapping[int, Iterable[Warned]]) -> dict[Warned, int]:
    """Say for each warning which cell shows it first."""
    pairs: Iterator[tuple[Warned, int]] = (
        (warned, origin) for origin in sorted(cells, reverse=True) for warned in cells[origin]
    )
    return dict(pairs)


def _find(warned: Warned, among: Iterable[Warned]) -> Verdict:
    """Say how the nearest of some warnings compares."""
    if warned in (among := tuple(among)):
        return Verdict.EQUAL
    verdicts = [_compare(warned, other) for other in among if other.category == warned.category]
    return min(verdicts, key=list(Verdict).index, default=Verdict.DIFFERENT)


def _compare(one: Warned, other: Warned) -> Verdict:
    """Compare two messages, their numbers as numbers."""
    old, new = (without_space(to_tokens(item.message)) for item in (one, other))
    if len(old) != len(new):
        return Verdict.DIFFERENT
    return worst(map(compare_tokens, old, new))


def _unsteady(
    warned: Warned, before: Mapping[Warned, int], others: Sequence[Mapping[Warned, int]]
) -> bool:
    """Whether the original shows a warning in some of its runs only."""
    seen = [warned in run for run in (before, *others)]
    return any(seen) and not all(seen)
