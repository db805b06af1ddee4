"""What stands in for a recording where the notebook is not run: its code, or stored outputs."""

from __future__ import annotations

import platform
import sys
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from nbrefine.environment.distributions import Distributions
from nbrefine.errors import NotebookError
from nbrefine.notebook.document import INJECTED_TAG
from nbrefine.notebook.reading import read_any
from nbrefine.recording.facts import Basis, CellRecord, PythonFacts, Recording, ValueFacts
from nbrefine.recording.record import runnable_cells
from nbrefine.refine.findings.check import Selection, find_findings
from nbrefine.refine.findings.subject import Subject
from nbrefine.refine.flow.facts import imported_modules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nbrefine.notebook.document import Cell, Notebook
    from nbrefine.refine.flow.facts import CellFacts

_NOT_SEEN = "nobody looked at the variables of the notebook"


def from_code(notebook: Notebook, cells: Sequence[CellFacts]) -> Recording:
    """Return what the code alone says of a run.

    Parameters
    ----------
    notebook
        The notebook.
    cells
        Its code cells, known from their code.

    Returns
    -------
    Recording
        Names without values, no outputs, and which cells vary as far as their code tells.
    """
    return _recording(notebook, cells, Basis.NONE, [()] * len(cells))


def from_executed(notebook: Notebook, cells: Sequence[CellFacts], executed: Path) -> Recording:
    """Return what an executed copy of a notebook shows.

    Parameters
    ----------
    notebook
        The notebook.
    cells
        Its code cells, known from their code.
    executed
        The copy.

    Returns
    -------
    Recording
        The stored outputs; names without values.

    Raises
    ------
    NotebookError
        If the copy has other cells, or one that was not run or failed.
    """
    copy = read_any(executed)
    stored = runnable_cells(copy)
    for mine, theirs in zip_longest(runnable_cells(notebook), stored):
        _check_same(notebook, copy, mine, theirs)
    for cell in stored:
        _check_ran(copy, cell)
    outputs = [tuple(dict(output) for output in cell.outputs) for cell in stored]
    return _recording(notebook, cells, Basis.STORED, outputs)


def _recording(
    notebook: Notebook,
    cells: Sequence[CellFacts],
    basis: Basis,
    outputs: Sequence[tuple[dict[str, object], ...]],
) -> Recording:
    causes = _causes(notebook, cells)
    records = tuple(
        CellRecord(
            facts.origin,
            outputs=shown,
            bound=facts.names.binds,
            changed=facts.names.mutates | facts.names.may_mutate,
        )
        for facts, shown in zip(cells, outputs, strict=True)
    )
    return Recording(
        cells=records,
        final={name: _unseen() for name in _final_names(cells)},
        python=PythonFacts(sys.executable, platform.python_version(), *_packages(cells)),
        varying=frozenset(causes),
        causes=causes,
        basis=basis,
    )


def _unseen() -> ValueFacts:
    return ValueFacts("", None, 0, opaque=_NOT_SEEN)


def _final_names(cells: Sequence[CellFacts]) -> list[str]:
    """Return the names that the code leaves bound, imports and definitions aside."""
    names: set[str] = set()
    for facts in cells:
        names |= facts.names.binds
        names -= facts.names.deletes
        names -= {each.name for each in facts.names.imports}
        names -= {each.name for each in facts.names.definitions}
    return sorted(names)


def _causes(notebook: Notebook, cells: Sequence[CellFacts]) -> dict[int, str]:
    """Say which cells vary from run to run, and why, as far as the code tells."""
    origins = {facts.cell.index: facts.origin for facts in cells}
    subject = Subject(notebook, cells, None, ())
    return {
        origins[finding.cell]: finding.message
        for finding in reversed(find_findings(subject, Selection(("NBR3",))))
        if finding.cell in origins
    }


@cache
def _installed() -> Distributions:
    return Distributions(None)


def _packages(cells: Sequence[CellFacts]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the distributions that the imports come from: versions here, and by module."""
    found = {module: _installed().versions(module) for module in sorted(imported_modules(cells))}
    versions = {name: version for each in found.values() for name, version in each.items()}
    return versions, {module: name for module, each in found.items() for name in each}


def _check_same(notebook: Notebook, copy: Notebook, mine: Cell | None, theirs: Cell | None) -> None:
    """Refuse a copy that is none: the first cell that is another one is named."""
    if mine is not None and theirs is not None and _text(mine) == _text(theirs):
        return
    hint = "Execute the notebook as it is now, and give that copy."
    if theirs is None:
        message = "The executed notebook has no such cell."
        raise NotebookError(message, where=notebook.place(mine), hint=hint)
    if INJECTED_TAG in theirs.tags:
        message = "It was executed with other parameters than those of the notebook."
        hint = "Execute the notebook without parameters, and give that copy."
    elif mine is None:
        message = "The notebook has no such cell."
    else:
        number = mine.index + 1
        message = f"The cell is not that of the notebook to refine (there it is cell {number})."
    raise NotebookError(message, where=copy.place(theirs), hint=hint)


def _check_ran(copy: Notebook, cell: Cell) -> None:
    if cell.execution_count is None and not cell.outputs:
        raise NotebookError(
            "The cell was not run in the executed notebook.",
            where=copy.place(cell),
            hint="Run all cells from the top, and save.",
        )
    if any(output.get("output_type") == "error" for output in cell.outputs):
        raise NotebookError(
            "The cell failed in the executed notebook, so that there is nothing to compare with.",
            where=copy.place(cell),
            hint="Mend it, run all cells from the top, and save.",
        )


def _text(cell: Cell) -> str:
    return "\n".join(line.rstrip() for line in cell.source.strip().splitlines())
