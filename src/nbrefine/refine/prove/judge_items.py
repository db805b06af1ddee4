"""Compare the variables and files that a build leaves with those that the notebook left."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.compare.files import compare_files
from nbrefine.compare.parts import PartDifference
from nbrefine.compare.values import ValueVerdict, compare_values
from nbrefine.compare.verdict import Verdict
from nbrefine.recording.facts import Basis
from nbrefine.refine.prove.proof import ItemProof

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.recording.facts import Recording, ValueFacts, WrittenFile
    from nbrefine.refine.prove.case import Case


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
    writers = _writers(case.recording)
    last = _last_origins(case)
    found = []
    # What the observer names in angle brackets, such as the state of a module, is no variable.
    variables = {name: v for name, v in case.recording.final.items() if not name.startswith("<")}
    for name, facts in sorted(variables.items()):
        origin = writers.get(name)
        holders = _holders(case, name, origin, last)
        judged = _judge(case, name, facts, holders, varies=origin in case.chance)
        verdict = judged.verdict
        if verdict.fails and case.superseded(holders):
            verdict = Verdict.SUPERSEDED
        found.append(ItemProof(name, holders[0] if holders else "", verdict, judged.message))
    return tuple(found)


def _writers(recording: Recording) -> Mapping[str, int]:
    """Say which cell wrote each name last.

    Of an opaque value it is never known that it has changed: its last binding counts.
    """
    writers: dict[str, int] = {}
    for record in recording.cells:
        for name in record.bound | record.changed:
            facts = record.values.get(name)
            is_opaque = facts is not None and facts.digest is None
            if name in record.bound or name not in writers or not is_opaque:
                writers[name] = record.origin
    return writers


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
    later = [other for other in holding if last[other] > last[step]]
    # What became a parameter is set only in the steps that use it.
    return later if later and step not in holding else [step, *later]


def _judge(
    case: Case, name: str, facts: ValueFacts, holders: list[str], *, varies: bool
) -> ValueVerdict:
    """Compare one name in all the steps that have to agree; the worst verdict counts."""
    if all(run.values is None for run in case.runs.values()):
        return ValueVerdict(Verdict.NOT_COMPARED, "variables are seen only while building")
    if case.recording.basis is not Basis.RUN:
        return ValueVerdict(Verdict.NOT_COMPARED, facts.opaque)
    if name in case.left:
        return ValueVerdict(Verdict.NOT_COMPARED, case.left[name])
    if not holders:
        return ValueVerdict(Verdict.MISSING, "no step that ran has it")
    reruns = [final.get(name) for final in case.recording.rerun_finals]
    judged = []
    for step in holders:
        if case.runs[step].values is None:
            judged.append(ValueVerdict(Verdict.NOT_COMPARED, f"step {step} could not be observed"))
            continue
        new = (case.runs[step].values or {}).get(name)
        verdict = compare_values(facts, new, reruns, varies=varies)
        if verdict.verdict.fails and step != holders[0]:
            verdict = ValueVerdict(verdict.verdict, f"in step {step}, {verdict.message}")
        judged.append(verdict)
    # Where something unseen changed it, it is not known which step has to: one will do.
    choose = min if name in case.recording.unseen else max
    return choose(judged, key=lambda each: list(Verdict).index(each.verdict))


def judge_files(case: Case, root: Path, kept: Path) -> tuple[ItemProof, ...]:
    """Compare each file that the notebook wrote.

    Parameters
    ----------
    case
        What to judge from.
    root
        Where the pipeline was built.
    kept
        The folder with copies of what the notebook wrote; where there is none, digests decide.

    Returns
    -------
    tuple of ItemProof
        By path.
    """
    writers = {
        path: record.origin for record in case.recording.cells for path in record.files_written
    }
    recorded = case.recording.files
    own = case.recording.folder
    folder = Path(own) if own else _notebook_folder(recorded, root)
    judged = []
    for path in sorted(recorded):
        name = os.path.relpath(path, folder)
        new = _place(path, name, root, case.folders)
        found = _compare_file(recorded[path], new, kept, case.alike)
        judged.append(_file_proof(case, name, writers.get(path), found))
    return tuple(judged)


def _place(path: str, name: str, root: Path, folders: tuple[str, ...]) -> Path:
    """Find a file that was written: in the project, or elsewhere, where steps find it from there.

    Parameters
    ----------
    path, name
        The file, absolute and from the notebook's own folder.
    root
        Where the pipeline was built.
    folders
        The project's own folder is the first.
    """
    inside = root / name
    if inside.exists() or not folders or not name.startswith(".."):
        return inside
    return root / os.path.relpath(path, folders[0])


def _notebook_folder(paths: Iterable[str], root: Path) -> Path:
    """Find the folder that the project stands for: most of the files are found that way."""
    folders = sorted({folder for path in paths for folder in Path(path).parents})
    return max(
        folders,
        key=lambda folder: sum((root / os.path.relpath(path, folder)).is_file() for path in paths),
        default=root,
    )


def _file_proof(
    case: Case, name: str, origin: int | None, found: PartDifference | None
) -> ItemProof:
    """Judge one file; what a cell that varies wrote may differ, but not be gone."""
    steps = [place.step for place in case.places.get(-1 if origin is None else origin, [])[:1]]
    step = "".join(steps)
    if found is None:
        return ItemProof(name, step, Verdict.EQUAL)
    verdict = found.verdict
    if verdict.fails and case.superseded(steps):
        verdict = Verdict.SUPERSEDED
    elif verdict is Verdict.DIFFERENT and origin in case.chance:
        verdict = Verdict.NONDETERMINISTIC
    return ItemProof(name, step, verdict, found.message)


def _compare_file(
    written: WrittenFile, new: Path, kept: Path, folders: tuple[str, ...]
) -> PartDifference | None:
    """Compare by digest first; where that differs, by what the files hold."""
    if not new.is_file():
        return PartDifference(Verdict.MISSING, "the build did not write it")
    with new.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() == written.digest:
            return None
    old = kept / written.kept
    if written.kept and old.is_file():
        return compare_files(old, new, name=new.name, folders=folders)
    return PartDifference(
        Verdict.DIFFERENT,
        f"the content differs ({written.size} bytes before, {new.stat().st_size} now)",
    )
