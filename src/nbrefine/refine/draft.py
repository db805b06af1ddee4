"""From a notebook and its recording to a project in memory: all stages but writing and proving."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbrefine.analysis.addresses import address_names
from nbrefine.refine.extract.extraction import Extraction
from nbrefine.refine.extract.move import (
    move_definitions,
    package_name,
    shown_as_the_notebooks,
    star_modules,
    with_versions,
)
from nbrefine.refine.flow.bonds import unseen_bonds
from nbrefine.refine.flow.dataflow import build_flow
from nbrefine.refine.inline.in_steps import name_in_steps
from nbrefine.refine.inline.named import Naming
from nbrefine.refine.naming.naming import name_steps
from nbrefine.refine.naming.titles import given_names, title_of
from nbrefine.refine.parameterize.parameterize import Parameterization, parameterize
from nbrefine.refine.place.local_modules import (
    copied,
    find_local_modules,
    names_of,
    with_modules,
)
from nbrefine.refine.place.pictures import keep_pictures
from nbrefine.refine.place.relocate import relocate
from nbrefine.refine.place.sources import LARGEST_RESOURCE, find_sources, named
from nbrefine.refine.plan.expected import expected_formats
from nbrefine.refine.plan.plan import make_plan
from nbrefine.refine.plan.steps import assemble
from nbrefine.refine.segment.boundaries import weigh_boundaries
from nbrefine.refine.segment.downloads import set_apart
from nbrefine.refine.segment.marks import find_marks, parts
from nbrefine.refine.segment.segment import Segment
from nbrefine.refine.write.import_order import in_order
from nbrefine.refine.write.notebook import step_notebook
from nbrefine.refine.write.pipeline import pipeline_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from nbrefine.notebook.document import Notebook
    from nbrefine.recording.facts import Recording
    from nbrefine.recording.formats import Stored
    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.flow import Bond, Flow
    from nbrefine.refine.place.local_modules import LocalModules
    from nbrefine.refine.place.sources import Sources
    from nbrefine.refine.plan.plan import Plan, Request
    from nbrefine.refine.plan.steps import Step
    from nbrefine.refine.segment.marks import Marks

    Store = Callable[[Sequence[Request]], Mapping[Request, Stored | str | None]]

_PLOOMBERS = frozenset({"upstream", "product"})


@dataclass(frozen=True)
class Draft:
    """A project before it is written.

    Parameters
    ----------
    steps
        In the notebook's order.
    plan
        Where it is cut, and why not elsewhere.
    flow
        What flows between the cells.
    parameterization
        What has become a parameter.
    sources
        What the notebook reads and writes.
    content
        The files of the steps: path relative to the root, and text.
    paths
        Beginnings of paths that read otherwise in the project, with those of the notebook.
    extraction
        Which definitions are in modules, and why others are not.
    defining
        The step notebooks before their definitions moved: path relative to the root, and text.
    naming
        Which runs of statements are functions.
    """

    steps: tuple[Step, ...]
    plan: Plan
    flow: Flow
    parameterization: Parameterization
    sources: Sources
    content: Mapping[str, str]
    paths: tuple[tuple[str, str], ...] = ()
    extraction: Extraction = field(default_factory=Extraction)
    defining: Mapping[str, str] = field(default_factory=dict)
    naming: Naming = field(default_factory=Naming)


@dataclass(frozen=True)
class Wishes:
    """What the draft has to respect.

    Parameters
    ----------
    steps
        How many steps are wanted; as many as suit if None.
    bonds
        Cells that have to stay together, whatever the flow says.
    parameters
        Whether literals become parameters.
    extract
        Whether functions and classes go to modules.
    keep
        Names of those that have to stay all the same, and why.
    inline
        Whether runs of statements on a frame become functions; if they may go to modules.
    as_written
        Cells, by origin, whose statements stay as they are all the same.
    unmendable
        What fails however the notebook is refined, as `Proof.failing` names it: nothing is given
        up for it.
    """

    steps: int | None = None
    bonds: tuple[Bond, ...] = ()
    parameters: bool = True
    extract: bool = True
    keep: Mapping[str, str] = field(default_factory=dict)
    inline: bool = True
    as_written: tuple[int, ...] = ()
    unmendable: tuple[str, ...] = ()


def make_draft(  # noqa: PLR0913  (one of them a keyword with a default that does)
    notebook: Notebook,
    cells: Sequence[CellFacts],
    root: Path,
    store: Store,
    wishes: Wishes,
    *,
    recording: Recording | None = None,
) -> Draft:
    """Draft a project.

    Parameters
    ----------
    notebook
        The notebook.
    cells
        What is known of its code cells.
    root
        Where the project will lie: paths to data depend on it.
    store
        Finds out how values are stored exactly; for those that cannot be, None or the reason.
    wishes
        What to respect.
    recording
        The notebook's run, if there was one.

    Returns
    -------
    Draft
        The same for the same input.
    """
    placed = _place(notebook, cells, root, recording)
    cut = _cut(placed, store, wishes, recording)
    notebook, cells, plan, flow, local = cut.notebook, cut.cells, cut.plan, cut.flow, placed.local
    steps = _assemble(placed, cut)
    steps = with_modules(steps, cells, local, root)
    content = {
        step.notebook: step_notebook(step, part, cells, names_of(local, placed.modules))
        for step, part in zip(steps, parts(notebook, cells, plan.cuts), strict=True)
    }
    naming = Naming()
    if wishes.inline and wishes.extract:
        content, naming = name_in_steps(
            [step.notebook for step in steps], content, recording, leave=wishes.as_written
        )
    package, keep = package_name(root.resolve().name, cells), _kept(wishes, cells)
    if keep is not None:
        content = with_versions([step.notebook for step in steps], content, keep)
    defining = dict(content)
    steps, content, extraction = move_definitions(
        *(steps, content, package, keep), stars=star_modules(cells), strict=recording is None
    )
    content = in_order(content, {*names_of(local, placed.modules), package})
    content |= copied(local, placed.modules, root)
    content["pipeline.yaml"] = pipeline_yaml(notebook.path.name, steps)
    return Draft(
        *(steps, plan, flow, cut.parameterization, placed.sources, content),
        *(placed.paths, extraction, defining, naming),
    )


def _kept(wishes: Wishes, cells: Sequence[CellFacts]) -> Mapping[str, str] | None:
    """Return the definitions that stay, and why; None if all do."""
    return {**shown_as_the_notebooks(cells), **wishes.keep} if wishes.extract else None


@dataclass(frozen=True)
class _Placed:
    """A notebook whose paths lead from the project's root, and what lies around it."""

    notebook: Notebook
    cells: tuple[CellFacts, ...]
    sources: Sources
    local: LocalModules
    modules: frozenset[Path]
    paths: tuple[tuple[str, str], ...]


def _place(
    notebook: Notebook, cells: Sequence[CellFacts], root: Path, recording: Recording | None
) -> _Placed:
    """Let a notebook's paths lead from the project's root."""
    folder = notebook.path.parent
    local = find_local_modules(cells, folder)
    modules = local.reached(facts.tree for facts in cells)
    relocation = relocate(notebook, cells, root, modules)
    pictures = keep_pictures(relocation.notebook, root)
    ending = recording.files if recording else None
    sources = find_sources(relocation.cells, folder, root, ending, modules)
    return _Placed(
        pictures.notebook,
        relocation.cells,
        sources.linking(pictures.links),
        local,
        modules,
        relocation.paths,
    )


@dataclass(frozen=True)
class _Cut:
    """A notebook whose parameters are names, and where it is cut."""

    notebook: Notebook
    cells: tuple[CellFacts, ...]
    flow: Flow
    parameterization: Parameterization
    marks: Marks
    plan: Plan


def _cut(placed: _Placed, store: Store, wishes: Wishes, recording: Recording | None) -> _Cut:
    """Find what configures, and cut."""
    notebook, cells = placed.notebook, placed.cells
    flow = _flow(cells, recording)
    parameterization = Parameterization()
    if wishes.parameters:
        parameterization = parameterize(cells, flow, placed.sources.paths)
        notebook, cells = parameterization.applied(notebook, cells)
        flow = _flow(cells, recording).without(parameterization.names)
    marks = find_marks(notebook, cells)
    addresses = address_names(facts.tree for facts in placed.cells)
    boundaries = set_apart(weigh_boundaries(cells, flow, marks), cells, flow, addresses)
    plan = make_plan(flow, boundaries, store, steps=wishes.steps, bonds=wishes.bonds)
    return _Cut(notebook, tuple(cells), flow, parameterization, marks, plan)


def expected_requests(
    notebook: Notebook, cells: Sequence[CellFacts], root: Path, wishes: Wishes, recording: Recording
) -> tuple[Request, ...]:
    """Say what a draft will most likely want to know of how values are stored.

    Parameters
    ----------
    notebook
        The notebook.
    cells
        What is known of its code cells.
    root
        Where the project will lie.
    wishes
        What to respect.
    recording
        What is known of the notebook's run so far.

    Returns
    -------
    tuple of Request
        What it asks if everything can be stored that the run showed some content of.
    """
    asked: dict[Request, None] = {}
    guess = expected_formats(cells)

    def note(requests: Sequence[Request]) -> Mapping[Request, Stored | None]:
        asked.update(dict.fromkeys(requests))
        return guess(requests)

    _cut(_place(notebook, cells, root, recording), note, wishes, recording)
    return tuple(asked)


def _assemble(placed: _Placed, cut: _Cut) -> tuple[Step, ...]:
    """Put the steps together."""
    cells, cuts = cut.cells, cut.plan.cuts
    return assemble(
        _segments(cells, cuts, cut.marks),
        cut.plan.crossing,
        cut.plan.stored,
        cut.parameterization.parameters,
        _files(cuts, placed.sources, placed.notebook.path.parent, cut.parameterization),
        texts=[facts.cell.source for facts in cells],
        hides_ploomber=_hides_ploomber(cells, cut.flow),
    )


def _flow(cells: Sequence[CellFacts], recording: Recording | None) -> Flow:
    """Return what flows between the cells, held together where something changed unseen."""
    flow = build_flow(cells)
    if recording is None:
        return flow
    return replace(flow, bonds=(*flow.bonds, *unseen_bonds(flow, recording.unseen)))


def _segments(
    cells: Sequence[CellFacts], cuts: Sequence[tuple[int, ...]], marks: Marks
) -> list[Segment]:
    """Give each step its name and its heading."""
    names = name_steps(cells, cuts, given_names(marks, cuts))
    return [
        Segment(name, title_of(name, marks, cut), cut)
        for name, cut in zip(names, cuts, strict=True)
    ]


def _hides_ploomber(cells: Sequence[CellFacts], flow: Flow) -> bool:
    """Whether the notebook looks at all variables, or has some of the names that Ploomber gives."""
    mine = (cell.mentions | cell.writes for cell in flow.cells)
    return any(facts.names.uses_all for facts in cells) or any(_PLOOMBERS & names for names in mine)


def _files(
    cuts: Sequence[Sequence[int]],
    sources: Sources,
    folder: Path,
    parameterization: Parameterization,
) -> dict[int, tuple[dict[str, str], dict[str, str]]]:
    """Return for each step the input files to watch, and the files that its cells write."""
    parameters = {
        posixpath.normpath(each.value): each.name
        for each in parameterization.parameters
        if isinstance(each.value, str)
    }
    last_writer = {
        path: index for index, cut in enumerate(cuts) for path in _of(cut, sources.outputs)
    }
    return {
        index: (
            named(
                (path for path in _of(cut, sources.inputs) if _watched(folder, path)), parameters
            ),
            named(path for path in _of(cut, sources.outputs) if last_writer[path] == index),
        )
        for index, cut in enumerate(cuts)
    }


def _of(cut: Iterable[int], files: Mapping[int, Sequence[str]]) -> list[str]:
    return [path for origin in cut for path in files.get(origin, ())]


def _watched(folder: Path, path: str) -> bool:
    """Whether Ploomber can hash a file at every start without being felt."""
    file = folder / path
    return not file.is_file() or file.stat().st_size <= LARGEST_RESOURCE
