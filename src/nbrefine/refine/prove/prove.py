"""Build a refined project and compare it with the notebook that it came from."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.errors import InputError, Place
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.notebook.document import read_text
from nbrefine.pipeline.spec import find_root, read_pipeline
from nbrefine.recording.store import read_recording
from nbrefine.refine.extract.moved import read_moved_to
from nbrefine.refine.place.credential_files import required_values
from nbrefine.refine.place.links import check_links
from nbrefine.refine.plan.left import read_left
from nbrefine.refine.prove.build import BuildRun, build
from nbrefine.refine.prove.case import Case, StepRun
from nbrefine.refine.prove.edits import edited_steps
from nbrefine.refine.prove.interpreter import other_interpreter
from nbrefine.refine.prove.judge_cells import judge_cells
from nbrefine.refine.prove.judge_items import judge_files, judge_variables
from nbrefine.refine.prove.proof import Proof, proof_json
from nbrefine.refine.prove.redact import Redaction
from nbrefine.refine.prove.relocated_paths import as_before, read_paths
from nbrefine.refine.prove.stage import staged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbrefine.pipeline.model import Pipeline
    from nbrefine.recording.facts import Recording
    from nbrefine.refine.prove.build import Watched

RECORDING = ".nbrefine/recording.json"
KEPT = ".nbrefine/files"
PROOF = "build/proof.json"


@dataclass(frozen=True)
class Witness:
    """Who else wants something of the build that proves.

    Parameters
    ----------
    watched
        Functions and classes whose calls are recorded, if any are.
    look
        Called if the proof holds, with the root that was built in, and the build as it was.
    despite
        What may fail all the same, as `Proof.failing` names it.
    """

    watched: Watched | None
    look: Callable[[Path, BuildRun], None]
    despite: frozenset[str] = frozenset()


def prove(
    project: Path,
    *,
    rebuild: bool = True,
    in_place: bool = False,
    progress: Callable[[str], None] | None = None,
    witness: Witness | None = None,
) -> Proof:
    """Compare a refined project with the recorded run of its notebook.

    One build proves everything: it is Ploomber's own, and observes the variables at each
    notebook's end.

    Parameters
    ----------
    project
        A folder of the project.
    rebuild
        Whether to build. Otherwise the products are compared as they lie in the project, and
        variables are not compared.
    in_place
        Whether to build in the project itself, which gets its products that way. Steps that
        Ploomber takes for up to date do not run, so this is for a project that was never built.
        Otherwise a copy is built, and the project and its products stay as they are.
    progress
        Called with the name of each step that starts.
    witness
        Who else wants something of the build.

    Returns
    -------
    Proof
        Also if the build fails. It is kept in ``build/proof.json``.

    Raises
    ------
    InputError
        If the project has no recording, since refine did not write it; or if a credential that
        its steps read is not in the environment; or if data is not where its links lead.
    """
    pipeline = read_pipeline(find_root(project))
    recording = _read_recording(pipeline.root)
    check_links(pipeline.root)
    edited = edited_steps(pipeline)
    if rebuild:
        wanted = _Building(progress, witness, in_place=in_place)
        proof = _prove_anew(pipeline, recording, edited, wanted)
    else:
        run = BuildRun({path: _executed(path) for path in _notebooks(pipeline) if path.is_file()})
        run = as_before(run, read_paths(pipeline.root))
        run = Redaction(required_values(pipeline.root)).build(run)
        proof = _compare(pipeline, recording, edited, run, pipeline.root)
    write_atomic(pipeline.root / PROOF, json.dumps(proof_json(proof), indent=1) + "\n")
    return proof


@dataclass(frozen=True)
class _Building:
    """How it is built, and who wants to know."""

    progress: Callable[[str], None] | None
    witness: Witness | None
    _: KW_ONLY
    in_place: bool


def _prove_anew(
    pipeline: Pipeline, recording: Recording, edited: frozenset[str], wanted: _Building
) -> Proof:
    """Build the project or a copy of it, and compare."""
    redaction = Redaction(required_values(pipeline.root))
    steps = {path.relative_to(pipeline.root): name for path, name in _notebooks(pipeline).items()}
    written = [Path(path) for record in recording.cells for path in record.files_written]
    witness, progress = wanted.witness, wanted.progress
    with nullcontext(pipeline.root) if wanted.in_place else staged(pipeline, written) as root:

        def started(product: Path) -> None:
            if progress is not None:
                progress(steps.get(product.relative_to(root), product.name))

        paths = read_paths(pipeline.root)
        run = build(
            root,
            started,
            moved_to=read_moved_to(pipeline.root),
            relocated=paths,
            watched=None if witness is None else witness.watched,
            python=other_interpreter(recording),
        )
        compared = redaction.build(as_before(run, paths))
        proof = _compare(pipeline, recording, edited, compared, root, rebuilt=True)
        if witness is not None and proof.failing <= witness.despite:
            witness.look(root, run)
        return proof


def _compare(  # noqa: PLR0913  (a proof rests on that much)
    pipeline: Pipeline,
    recording: Recording,
    edited: frozenset[str],
    run: BuildRun,
    root: Path,
    *,
    rebuilt: bool = False,
) -> Proof:
    """Judge a build that took place in a folder."""
    steps = {
        name: run.steps[root / path.relative_to(pipeline.root)]
        for path, name in _notebooks(pipeline).items()
        if root / path.relative_to(pipeline.root) in run.steps
    }
    left = read_left(pipeline.root)
    case = Case(recording, steps, edited, (str(pipeline.root), str(root)), left)
    return Proof(
        root=pipeline.root,
        cells=judge_cells(case),
        variables=judge_variables(case),
        files=judge_files(case, root, pipeline.root / KEPT),
        built=not run.error,
        build_error=run.error.replace(str(root), str(pipeline.root)),
        seconds=run.seconds,
        rebuilt=rebuilt,
        basis=recording.basis,
    )


def _notebooks(pipeline: Pipeline) -> Mapping[Path, str]:
    """Map the executed notebooks to their steps, whatever they are converted to afterwards."""
    return {
        path.with_suffix(".ipynb"): name
        for name, step in pipeline.steps.items()
        if step.kind == "notebook"
        for path in step.files.values()
        if path.is_relative_to(pipeline.root)
    }


def _executed(path: Path) -> StepRun:
    """Read an executed notebook that lies in the project."""
    return StepRun(tuple(json.loads(read_text(path)).get("cells", ())))


def _read_recording(root: Path) -> Recording:
    """Read what refine recorded of the original."""
    file = root / RECORDING
    if not file.is_file():
        raise InputError(
            "This project has no recording of a notebook to compare with.",
            where=Place(shown(file)),
            hint="nbrefine refine NOTEBOOK writes a project that can be proved.",
        )
    try:
        return read_recording(file)
    except ValueError as error:
        raise InputError(
            f"The recording of the notebook cannot be read: {error}",
            where=Place(shown(file)),
            hint="Refine the notebook again into another folder.",
        ) from None
