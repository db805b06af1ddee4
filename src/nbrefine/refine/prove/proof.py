"""The result of proving: what the refined project says, beside what the notebook said."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nbrefine.compare.verdict import Difference, Verdict, worst
from nbrefine.recording.facts import Basis
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class CellProof:
    """One cell of the original notebook.

    Parameters
    ----------
    origin
        Its index, from 0, over the original's code cells that are not empty.
    step
        The step that it became part of; empty if it is in none.
    verdict
        How its outputs compare.
    differences
        Where they differ.
    cause
        Why the cell varies in the original too, where the recording knows it.
    source
        Its code as the project has it; empty if it is in no step.
    expected, actual
        The outputs of the recorded run and of the build, as nbformat has them.
    """

    origin: int
    step: str
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    cause: str = ""
    source: str = ""
    expected: tuple[Mapping[str, Any], ...] = ()
    actual: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class ItemProof:
    """One final variable, or one file that the notebook wrote.

    Parameters
    ----------
    name
        The variable's name, or the file's path relative to the project.
    step
        The step that it is looked for in; empty if it is in none.
    verdict
        How it compares.
    message
        What differs, or why it could not be compared.
    """

    name: str
    step: str
    verdict: Verdict
    message: str = ""


_LABELS: Mapping[str, Callable[[Any], str]] = {
    "cells": lambda cell: f"code cell {cell.origin + 1}",
    "variables": lambda item: f"variable {item.name}",
    "files": lambda item: f"file {item.name}",
}


@dataclass(frozen=True)
class Proof:
    """How a refined project compares with the notebook that it came from.

    Parameters
    ----------
    root
        The project's folder.
    cells, variables, files
        What was compared.
    built
        Whether the build came to its end.
    build_error
        If not, the last lines that it printed.
    seconds
        How long the build took.
    rebuilt
        Whether the project was built anew; otherwise its products were compared as they lay there.
    basis
        What was compared with: a run of the notebook, stored outputs, or nothing.
    """

    root: Path
    cells: tuple[CellProof, ...]
    variables: tuple[ItemProof, ...] = ()
    files: tuple[ItemProof, ...] = ()
    built: bool = True
    build_error: str = ""
    seconds: float = 0.0
    rebuilt: bool = True
    basis: Basis = Basis.RUN
    counts: Mapping[str, Mapping[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Count the verdicts of each kind."""
        object.__setattr__(
            self,
            "counts",
            {
                kind: dict(Counter(str(item.verdict) for item in items))
                for kind, items in (
                    ("cells", self.cells),
                    ("variables", self.variables),
                    ("files", self.files),
                )
            },
        )

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all; a project that does not build is missing everything."""
        if not self.built:
            return Verdict.MISSING
        items: list[CellProof | ItemProof] = [*self.cells, *self.variables, *self.files]
        return worst(item.verdict for item in items)

    @property
    def holds(self) -> bool:
        """Whether nothing is different or missing."""
        return not self.verdict.fails

    @property
    def failing(self) -> frozenset[str]:
        """What is different or missing, such as ``code cell 3``, ``variable df``, ``build``."""
        names = {
            label(each)
            for kind, label in _LABELS.items()
            for each in getattr(self, kind)
            if each.verdict.fails
        }
        return frozenset(names if self.built else {*names, "build"})

    def without(self, names: Collection[str]) -> Proof:
        """Return a proof without what `failing` calls by these names."""
        kept: dict[str, Any] = {
            kind: tuple(each for each in getattr(self, kind) if label(each) not in names)
            for kind, label in _LABELS.items()
        }
        return replace(self, **kept)


def headline(proof: Proof) -> str:
    """Say in one sentence what a proof comes to."""
    if not proof.built:
        return "The pipeline does not build."
    faults = [
        f"{number} {kind[:-1] if number == 1 else kind}"
        for kind, items in (
            ("cells", proof.cells),
            ("variables", proof.variables),
            ("files", proof.files),
        )
        if (number := sum(item.verdict.fails for item in items))
    ]
    if faults:
        *others, last = faults
        places = f"{', '.join(others)} and {last}" if others else last
        return f"The pipeline differs from the notebook in {places}."
    if proof.basis is Basis.NONE:
        return "The pipeline builds. Nothing was compared: the notebook was not run."
    if proof.verdict is Verdict.SUPERSEDED:
        return "Steps were edited; all else says what the notebook said."
    if proof.basis is Basis.STORED:
        return "The pipeline shows what the executed notebook shows. Variables were not compared."
    return "The pipeline says what the notebook said."


def proof_json(proof: Proof) -> dict[str, Any]:
    """Turn a proof into JSON: the verdicts and what differs, without outputs and pictures."""
    return {
        "project": proof.root.name,
        "headline": headline(proof),
        "verdict": proof.verdict,
        "holds": proof.holds,
        "built": proof.built,
        "build_error": mask_text(proof.build_error),
        "rebuilt": proof.rebuilt,
        "basis": proof.basis,
        "seconds": round(proof.seconds, 3),
        "counts": proof.counts,
        "cells": [_cell_json(cell) for cell in proof.cells],
        "variables": [_item_json(item) for item in proof.variables],
        "files": [_item_json(item) for item in proof.files],
    }


def _item_json(item: ItemProof) -> dict[str, Any]:
    return asdict(item) | {"message": mask_text(item.message)}


def _cell_json(cell: CellProof) -> dict[str, Any]:
    differences = [asdict(difference) for difference in cell.differences]
    for difference in differences:
        del difference["picture"]
        for text in ("message", "expected", "actual"):
            difference[text] = mask_text(difference[text])
    return {
        "origin": cell.origin,
        "step": cell.step,
        "verdict": cell.verdict,
        "cause": cell.cause,
        "differences": differences,
    }
