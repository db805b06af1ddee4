"""Compare the variables and files that a build leaves with those that the notebook left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.compare.values import ValueVerdict, compare_values
from nbrefine.compare.verdict import Verdict
from nbrefine.refine.proof import ItemProof

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.recording.facts import ValueFacts
    from nbrefine.refine.case import Case


def judge_variables(case: Case) -> tuple[ItemProof, ...]:
    """Compare each name that the notebook ends with.

    Parameters
    ----------
    case
        What to judge from.

    Returns
    -------
    tuple of ItemProof
        In the order of the names. A name is looked for at the end of the step with the cell
        that wrote it last; a step with later cells that holds it too has to agree.
    """
    writers = {
        name: record.origin
        for record in case.recording.cells
        for name in record.bound | record.changed
    }
    last = _last_origins(case)
    found = []
    for name, facts in sorted(case.recording.final.items()):
        origin = writers.get(name)
        holders = _holders(case, name, origin, last)
        judged = _judge(case, name, facts, holders, varies=origin in case.recording.varying)
        verdict = judged.verdict
        if verdict.fails and case.superseded(holders):
            verdict = Verdict.SUPERSEDED
        found.append(ItemProof(name, holders[0] if holders else "", verdict, judged.message))
    return tuple(found)


def _last_origins(case: Case) -> Mapping[str, int]:
    """Say for each step which of the original's cells is its last."""
    last: dict[str, int] = dict.fromkeys(case.runs, -1)
    for origin, places in case.places.items():
        for place in places:
            last[place.step] = max(last[place.step], origin)
    return last


def _holders(case: Case, name: str, origin: int | None, last: Mapping[str, int]) -> list[str]:
    """List the steps in which a name has its final value: the one that writes it, then later ones.

    Of a name that no cell was seen to write, every step that holds it is asked.
    """
    holding = [step for step, run in case.runs.items() if name in (run.values or {})]
    if origin is None:
        return holding
    places = case.places.get(origin, [])
    if not places:
        return []
    step = places[0].step
    return [step, *(other for other in holding if last[other] > last[step])]


def _judge(
    case: Case, name: str, facts: ValueFacts, holders: list[str], *, varies: bool
) -> ValueVerdict:
    """Compare one name in all the steps that have to agree; the worst verdict counts."""
    if all(run.values is None for run in case.runs.values()):
        return ValueVerdict(Verdict.NOT_COMPARED, "variables are seen only while building")
    if not holders:
        return ValueVerdict(Verdict.MISSING, "no step that ran has it")
    reruns = [final.get(name) for final in case.recording.rerun_finals]
    judged = []
    for step in holders:
        new = (case.runs[step].values or {}).get(name)
        verdict = compare_values(facts, new, reruns, varies=varies)
        if verdict.verdict.fails and step != holders[0]:
            verdict = ValueVerdict(verdict.verdict, f"in step {step}, {verdict.message}")
        judged.append(verdict)
    # Where something unseen changed it, it is not known which step has to: one will do.
    choose = min if name in case.recording.unseen else max
    return choose(judged, key=lambda each: list(Verdict).index(each.verdict))


def judge_files(case: Case, root: Path) -> tuple[ItemProof, ...]:
    """Look for each file that the notebook wrote.

    Parameters
    ----------
    case
        What to judge from.
    root
        Where the pipeline was built.

    Returns
    -------
    tuple of ItemProof
        By path.
    """
    paths = sorted({path for record in case.recording.cells for path in record.files_written})
    return tuple(_judge_file(Path(path), root, edited=case.superseded(())) for path in paths)


def _judge_file(path: Path, root: Path, *, edited: bool) -> ItemProof:
    """Find a file by the longest end of its path that there is in the project."""
    ends = (Path(*path.parts[start:]) for start in range(1, len(path.parts)))
    found = next((end for end in ends if (root / end).is_file()), None)
    if found is None:
        verdict = Verdict.SUPERSEDED if edited else Verdict.MISSING
        return ItemProof(path.name, "", verdict, "the build did not write it")
    return ItemProof(found.as_posix(), "", Verdict.NOT_COMPARED, "its content was not recorded")
