"""What refine would make of a notebook, and what its author should know: nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.errors import NotebookFailsError
from nbrefine.notebook.reading import read_any
from nbrefine.recording.record import record
from nbrefine.refine.draft import Wishes, make_draft
from nbrefine.refine.failing import refuse_failing
from nbrefine.refine.findings.check import Selection, find_findings
from nbrefine.refine.findings.subject import Subject
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.plan.expected import expected_formats, newest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from nbrefine.notebook.document import Notebook
    from nbrefine.recording.facts import Recording, ValueFacts
    from nbrefine.refine.draft import Draft
    from nbrefine.refine.findings.finding import Finding
    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.parameterize.parameterize import Scalar

_RANDOM, _FILE = "<random:", "<file:"


@dataclass(frozen=True)
class ProposedStep:
    """A step that refine would make.

    Parameters
    ----------
    name, title
        Its name, and its heading.
    cells
        Its code cells, as indexes over all cells of the document.
    params
        Names of its parameters.
    inputs, outputs
        Files that it reads and writes; where there was no run, those that its code names.
    """

    name: str
    title: str
    cells: tuple[int, ...]
    params: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passage:
    """A value that goes from one step to others.

    Parameters
    ----------
    name
        The variable; or in words what else crosses: a random state, a file.
    producer
        The step that it comes from.
    consumers
        The steps that take it.
    facts
        Type and size of the value; None where there was no run.
    """

    name: str
    producer: str
    consumers: tuple[str, ...]
    facts: ValueFacts | None = None


@dataclass(frozen=True)
class Analysis:
    """What is known of a notebook before it is refined.

    Parameters
    ----------
    notebook
        The notebook.
    steps
        Steps that refine would make.
    passages
        What crosses between them.
    parameters
        Names and values.
    findings
        What its author should know.
    recording
        Its run; None without one.
    failed
        Set if the notebook fails on its own; then steps and passages are by the code alone.
    """

    notebook: Notebook
    steps: tuple[ProposedStep, ...]
    passages: tuple[Passage, ...]
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    recording: Recording | None = None
    failed: NotebookFailsError | None = None

    @property
    def expected(self) -> tuple[str, ...]:
        """Name what refine may find to be otherwise.

        It tries the formats, and joins steps where a value has none. Without a run, what flows and
        which files there are is told from the code alone.
        """
        return ("steps", "passages") + (() if self.recording else ("inputs", "outputs"))


def analyze(
    path: Path,
    selection: Selection | None = None,
    *,
    run: Callable[[Notebook], Recording] | None = None,
) -> Analysis:
    """Analyze a notebook.

    Parameters
    ----------
    path
        The notebook.
    selection
        Which findings count.
    run
        Runs it, see `observed_run`; None to go by the code alone.

    Returns
    -------
    Analysis
        Also if the notebook fails on its own.

    Raises
    ------
    NotebookError
        If it cannot be read.
    """
    notebook = read_any(path)
    recording = run(notebook) if run is not None else None
    failed = _failure(notebook, recording)
    if failed is not None:
        recording = None
    cells = gather(notebook, recording)
    if not cells:
        return Analysis(notebook, (), (), {}, (), recording, failed)
    root = path.parent / f"{path.stem}_pipeline"
    draft = make_draft(
        notebook, cells, root, expected_formats(cells), Wishes(), recording=recording
    )
    bonds = draft.plan.bonds
    if len(draft.steps) == 1 and not bonds:
        # Nobody has tried to part what is small.
        alone = Wishes(steps=len(cells))
        bonds = make_draft(notebook, cells, root, expected_formats(cells), alone).plan.bonds
    subject = Subject(notebook, cells, recording, bonds, draft.flow)
    return Analysis(
        notebook=notebook,
        steps=_steps(draft, cells),
        passages=_passages(draft, cells),
        parameters={each.name: each.value for each in draft.parameterization.parameters},
        findings=find_findings(subject, selection),
        recording=recording,
        failed=failed,
    )


def observed_run(
    *,
    python: str | None = None,
    kernel: str | None = None,
    runs: int = 2,
    timeout: float | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Callable[[Notebook], Recording]:
    """Return what runs a notebook under observation; see `record` for the arguments."""

    def run(notebook: Notebook) -> Recording:
        return record(
            notebook,
            folder=notebook.path.resolve().parent,
            python=python,
            kernel=kernel,
            runs=runs,
            timeout=timeout,
            progress=progress,
        )

    return run


def _failure(notebook: Notebook, recording: Recording | None) -> NotebookFailsError | None:
    if recording is not None:
        try:
            refuse_failing(notebook, recording)
        except NotebookFailsError as error:
            return error
    return None


def _steps(draft: Draft, cells: Sequence[CellFacts]) -> tuple[ProposedStep, ...]:
    sources = draft.sources
    return tuple(
        ProposedStep(
            name=step.name,
            title=step.title,
            cells=tuple(cells[origin].cell.index for origin in step.cells),
            params=tuple(sorted(step.params)),
            inputs=_files(sources.inputs, step.cells),
            outputs=_files(sources.outputs, step.cells),
        )
        for step in draft.steps
    )


def _files(files: Mapping[int, Sequence[str]], cells: Sequence[int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for origin in cells for path in files.get(origin, ())))


def _passages(draft: Draft, cells: Sequence[CellFacts]) -> tuple[Passage, ...]:
    plans = draft.plan.crossing.steps
    names = [step.name for step in draft.steps]
    takers: dict[tuple[int, str], list[str]] = {}
    for index, plan in enumerate(plans):
        for name, producer in plan.inputs.items():
            takers.setdefault((producer, name), []).append(names[index])
    return tuple(
        Passage(
            name=_in_words(name),
            producer=names[producer],
            consumers=tuple(consumers),
            facts=newest(cells, name, plans[producer].cells[-1]),
        )
        for (producer, name), consumers in sorted(takers.items())
    )


def _in_words(name: str) -> str:
    """Say a name that is no variable: ``<random:numpy>`` is numpy's random state."""
    if name.startswith(_RANDOM):
        return f"random state of {name[len(_RANDOM) : -1]}"
    if name.startswith(_FILE):
        return name[len(_FILE) : -1].rpartition("/")[2]
    return name
