"""The chain of refine: read, record, plan, write, prove; and back again where the proof fails."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.environment.variables import given
from nbrefine.notebook.reading import read_any
from nbrefine.recording.facts import Basis
from nbrefine.recording.record import record
from nbrefine.refine.draft import Draft, Wishes, make_draft
from nbrefine.refine.extract.moved import remember_moved, rewritten
from nbrefine.refine.failing import refuse_broken, refuse_empty, refuse_failing
from nbrefine.refine.fallback import fallbacks, plainest
from nbrefine.refine.flow.facts import gather, imported_modules
from nbrefine.refine.inputs import asked
from nbrefine.refine.memory import Memory
from nbrefine.refine.place.credential_files import remember_credentials, with_credentials
from nbrefine.refine.place.credentials import take_out, with_own
from nbrefine.refine.place.env_file import own_env_file
from nbrefine.refine.plan.expected import expected_formats
from nbrefine.refine.plan.left import left_behind, write_left
from nbrefine.refine.prove.edits import remember_steps
from nbrefine.refine.prove.redact import redaction_of
from nbrefine.refine.prove.relocated_paths import remember_paths
from nbrefine.refine.tested import keep_tests, prove_and_test, to_test
from nbrefine.refine.trial_run import TrialRun, storing_for
from nbrefine.refine.unrecorded import from_code, from_executed
from nbrefine.refine.write.base import remember_base
from nbrefine.refine.write.disk import check_target, remove_steps, write_project
from nbrefine.refine.write.imports import modules_imported_in
from nbrefine.refine.write.project import Environment, environment_of, project_files, project_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nbrefine.notebook.document import Notebook
    from nbrefine.recording.facts import Recording
    from nbrefine.recording.formats import Stored
    from nbrefine.refine.generated_tests.generate import GeneratedTests
    from nbrefine.refine.options import Options
    from nbrefine.refine.place.credentials import Credentials
    from nbrefine.refine.plan.plan import Request
    from nbrefine.refine.prove.proof import Proof

    Store = Callable[[Sequence[Request]], Mapping[Request, Stored | str | None]]


# What a project's README says where its notebook was not run.
_UNPROVED = {
    Basis.NONE: """
## Not proved

The notebook was not run: how its cells depend on each other was told from the code alone. Whether
the pipeline says what the notebook says is not known.
""",
    Basis.STORED: """
## What was proved

The notebook was not run. The pipeline was compared with the outputs that an executed copy of the
notebook holds; variables and files were not compared.
""",
}


@dataclass(frozen=True)
class Refinement:
    """What has become of a notebook.

    Parameters
    ----------
    notebook, root
        The original, and the project's folder.
    draft
        The steps and how they hang together.
    recording
        The original's run, or what stands for it.
    proof
        How the project compares with it; None if it was not asked for.
    retreats
        What was given up since the proof failed with it, first to last.
    unmendable
        What fails in the notebook as it is, too, in one step: nothing was given up for it.
    taken_up
        Whether the recording is that of an earlier call, which still holds.
    credentials
        Environment variables that the steps read credentials from.
    tests
        The tests of what moved to modules; None if more failed than cannot be mended, or nobody
        wants them.
    """

    notebook: Path
    root: Path
    draft: Draft
    recording: Recording
    proof: Proof | None
    retreats: tuple[str, ...] = ()
    unmendable: tuple[str, ...] = ()
    taken_up: bool = False
    credentials: tuple[str, ...] = ()
    tests: GeneratedTests | None = None


def refine(
    path: Path,
    root: Path,
    options: Options,
    progress: Callable[[str, int, int], None] | None = None,
) -> Refinement:
    """Make a project of a notebook, and prove that it says the same.

    Parameters
    ----------
    path
        The notebook.
    root
        Folder for the project.
    options
        What the user wants.
    progress
        Called with the stage, the units done, and the number of all.

    Returns
    -------
    Refinement
        Also if the proof fails in the end; ask its verdict.

    Raises
    ------
    NbrefineError
        If the notebook cannot be read, fails on its own, or the folder is not free. Then nothing
        has been written.
    """
    notebook = read_any(path)
    refuse_empty(notebook)
    memory = Memory(root, path.resolve().parent, asked(path, options))
    certain = {*project_files("", "", (), Environment()), "pipeline.yaml"} - memory.left_over()
    check_target(root, certain, force=options.force or memory.owns_all(), inside=options.inside)
    credentials = take_out(notebook)
    tell = progress or (lambda *_: None)
    taken_up = memory.recording is not None
    if taken_up:
        tell("recorded by an earlier call", 1, 1)
    else:
        if memory.unfinished and memory.reason:
            tell(f"begun anew, as {memory.reason} since the earlier call", 1, 1)
        with tempfile.TemporaryDirectory(prefix="nbrefine-") as folder:
            trial = TrialRun(credentials, root, options, tell)
            recording = _recorded(notebook, options, Path(folder), tell, trial)
            redaction = redaction_of(credentials, recording)
            recording = redaction.files(redaction.recording(recording), Path(folder))
            refuse_failing(redaction.notebook(notebook), recording)
            memory.begin(recording, Path(folder))
            memory.know(trial.found)
    with given(credentials.values), own_env_file(root):
        done = _Chain(credentials, root, options, memory, tell).run()
    return replace(done, taken_up=taken_up)


def _recorded(
    notebook: Notebook,
    options: Options,
    kept: Path,
    tell: Callable[[str, int, int], None],
    trial: TrialRun,
) -> Recording:
    """Run the notebook, or take what stands for a run; refuse one that is no Python."""
    if options.basis is Basis.RUN:
        return record(
            notebook,
            folder=notebook.path.resolve().parent,
            python=options.python,
            kernel=options.kernel,
            runs=options.runs,
            timeout=options.timeout,
            keep=kept,
            progress=tell,
            busy_run=lambda so_far: trial.run(notebook, so_far),
        )
    cells = gather(notebook, None)
    refuse_broken(notebook, cells)
    if options.record_from is not None:
        return from_executed(notebook, cells, options.record_from)
    return from_code(notebook, cells)


@dataclass(frozen=True)
class _Tried:
    """A project that was written, how it compares, and its tests."""

    draft: Draft
    proof: Proof | None = None
    tests: GeneratedTests | None = None

    @property
    def failing(self) -> frozenset[str]:
        return self.proof.failing if self.proof else frozenset()


class _Chain:
    """Drafts, writes and proves, until the proof holds or nothing is left to give up."""

    def __init__(
        self,
        credentials: Credentials,
        root: Path,
        options: Options,
        memory: Memory,
        tell: Callable[[str, int, int], None],
    ) -> None:
        if memory.recording is None:
            raise ValueError("There is no recording to start from.")
        self.notebook, self.root, self.options = credentials.notebook, root, options
        self.home = options.stands_for or root
        self.memory, self.recording, self.tell = memory, memory.recording, tell
        self.secrets = with_own(credentials, self.recording)
        self.cells = gather(self.notebook, credentials.seen(self.recording))
        self.store: Store = expected_formats(self.cells)
        if options.basis is Basis.RUN:
            storing = storing_for(credentials, self.cells, self.recording, options, tell)
            self.store = memory.remembering(storing.find)
        self.written = memory.left_over()

    def run(self) -> Refinement:
        wishes, retreats = self.memory.retreat(self.options.steps)
        tried = self._try(wishes)
        while way := self._way(tried, wishes):
            less, reason = way
            self.memory.retreated(less, [*retreats, reason])
            again = self._try(less)
            if not wishes.unmendable and again.failing >= tried.failing:
                # Nothing is mended: it may be that nothing can be.
                plain = self._try(plainest(tried.draft, wishes))
                if stays := plain.failing & tried.failing:
                    wishes = replace(wishes, unmendable=tuple(sorted(stays)))
                    self.memory.retreated(wishes, retreats)
                    tried = self._try(wishes)
                    continue
            wishes, tried = less, again
            retreats.append(reason)
        if tried.tests is not None:
            keep_tests(self.root, tried.tests, self.memory)
        cells = [facts.cell.source for facts in self.cells]
        remember_base(self.root, cells, self.options, self.memory.left_over())
        self.memory.finish()
        return Refinement(
            self.notebook.path,
            self.root,
            tried.draft,
            self.recording,
            tried.proof,
            tuple(retreats),
            unmendable=wishes.unmendable,
            credentials=tuple(sorted(self.secrets)),
            tests=tried.tests,
        )

    @property
    def _runs(self) -> bool:
        """Whether a run of the notebook is worth its time."""
        return self.options.basis is Basis.RUN

    def _write(self, wishes: Wishes) -> Draft:
        self.tell("cutting", 0, 1)
        draft = make_draft(
            self.notebook,
            self.cells,
            self.home,
            self.store,
            wishes,
            recording=self.recording,
        )
        name = project_name(self.home.resolve().name)
        modules = [text for path, text in draft.content.items() if path.endswith(".py")]
        imported = imported_modules(self.cells) | modules_imported_in(modules)
        around = project_files(
            name,
            self.notebook.path.name,
            draft.steps,
            environment_of(self.recording.python, imported),
            has_modules=bool(draft.extraction.modules),
        )
        around["README.md"] += _UNPROVED.get(self.options.basis, "")
        content = {**with_credentials(around, [*self.secrets]), **draft.content}
        self._check(content)
        sources = draft.sources
        self.memory.will_write(content, sources.links)
        remove_steps(self.root, content, self.written)
        write_project(
            self.root,
            content,
            sources.links,
            sources.folders,
            copies=sources.copies(everything=self.options.copy_data),
        )
        self.written = frozenset(content)
        remember_steps(self.root)
        remember_credentials(self.root, [*self.secrets])
        remember_paths(self.root, draft.paths)
        left = left_behind(draft.flow, draft.plan.crossing)
        write_left(self.root, {**left, **draft.naming.gone(), **rewritten(draft.extraction)})
        remember_moved(self.root, draft.extraction)
        return draft

    def _check(self, content: Iterable[str]) -> None:
        """See that nothing is overwritten but what an earlier attempt has left."""
        if self.options.inside:
            new = set(content) - self.written
            check_target(self.root, new, force=self.options.force, inside=True)

    def _try(self, wishes: Wishes) -> _Tried:
        """Write a project; prove it, and make tests, if that is to be."""
        draft = self._write(wishes)
        if not self.options.proves:
            return _Tried(draft)
        wanted = None
        if self.options.tests and self._runs:
            wanted = to_test(draft, self.recording, baselines=self.options.baselines)
        names = [step.name for step in draft.steps]
        return _Tried(
            draft, *prove_and_test(self.root, names, self.tell, wanted, wishes.unmendable)
        )

    def _way(self, tried: _Tried, wishes: Wishes) -> tuple[Wishes, str] | None:
        """Return what to give up next; None if all is well, or nothing is left."""
        if tried.proof is None or not self._runs:
            # What stored outputs say may be at fault, and another build may take hours.
            return None
        return fallbacks(tried.draft, tried.proof, wishes)
