"""What giving names to inline transforms comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.transforms.model import Classification

__all__ = ["NamedTransform", "Naming"]


@dataclass(frozen=True)
class NamedTransform:
    """A run of statements that is a function now.

    Attributes
    ----------
    name : str
        Of the function.
    notebook : str
        Path of the step notebook.
    cell : int
        The cell's origin in the refined notebook; where it has none, its index in the step's.
    line : int
        Line of the first statement in the cell, from 1.
    takes, gives : str
        Names of the frame that goes in, and of the frame that comes out.
    arguments : tuple of str
        What else it takes.
    reads, makes : tuple of str
        Columns, as far as they are written out.
    kind : Classification
        What it may be used for.
    source : str
        The function.
    loops : tuple of str
        Variables of loops, which the notebook has no more: nothing reads them.
    """

    name: str
    notebook: str
    cell: int
    line: int
    takes: str
    gives: str
    arguments: tuple[str, ...]
    reads: tuple[str, ...]
    makes: tuple[str, ...]
    kind: Classification
    source: str
    loops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Naming:
    """Step notebooks that call functions, and the functions.

    Attributes
    ----------
    notebooks : mapping of str to dict
        Those that changed: path relative to the root, and nbformat's JSON.
    transforms : tuple of NamedTransform
        In the order of the notebooks.
    """

    notebooks: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    transforms: tuple[NamedTransform, ...] = ()

    def gone(self) -> dict[str, str]:
        """Return the variables that no notebook has any more, and why."""
        return {
            name: f"it was the variable of a loop, which is in `{each.name}` now"
            for each in self.transforms
            for name in each.loops
        }
