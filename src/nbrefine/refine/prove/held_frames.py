"""What pandas says of how a frame is held, not of what is in it.

A frame that was filtered, or in which rows were looked up, takes some bytes more than the same
frame when it is read from a file: spare ends of its buffers, the table of its index. It is a slice
of another frame, and may be in many pieces; one that was stored is neither.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nbrefine.compare.verdict import CellVerdict, Difference, Verdict
from nbrefine.notebook.json_texts import map_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Outputs = Sequence[Mapping[str, Any]]

_WARNINGS = (
    "SettingWithCopyWarning: ",  # before pandas 3
    "PerformanceWarning: DataFrame is highly fragmented.",
)
_USAGE = re.compile(r"^(memory usage: )[\d.]+(\+?) (?:bytes|[KMGTP]B)$", re.MULTILINE)


def tolerate_memory(
    compare: Callable[[Outputs, Outputs, Sequence[Outputs]], CellVerdict],
    expected: Outputs,
    actual: Outputs,
    runs: Sequence[Outputs],
) -> CellVerdict:
    """Compare outputs; where only the memory of frames differs, that is within tolerance.

    Parameters
    ----------
    compare
        What compares.
    expected, actual
        Outputs of a cell.
    runs
        Its outputs in other runs.

    Returns
    -------
    CellVerdict
        With a difference that says so, if memory is what differs.
    """
    found = compare(expected, actual, runs)
    if not found.verdict.fails:
        return found
    sides = _without_numbers(expected), _without_numbers(actual)
    if sides == (expected, actual):
        return found
    rest = compare(*sides, [_without_numbers(run) for run in runs])
    if len(rest.differences) == len(found.differences):
        return found
    said = Difference(
        Verdict.WITHIN_TOLERANCE,
        "stdout",
        None,
        "the memory that a frame takes is another: it is held otherwise after it was stored",
    )
    return CellVerdict.of([*rest.differences, said])


def tolerate_warnings(differences: Iterable[Difference]) -> list[Difference]:
    """Return differences; a warning that is gone, of frames that are held so, is within tolerance.

    Parameters
    ----------
    differences
        Of warnings.
    """
    return [
        replace(
            each,
            verdict=Verdict.WITHIN_TOLERANCE,
            message=f"{each.message}: it is about how a frame was held before it was stored",
        )
        if each.verdict.fails and each.expected.startswith(_WARNINGS)
        else each
        for each in differences
    ]


def _without_numbers(outputs: Outputs) -> Outputs:
    changed: Outputs = map_texts(outputs, partial(_USAGE.sub, r"\1…\2"))
    return changed
