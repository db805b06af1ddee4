"""The notebook has changed, and so have the steps: one project with both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.errors import InputError, PipelineSpecError, Place
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.refine.generated_tests.record import written_files
from nbrefine.refine.generated_tests.verify import Verification, verify
from nbrefine.refine.memory import MEMORY, SHARED
from nbrefine.refine.options import Options
from nbrefine.refine.prove.proof import headline
from nbrefine.refine.prove.prove import KEPT, PROOF, prove
from nbrefine.refine.prove.stage import staged
from nbrefine.refine.refine import refine
from nbrefine.refine.update.project import BASELINES, CODE, SPEC, merge_projects
from nbrefine.refine.write.base import read_base
from nbrefine.refine.write.disk import write_project
from nbrefine.refine.write.step_files import read_step
from nbrefine.refine.write.whole import put_back_unfinished, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from nbrefine.pipeline.model import Pipeline
    from nbrefine.refine.place.sources import Sources
    from nbrefine.refine.prove.proof import Proof
    from nbrefine.refine.update.model import Conflict
    from nbrefine.refine.update.project import MergedProject

__all__ = ["Update", "update"]


@dataclass(frozen=True)
class Update:
    """What an update came to.

    Parameters
    ----------
    notebook, root
        The original, and the project's folder.
    refused
        Why nothing was written; empty if the update was.
    conflicts
        What contradicts each other.
    settled
        Whether the conflicts were settled by what the user prefers.
    changed, removed
        Files of the project, relative to the root.
    stale
        Baselines that are not of their steps as these are now.
    proof
        Of the project as it is, or would be, now; None if it was not asked for.
    tests
        What the project's tests came to, where steps were edited by hand.
    """

    notebook: Path
    root: Path
    refused: str = ""
    conflicts: tuple[Conflict, ...] = ()
    settled: bool = False
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    proof: Proof | None = None
    tests: Verification = field(default_factory=Verification)


def update(
    notebook: Path,
    root: Path,
    asked: Mapping[str, Any],
    progress: Callable[[str, int, int], None],
    *,
    prefers: str = "",
) -> Update:
    """Bring a changed notebook into a project whose steps were edited by hand.

    Parameters
    ----------
    notebook
        The changed notebook.
    root
        The project's folder.
    asked
        What the user wants otherwise than when the project was written, by the names of `Options`.
    progress
        Called with the stage, the units done, and the number of all.
    prefers
        Where changes contradict each other: ``mine`` or ``notebook``; if empty, nothing is
        written then.

    Returns
    -------
    Update
        Either all files were written, or none. None was if changes contradict each other, or the
        project with both changes does not build, or says something else.

    Raises
    ------
    NbrefineError
        If the notebook cannot be refined, or the project cannot be read. Nothing is written then.
    """
    put_back_unfinished(root)
    base, pipeline = read_base(root), read_pipeline(root)
    options = Options(**{**base.options, **asked}, force=True, stands_for=root.resolve())
    outcome = Update(notebook, root)
    with staged(pipeline, written_files(root), notebook) as place:
        for path in base.paths:
            (place / path).unlink(missing_ok=True)
        refined = refine(notebook, place, options, progress)
        if refined.proof is not None and not refined.proof.holds:
            return replace(
                outcome,
                refused=f"the changed notebook cannot be refined: {headline(refined.proof)}",
                proof=refined.proof,
            )
        new = read_base(place)
        theirs = _read(place, new.paths)
        ours = _ours(root, pipeline, {*base.paths, *theirs})
        merged = merge_projects(base, ours, theirs, new.cells, keeps_ours=prefers != "notebook")
        outcome = replace(outcome, conflicts=merged.conflicts, stale=merged.stale)
        if merged.conflicts and not prefers:
            return replace(outcome, refused="your changes and the notebook's contradict each other")
        outcome = replace(outcome, settled=bool(merged.conflicts), proof=refined.proof)
        if merged.files != theirs:
            outcome = _proved(outcome, place, theirs, merged, (options, progress))
        if outcome.refused:
            return outcome
        return _write(outcome, place, ours, merged, (refined.draft.sources, options.copy_data))


def _read(root: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """Read the files that are there."""
    return {path: (root / path).read_bytes() for path in paths if (root / path).is_file()}


def _ours(root: Path, pipeline: Pipeline, known: Collection[str]) -> dict[str, bytes]:
    """Read the project's files: those that refine writes, and what the user has added of these.

    Raises
    ------
    InputError
        If a text is no UTF-8, or a notebook is none.
    """
    steps = [step.source for step in pipeline.steps.values()]
    code = [path for top in CODE for path in sorted((root / top).rglob("*.py"))]
    more = {
        path.relative_to(root).as_posix()
        for path in (*steps, *code)
        if path.is_relative_to(root) and path.suffix in {".ipynb", ".py"}
    }
    files = _read(root, sorted({*known, *more}))
    for path, content in files.items():
        suffix = Path(path).suffix
        if suffix == ".ipynb":
            read_step(root / path)
        elif suffix in {".py", ".yaml"}:
            try:
                content.decode()
            except UnicodeDecodeError as error:
                raise InputError(
                    f"The file is no UTF-8 text: {error.reason}.", where=Place(shown(root / path))
                ) from None
    return files


def _proved(
    outcome: Update,
    place: Path,
    theirs: Mapping[str, bytes],
    merged: MergedProject,
    wishes: tuple[Options, Callable[[str, int, int], None]],
) -> Update:
    """Try the project with both changes, in a copy: whether it builds, and what its tests say."""
    options, tell = wishes
    for path in theirs.keys() - merged.files.keys():
        (place / path).unlink()
    for path, content in merged.files.items():
        write_atomic(place / path, content)
    try:
        read_pipeline(place)
    except PipelineSpecError as error:
        return replace(outcome, refused=f"with both changes {SPEC} cannot be read: {error.message}")
    if options.proves:
        tell("proving with your changes", 0, 1)
        proof = prove(place)
        outcome = replace(outcome, proof=proof)
        if not proof.holds:
            return replace(outcome, refused=f"with both changes: {headline(proof)}")
    tests = {path: content for path, content in _tests(place).items() if _is_test(path)}
    if tests:
        tell("testing with your changes", 0, 1)
        outcome = replace(outcome, tests=verify(place, tests))
    return outcome


def _tests(place: Path) -> dict[str, bytes]:
    files = (path for path in sorted((place / "tests").rglob("*")) if path.is_file())
    return _read(place, (path.relative_to(place).as_posix() for path in files))


def _is_test(path: str) -> bool:
    return not path.startswith(f"{BASELINES}/")


def _write(
    outcome: Update,
    place: Path,
    ours: Mapping[str, bytes],
    merged: MergedProject,
    data: tuple[Sources, bool],
) -> Update:
    """Bring all of it into the project, or nothing."""
    root = outcome.root
    for path, content in ours.items():
        if not (root / path).is_file() or (root / path).read_bytes() != content:
            return replace(outcome, refused=f"{path} was edited meanwhile: try again")
    gone = [path for path in ours if path not in merged.files]
    new = {path: content for path, content in merged.files.items() if ours.get(path) != content}
    notes = _notes(place)
    kept = _read(root, _below(root, KEPT))
    forgotten = [path for path in (*kept, MEMORY) if path not in notes and (root / path).is_file()]
    sources, everything = data
    write_project(
        root, {}, sources.links, sources.folders, copies=sources.copies(everything=everything)
    )
    write_whole(root, {**new, **notes, **dict.fromkeys((*gone, *forgotten))})
    return replace(outcome, changed=tuple(sorted(new)), removed=tuple(sorted(gone)))


def _notes(place: Path) -> dict[str, bytes]:
    """Read what refine keeps of its work, for a proof and for the next update."""
    return _read(place, [*SHARED, *_below(place, KEPT), PROOF])


def _below(root: Path, folder: str) -> list[str]:
    files = (path for path in sorted((root / folder).rglob("*")) if path.is_file())
    return [path.relative_to(root).as_posix() for path in files]
