"""What a proof is judged from: the recorded run, and what the steps of a build showed and held."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nbrefine.analysis.listings import OWN, listed_folders
from nbrefine.notebook.syntax import to_python
from nbrefine.refine.prove.chance import cells_of_chance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.recording.facts import Recording, ValueFacts

_LISTS = "It lists the notebook's folder; the project's holds other files."


@dataclass(frozen=True)
class StepRun:
    """What a step's notebook showed and held.

    Parameters
    ----------
    cells
        Of the executed notebook, as nbformat 4 has them.
    values
        The names at its end; None if nobody looked.
    """

    cells: tuple[Mapping[str, Any], ...]
    values: Mapping[str, ValueFacts] | None = None


@dataclass(frozen=True)
class Executed:
    """One of the original's cells, as a step ran it."""

    step: str
    cell: Mapping[str, Any]

    @property
    def ran(self) -> bool:
        """Whether the kernel got to it."""
        return self.cell.get("execution_count") is not None

    @property
    def outputs(self) -> tuple[Mapping[str, Any], ...]:
        """What it showed."""
        return tuple(self.cell.get("outputs", ()))

    @property
    def source(self) -> str:
        """Its code."""
        source = self.cell.get("source", "")
        return source if isinstance(source, str) else "".join(source)


@dataclass(frozen=True)
class Case:
    """Everything that a verdict rests on.

    Parameters
    ----------
    recording
        The original's run, and its plain runs.
    runs
        The steps that ran, by name, in the order of the pipeline.
    edited
        Steps that are not as they were written: a difference there is no fault.
    folders
        The project's own, and the one where it was built.
    left
        Variables whose final value no step holds, and why: see `left_behind`.
    """

    recording: Recording
    runs: Mapping[str, StepRun]
    edited: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    left: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def places(self) -> Mapping[int, list[Executed]]:
        """Each of the original's cells, wherever steps ran it."""
        found: dict[int, list[Executed]] = defaultdict(list)
        for step, run in self.runs.items():
            for cell in run.cells:
                if cell.get("cell_type") == "code" and (origin := origin_of(cell)) is not None:
                    found[origin].append(Executed(step, cell))
        return dict(found)

    @cached_property
    def alike(self) -> tuple[str, ...]:
        """Folders that stand for each other in texts, the notebook's among them."""
        own = self.recording.folder
        return (*self.folders, own) if own else self.folders

    @cached_property
    def chance(self) -> Mapping[int, str]:
        """The cells that depend on chance or on their folder, and why, where that is known."""
        sources = {origin: places[0].source for origin, places in self.places.items()}
        listing = {origin: _LISTS for origin, text in sources.items() if _lists_own_folder(text)}
        return {**cells_of_chance(self.recording, sources), **listing}

    def superseded(self, steps: Iterable[str]) -> bool:
        """Whether a fault in these steps may come from an edit; where no step ran, from any."""
        steps = tuple(steps)
        return bool(self.edited.intersection(steps)) if steps else bool(self.edited)


def _lists_own_folder(source: str) -> bool:
    cell = to_python(source)
    return cell.error is None and listed_folders(ast.parse(cell.code)) == {OWN}


def origin_of(cell: Mapping[str, Any]) -> int | None:
    """Return which of the original's code cells this one is; None if refine added it."""
    metadata = cell.get("metadata", {}).get("nbrefine")
    origin = metadata.get("origin") if isinstance(metadata, dict) else None
    return origin if isinstance(origin, int) else None
