"""Which cells depend on chance: they draw what nobody seeded, or use what such a cell wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbrefine.compare.outputs import compare_outputs
from nbrefine.recording.varying import FOLLOWS_HASH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbrefine.recording.facts import CellRecord, Recording

_WORD = re.compile(r"[^\W\d]\w*")
# They hold nothing that was drawn, though a cell may make them where it draws.
_STEADY_TYPES = {
    "builtins.module",
    "builtins.function",
    "builtins.type",
    "builtins.builtin_function_or_method",
}


def cells_of_chance(recording: Recording, sources: Mapping[int, str]) -> frozenset[int]:
    """Find the cells in which anything may differ, even where the runs of the original agree.

    A cell in which the runs disagree for another reason, such as a time of day that it prints, is
    not among them: there only what disagreed may differ.

    Parameters
    ----------
    recording
        The original's run, and its plain runs.
    sources
        The code of the cells, by origin. Any word in it that is a name counts as a use of it.

    Returns
    -------
    frozenset of int
        Their origins.
    """
    writers = {name: cell.origin for cell in recording.cells for name in cell.bound | cell.changed}
    found: set[int] = set()
    drawn: set[str] = set()
    for cell in recording.cells:
        used = drawn.intersection(_WORD.findall(sources.get(cell.origin, "")))
        varies = cell.random_unseeded or recording.causes.get(cell.origin) == FOLLOWS_HASH
        if used or varies or _varies_unseen(recording, cell):
            found.add(cell.origin)
            steady = set(_steady_names(recording, cell, writers))
            drawn |= (cell.bound | cell.changed) - steady
        else:
            drawn -= cell.bound
    return frozenset(found)


def _varies_unseen(recording: Recording, cell: CellRecord) -> bool:
    """Whether a cell is known to vary although its runs agree."""
    return cell.origin in recording.varying and not any(
        compare_outputs(cell.outputs, run[cell.origin]).verdict.fails
        for run in recording.reruns
        if cell.origin < len(run)
    )


def _steady_names(
    recording: Recording, cell: CellRecord, writers: Mapping[str, int]
) -> Iterator[str]:
    """Give the names that a cell writes and that hold the same in all runs."""
    for name in cell.bound | cell.changed:
        facts, final = cell.values.get(name), recording.final.get(name)
        digest = None if final is None or writers[name] != cell.origin else final.digest
        ends = [run.get(name) for run in recording.rerun_finals]
        same = [end is not None and end.digest == digest for end in ends]
        is_steady = facts is not None and facts.type in _STEADY_TYPES
        if is_steady or (digest is not None and same and all(same)):
            yield name
