"""Compare what each cell of the notebook showed with what it shows in the steps of a build."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nbrefine.compare.outputs import cell_warnings, compare_outputs
from nbrefine.compare.stderr import compare_warnings
from nbrefine.compare.verdict import Difference, Verdict, worst
from nbrefine.recording.facts import Basis
from nbrefine.refine.prove.case import origin_of
from nbrefine.refine.prove.held_frames import tolerate_memory, tolerate_warnings
from nbrefine.refine.prove.proof import CellProof

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbrefine.compare.stderr import Warned
    from nbrefine.recording.facts import CellRecord
    from nbrefine.refine.prove.case import Case

# Where warnings of cells that refine added are kept: they can stand for the original's.
_ADDED = -1


def judge_cells(case: Case) -> tuple[CellProof, ...]:
    """Compare each cell of the original with what the steps showed.

    Parameters
    ----------
    case
        What to judge from.

    Returns
    -------
    tuple of CellProof
        One for each cell of the original.
    """
    warned = _judge_warnings(case)
    return tuple(
        _judge_cell(case, record, warned.get(record.origin, ())) for record in case.recording.cells
    )


def _judge_cell(case: Case, record: CellRecord, warned: Sequence[Difference]) -> CellProof:
    """Compare one cell, wherever it stands."""
    origin = record.origin
    places = case.places.get(origin, [])
    differences = [*_differences(case, record), *warned]
    verdict = worst(difference.verdict for difference in differences)
    if verdict.fails and case.superseded(place.step for place in places):
        verdict = Verdict.SUPERSEDED
    first = places[0] if places else None
    # What the build alone has shown to vary, such as a warning, has no cause in the recording.
    late = case.chance.get(origin, "") if verdict is Verdict.NONDETERMINISTIC else ""
    return CellProof(
        origin,
        first.step if first else "",
        verdict,
        tuple(differences),
        case.recording.causes.get(origin, late),
        first.source if first else "",
        record.outputs,
        first.outputs if first else (),
    )


def _differences(case: Case, record: CellRecord) -> Iterator[Difference]:
    """Find where the outputs of a cell differ from what was recorded."""
    places = case.places.get(record.origin, [])
    if not places:
        yield Difference(Verdict.MISSING, "cell", None, "is in no step that ran")
    reruns = [run[record.origin] for run in case.recording.reruns if record.origin < len(run)]
    compare = partial(compare_outputs, varies=record.origin in case.chance, folders=case.alike)
    for place in places:
        if not place.ran:
            yield Difference(Verdict.MISSING, "cell", None, f"was not run in step {place.step}")
            continue
        if case.recording.basis is Basis.NONE:
            yield Difference(Verdict.NOT_COMPARED, "cell", None, "the notebook was not run")
            continue
        yield from tolerate_memory(compare, record.outputs, place.outputs, reruns).differences


def _judge_warnings(case: Case) -> dict[int, list[Difference]]:
    """Compare the warnings over the whole notebook."""
    recording = case.recording
    if recording.basis is Basis.NONE:
        return {}
    expected = {cell.origin: cell_warnings(cell.outputs, case.alike) for cell in recording.cells}
    reruns = [
        {origin: cell_warnings(outputs, case.alike) for origin, outputs in enumerate(run)}
        for run in recording.reruns
    ]
    judged = compare_warnings(expected, _warnings_shown(case), reruns)
    judged.pop(_ADDED, None)
    found = {origin: tolerate_warnings(each) for origin, each in judged.items()}
    for origin in case.chance.keys() & found.keys():
        found[origin] = [
            replace(difference, verdict=Verdict.NONDETERMINISTIC) for difference in found[origin]
        ]
    return found


def _warnings_shown(case: Case) -> Mapping[int, tuple[Warned, ...]]:
    """Collect the warnings of all code cells, those that refine added among them."""
    warned: dict[int, tuple[Warned, ...]] = defaultdict(tuple)
    for run in case.runs.values():
        for cell in run.cells:
            if cell.get("cell_type") == "code":
                origin = origin_of(cell)
                key = _ADDED if origin is None else origin
                warned[key] += cell_warnings(cell.get("outputs", ()), case.alike)
    return warned
