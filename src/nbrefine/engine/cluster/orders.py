"""What a builder sends to a worker, and what it gets back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.engine.results import StepRun
    from nbrefine.pipeline.model import Pipeline


@dataclass(frozen=True)
class Order:
    """A step that a worker is to run.

    Parameters
    ----------
    pipeline
        The step, and those that it reads from.
    step
        Its name.
    timeout
        Seconds that it may take.
    ahead
        Modules that its kernel finds imported; None for one that is started cold.
    environ
        Variables that its code reads, as they are where the build is.
    token
        Names the build, and what is in the probe.
    modules
        What steps of the build import.
    versions
        What a worker has to have of it, as `versions_here` gives it.
    """

    pipeline: Pipeline
    step: str
    timeout: float
    ahead: tuple[str, ...] | None
    environ: Mapping[str, str]
    token: str
    modules: tuple[str, ...]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What came of an order.

    Parameters
    ----------
    worker
        The worker's address.
    refusal
        Why this worker runs nothing of the build; empty if it did.
    run
        What came of the run.
    attempt
        Which of the step's runs in this build it was: says where its files are.
    files
        Bytes of each file there, by its path below the place.
    environ
        Digests of the variables that it read beside those that it was given, on the worker.
    is_cold
        Whether it turned out to need a kernel that is not forked.
    """

    worker: str
    refusal: str = ""
    run: StepRun | None = None
    attempt: int = 0
    files: Mapping[str, int] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    is_cold: bool = False
