"""Records baselines: what cells show in several runs, and which of it varies and why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from nbrefine.compare.images import compare_images
from nbrefine.compare.verdict import worst
from nbrefine.engine.kernels import THREADS
from nbrefine.engine.progress import progress_for
from nbrefine.environment.variables import given
from nbrefine.errors import BaselineError
from nbrefine.files.paths import shown
from nbrefine.notebook.document import Cell
from nbrefine.testing.alignment import align
from nbrefine.testing.baseline import Baseline, BaselineCell
from nbrefine.testing.comparison import as_it_is, compare_cells
from nbrefine.testing.executed import execute
from nbrefine.testing.portable import PROJECT, roots_of, setting_source, unfit_for_nbval
from nbrefine.testing.secrets import MASK, hidden_parameters
from nbrefine.testing.varying import reason, said, varying_names, what_varies
from nbrefine.testing.versions import without_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from nbrefine.engine.progress import Progress
    from nbrefine.engine.stop import Stop
    from nbrefine.pipeline.model import Pipeline
    from nbrefine.pipeline.plan import Plan
    from nbrefine.recording.hints import CellHints
    from nbrefine.testing.baseline import Output
    from nbrefine.testing.executed import Executed, ExecutedCell

RUNS = 3
"""How often a recording runs the pipeline: two runs do not find all that varies."""
_NBVAL = PurePosixPath("build", "nbval")
_PICTURES = ("image/png", "image/jpeg")


def recorded_runs(
    pipeline: Pipeline,
    steps: Sequence[str],
    runs: int = RUNS,
    *,
    stop: Stop | None = None,
    show: Callable[[Plan], Progress] = progress_for,
) -> Mapping[str, tuple[Executed, ...]]:
    """Run steps several times, each with another hash seed and number of threads.

    Parameters
    ----------
    pipeline
        The pipeline on its small sample.
    steps
        Names of the steps.
    runs
        How often.
    stop
        Ends it before its time.
    show
        Makes what shows how each build goes on.

    Returns
    -------
    Mapping of str to tuple of Executed
        By step. The last run is one as it comes, and its products stay.

    Raises
    ------
    BaselineError
        If a step fails.
    """
    found: list[Mapping[str, Executed]] = []
    for number in range(1, runs + 1):
        # Threads that spin while they wait for each other take minutes on cores that are busy.
        other = {"OMP_WAIT_POLICY": "passive", "PYTHONHASHSEED": str(number)}
        other |= dict.fromkeys(THREADS, str(number))
        with given(other if number < runs else {}):
            made = execute(pipeline, steps, force=True, stop=stop, show=show)
        failed = next((each for each in made.values() if each.failure), None)
        if failed is not None:
            raise BaselineError(
                f"The step {failed.step!r} cannot be recorded: {failed.failure}",
                hint=f"See why: nbrefine build {failed.step}",
            )
        found.append(made)
    return {name: tuple(run[name] for run in found) for name in steps}


def make_baseline(
    pipeline: Pipeline,
    runs: Sequence[Executed],
    previous: Baseline | None = None,
    accepted: Callable[[int], bool] = lambda _: True,
) -> Baseline:
    """Make the baseline of a step.

    Parameters
    ----------
    pipeline
        The pipeline.
    runs
        The step's runs; the last one counts, the others tell what varies.
    previous
        The baseline that there is. What is as it says is kept word for word, so that what git
        shows is what has changed.
    accepted
        Whether what is new of a cell is taken over, by the cell's number; else its outputs stay
        as they were.
    """
    last, own = runs[-1], _own_products(pipeline, runs[-1].step)
    notes = {cell.number: hint for cell, hint in _hints(last.cells)}
    old = previous.cells if previous is not None else ()
    partners = {new: before for before, new in align(old, last.cells) if new is not None}
    cells: list[BaselineCell] = []
    varied: dict[str, int] = {}
    for index, cell in enumerate(last.cells):
        others = [run.cells[index].outputs for run in runs[:-1]]
        made = _recorded(cell, others, notes.get(cell.number), varied)
        if cell.kind == "code" and not made.notes and (unfit := _names_places(cell, own)):
            made = replace(made, notes={"nbval": unfit})
        place = partners.get(index)
        known = None if place is None else old[place]
        if known is not None and known.kind == "code":
            steady = not any(_differs(known, outputs) for outputs in (cell.outputs, *others))
            if steady or not accepted(cell.number):
                made = replace(
                    made, outputs=known.outputs, others=known.others, notes=_kept(made, known)
                )
        elif known is None and not accepted(cell.number):
            made = replace(made, outputs=(), others=(), notes={})
        cells.append(made)
    return Baseline(last.step, tuple(cells), _setting(pipeline, last, own), last.position)


def _kept(made: BaselineCell, known: BaselineCell) -> Mapping[str, Any]:
    """Return the notes that go with a baseline's own outputs."""
    if known.notes:
        return known.notes
    unfit = unfit_for_nbval(made.source, known.outputs)
    return {"nbval": unfit} if unfit else {}


def _differs(known: BaselineCell, outputs: Sequence[Output]) -> bool:
    clean = without_versions(known.source, as_it_is)
    found = compare_cells(known.outputs, outputs, known.others, clean)
    return worst(each.verdict for each in found).fails


def _recorded(
    cell: ExecutedCell,
    others: Sequence[tuple[Output, ...]],
    hints: CellHints | None,
    varied: dict[str, int],
) -> BaselineCell:
    """Make a cell of what it showed in all runs."""
    found = what_varies(cell.outputs, others)
    notes: dict[str, Any] = {}
    kept: tuple[tuple[Output, ...], ...] = ()
    if any(each.verdict.fails for each in found):
        notes = {"varies": said(found), "why": reason(cell, others, hints, varied)}
        kept = tuple(tuple(_beside(run, cell.outputs)) for run in others)
        varied |= dict.fromkeys(varying_names(cell.source, varied, hints), cell.number)
    elif found:
        # Digits that plain nbval compares as text.
        notes = {"nbval": f"its last digits vary: {said(found)[0]}"}
    elif cell.kind == "code" and (why := unfit_for_nbval(cell.source, cell.outputs)):
        notes = {"nbval": why}
    return BaselineCell(
        cell.kind, cell.source, cell.id, cell.tags, cell.outputs, kept, notes, cell.attachments
    )


def _beside(run: Sequence[Output], outputs: Sequence[Output]) -> Iterator[Output]:
    """Give the outputs of another run; of its pictures those that are like the last run's."""
    for each in run:
        if "data" in each:
            data = {mime: _like(mime, part, outputs) for mime, part in each["data"].items()}
            yield {**each, "data": {mime: part for mime, part in data.items() if part is not None}}
        else:
            yield each


def _like(mime: str, part: object, outputs: Sequence[Output]) -> object:
    """Return a picture of the last run that is like another run's; None if there is none."""
    if mime not in _PICTURES:
        return part
    known = (str(each["data"][mime]) for each in outputs if mime in each.get("data", ()))
    alike = (each for each in known if not compare_images(each, str(part)).verdict.fails)
    return next(alike, None)


def _hints(cells: Sequence[ExecutedCell]) -> Iterator[tuple[ExecutedCell, CellHints]]:
    from nbrefine.recording.hints import find_hints  # noqa: PLC0415  (only recording needs it)

    code = [cell for cell in cells if cell.kind == "code" and cell.source.strip()]
    known = find_hints([Cell(cell.kind, cell.source, index=cell.number - 1) for cell in code])
    return zip(code, known, strict=True)


def _own_products(pipeline: Pipeline, step: str) -> Mapping[str, str]:
    """Return where a run of the baseline itself writes its products, by their paths."""
    paths = (path for path in pipeline.step(step).files.values())
    places = [shown(path, pipeline.root) for path in paths if path.is_relative_to(pipeline.root)]
    return {place: (_NBVAL / place).as_posix() for place in places}


def _names_places(cell: ExecutedCell, own: Mapping[str, str]) -> str:
    """Say which of the places that are others in a run of the baseline a cell shows."""
    text = json.dumps(cell.outputs, ensure_ascii=False)
    if MASK in text:
        return "it shows a credential, which is left out"
    if PROJECT in text:
        return "it names the project's folder"
    if any(place in text for place in own):
        return "it names a product, which nbval writes elsewhere"
    return ""


def _setting(pipeline: Pipeline, executed: Executed, own: Mapping[str, str]) -> str:
    """Write the cell that sets the parameters for a run of the baseline itself."""
    roots = roots_of(executed.setting, pipeline.root, pipeline.step(executed.step).files)
    folders = sorted({PurePosixPath(path).parent.as_posix() for path in own.values()})
    return setting_source(
        hidden_parameters(executed.setting), roots, lambda path: own.get(path, path), folders
    )
