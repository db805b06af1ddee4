"""Compares what figures show in words: axes, labels and series, the numbers within tolerance."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from nbrefine.compare.lines import compare_lines
from nbrefine.compare.screen import shown
from nbrefine.compare.tokens import to_lines
from nbrefine.compare.verdict import Difference, Verdict, worst
from nbrefine.testing.baseline import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.testing.baseline import Output

_MOST_SAID = 4
_PIECE = re.compile(r"(?<=[;,]) ")


def without_words(outputs: Sequence[Output]) -> list[Output]:
    """Return outputs without the words for their figures."""
    return [
        {**each, "data": {k: v for k, v in each["data"].items() if k != WORDS}}
        if "data" in each
        else each
        for each in outputs
    ]


def compare_figures(
    expected: Sequence[Output],
    actual: Sequence[Output],
    others: Sequence[Sequence[Output]] = (),
) -> Iterator[Difference]:
    """Compare the figures of two runs of a cell by what they show.

    Parameters
    ----------
    expected, actual
        The outputs.
    others
        Those of other runs; where these differ, a difference says nothing.

    Yields
    ------
    Difference
        One for each figure that shows something else. Where not all figures are described, or
        their number differs, their pictures alone count.
    """
    old, new = _words(expected), _words(actual)
    if len(old) != len(new):
        return
    runs = [_words(run) for run in others]
    for index, ((position, before), (_, after)) in enumerate(zip(old, new, strict=True)):
        if before != after:
            beside = [run[index][1] if len(run) == len(old) else "" for run in runs]
            difference = _compare(position, before, after, beside)
            if difference is not None:
                yield difference


def _words(outputs: Sequence[Output]) -> list[tuple[int, str]]:
    """Return the words for each figure, and its position among what is shown."""
    return [
        (index, str(item.parts[WORDS]))
        for index, item in enumerate(shown(outputs))
        if WORDS in item.parts
    ]


def _compare(position: int, old: str, new: str, others: Sequence[str]) -> Difference | None:
    found = compare_lines(to_lines(old), to_lines(new), [to_lines(other) for other in others])
    verdict = worst(line.verdict for line in found)
    if verdict is Verdict.EQUAL:
        return None
    if verdict is not Verdict.DIFFERENT:
        return Difference(verdict, WORDS, position, "numbers of its series differ slightly")
    if old.count("\n") == new.count("\n"):
        bad = [line for line in found if line.verdict is Verdict.DIFFERENT]
        said = [_became(line.expected or "", line.actual or "") for line in bad]
    else:
        said = list(_changes(old.split("\n"), new.split("\n")))
    more = [f"and {len(said) - _MOST_SAID} more changes"] if len(said) > _MOST_SAID else []
    return Difference(verdict, WORDS, position, "\n".join([*said[:_MOST_SAID], *more]))


def _changes(old: list[str], new: list[str]) -> Iterator[str]:
    """Say which lines came, went or changed."""
    for _, start, end, new_start, new_end in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        before, after = old[start:end], new[new_start:new_end]
        if before == after:
            continue
        if len(before) == len(after):
            yield from map(_became, before, after)
            continue
        yield from (f"{line} is gone" for line in before)
        yield from (f"{line} is new" for line in after)


def _became(old: str, new: str) -> str:
    """Say which parts of a line changed."""
    before, after = _PIECE.split(old), _PIECE.split(new)
    if len(before) != len(after):
        return f"{old} became {new}"
    where = before[0].partition(": ")[0]
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    said = ", ".join(
        f"{a.removeprefix(f'{where}: ').rstrip(';,')} became "
        f"{b.removeprefix(f'{where}: ').rstrip(';,')}"
        for a, b in pairs[:_MOST_SAID]
    )
    return f"{where}: {said}"
