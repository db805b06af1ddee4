"""What a build has come to, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.engine.results import StepFailure


class Ending(StrEnum):
    """How a step came out of a build."""

    FRESH = "up to date"
    RAN = "ran"
    RESTORED = "restored"
    REFRESHED = "refreshed"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_good(self) -> bool:
        """Whether the step's products are what they should be."""
        return self not in {Ending.FAILED, Ending.SKIPPED}


@dataclass(frozen=True)
class Outcome:
    """How one step came out.

    Parameters
    ----------
    step
        Its name.
    ending
        How.
    reasons
        Why it was not up to date, or was not run.
    start, seconds
        When it began, counted from the build's beginning, and how long it took, by the clock.
    memory
        The most memory that it held, in bytes.
    changed
        Whether its products say anything new; only then what builds on it is run again.
    failure
        Set if it failed.
    """

    step: str
    ending: Ending
    reasons: tuple[str, ...] = ()
    start: float = 0.0
    seconds: float = 0.0
    memory: int = 0
    changed: bool = False
    failure: StepFailure | None = None


@dataclass(frozen=True)
class Build:
    """How a build came out.

    Parameters
    ----------
    run
        Its identifier in the ledger; empty if it had nothing to do.
    outcomes
        By step, in the order of the pipeline.
    notes
        What is to be said beside.
    seconds
        How long it took, by the clock.
    stopped
        Whether it was told to end before its time.
    """

    run: str
    outcomes: Mapping[str, Outcome]
    notes: tuple[str, ...] = field(default=())
    seconds: float = 0.0
    stopped: bool = False

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The steps that failed."""
        return tuple(each for each in self.outcomes.values() if each.failure is not None)
