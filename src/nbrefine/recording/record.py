"""Records what a notebook does: one observed run, and plain ones beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.recording.facts import (
    CellRecord,
    Failure,
    PythonFacts,
    Recording,
    ValueFacts,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbrefine.notebook.document import Notebook

__all__ = ["CellRecord", "Failure", "PythonFacts", "Recording", "ValueFacts", "record"]


def record(
    notebook: Notebook,
    *,
    folder: Path,
    python: str | None = None,
    kernel: str | None = None,
    runs: int = 3,
    timeout: float | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Recording:
    """Run a notebook under observation, then plainly, and say what it did.

    Parameters
    ----------
    notebook
        What to run. Its code cells that are not empty run in the order of the document.
    folder
        The notebook's own folder. Nothing in it is changed: the runs work on a shadow of it.
    python
        Interpreter to run in; needs ipykernel. This one if neither is given.
    kernel
        Name of an installed kernel to run in, instead of `python`.
    runs
        Runs in all, at most. The third and later ones happen only where something differs.
    timeout
        Seconds that a cell may take; no limit if None.
    progress
        Called with the run's name, the number of cells done, and the number of all.

    Returns
    -------
    Recording
        Also if the notebook fails on its own (`Recording.failed`).

    Raises
    ------
    EnvironmentFaultError
        If the kernel cannot be started.
    """
