"""What comes of running a step: light to import, also where nothing runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.kernels.session import CellError

STOPPED = "the build was stopped"
"""Why a step did not run, or not to its end, where nothing is wrong with it."""


@dataclass(frozen=True)
class CellFailure:
    """The cell at which a notebook ended.

    Parameters
    ----------
    index
        Of the cell in the executed notebook, from 0 over all its cells.
    source
        Its text.
    error
        What ended it.
    """

    index: int
    source: str
    error: CellError


@dataclass(frozen=True)
class StepFailure:
    """Why a step has not come to its end.

    Parameters
    ----------
    reason
        In one line.
    cell
        The cell at which it ended, if it was a cell.
    kept
        The notebook as far as it ran; None if it did not start.
    """

    reason: str
    cell: CellFailure | None = None
    kept: Path | None = None


@dataclass(frozen=True)
class StepRun:
    """What came of running a step.

    Parameters
    ----------
    step
        Its name.
    seconds
        By the clock.
    memory
        The most memory that it held, in bytes.
    usage
        What it read, wrote and imported, as the observer reported it.
    failure
        Set if it failed; then the project is as it was before.
    """

    step: str
    seconds: float
    memory: int = 0
    usage: Mapping[str, Any] = field(default_factory=dict)
    failure: StepFailure | None = None
