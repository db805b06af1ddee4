"""What the user wants of a refinement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.errors import InputError
from nbrefine.recording.facts import Basis

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Options:
    """What the user wants of a refinement.

    Parameters
    ----------
    steps
        How many steps; as many as suit the notebook if None.
    runs
        Runs of the original in all, at most.
    static
        Whether to go by the code alone, and run nothing.
    record_from
        An executed copy of the notebook whose outputs stand for a run.
    prove
        Whether to build the project and compare; if None, unless nothing was run.
    timeout
        Seconds that a cell may take.
    python, kernel
        Interpreter, or installed kernel, to run in.
    force
        Whether files that are there may be overwritten.
    inside
        Whether the project is added to what the folder holds already.
    copy_data
        Whether data files are copied instead of linked.
    tests
        Whether tests of what moved to modules are recorded, once the proof holds.
    baselines
        Whether there are tests of the steps' notebooks too, which takes another run of them.
    stands_for
        Where the project will lie, if what is written is a draft of it in another folder.

    Raises
    ------
    InputError
        If two of them exclude each other.
    """

    steps: int | None = None
    runs: int = 3
    static: bool = False
    record_from: Path | None = None
    prove: bool | None = None
    timeout: float | None = None
    python: str | None = None
    kernel: str | None = None
    force: bool = False
    inside: bool = False
    copy_data: bool = False
    tests: bool = True
    baselines: bool = True
    stands_for: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.kernel and self.python:
            raise InputError(
                "--kernel and --python say both which interpreter to run in: give one."
            )
        if self.static and self.record_from is not None:
            raise InputError(
                "--static looks at the code alone, --record-from at stored outputs: give one."
            )
        if self.basis is not Basis.RUN and (self.kernel or self.python):
            raise InputError("--kernel and --python have no use where the notebook is not run.")

    @property
    def basis(self) -> Basis:
        """What stands for a run of the notebook."""
        if self.static:
            return Basis.NONE
        return Basis.RUN if self.record_from is None else Basis.STORED

    @property
    def proves(self) -> bool:
        """Whether the project is built and compared."""
        return not self.static if self.prove is None else self.prove
