"""Which cells depend on chance: they draw what nobody seeded, or use what such a cell wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbrefine.compare.outputs import compare_outputs
from nbrefine.recording.causes import FOLLOWS_HASH
from nbrefine.recording.steady import SteadyNames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.recording.facts import CellRecord, Recording

_WORD = re.compile(r"[^\W\d]\w*")


def cells_of_chance(recording: Recording, sources: Mapping[int, str]) -> dict[int, str]:
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
    dict of int to str
        Their origins; of each why, as far as it is not its own doing.
    """
    steady = SteadyNames(recording.cells, (recording.final, *recording.rerun_finals))
    found: dict[int, str] = {}
    drawn: set[str] = set()
    for cell in recording.cells:
        used = drawn.intersection(_WORD.findall(sources.get(cell.origin, "")))
        varies = cell.random_unseeded or recording.causes.get(cell.origin) == FOLLOWS_HASH
        if used or varies or _varies_unseen(recording, cell):
            name = min(used, default="")
            found[cell.origin] = f"It uses `{name}`, which varies." if name and not varies else ""
            drawn |= (cell.bound | cell.changed) - steady.of(cell)
        else:
            drawn -= cell.bound
    return found


def _varies_unseen(recording: Recording, cell: CellRecord) -> bool:
    """Whether a cell is known to vary although its runs agree."""
    return cell.origin in recording.varying and not any(
        compare_outputs(cell.outputs, run[cell.origin]).verdict.fails
        for run in recording.reruns
        if cell.origin < len(run)
    )
