"""What the next build will do, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.pipeline.fingerprint import Fingerprint
    from nbrefine.pipeline.ledger_rows import Published
    from nbrefine.pipeline.observed import Observed


class State(StrEnum):
    """What the next build does with a step."""

    FRESH = "fresh"
    """Nothing."""
    REFRESH = "refresh"
    """Its notebook's prose is new: shown in the executed notebook without a run."""
    RESTORABLE = "restorable"
    """Its products are taken from the cache."""
    WAITING = "waiting"
    """A step that it builds on is outdated; it runs if that one's products come out new."""
    OUTDATED = "outdated"
    """It runs."""


@dataclass(frozen=True)
class StepPlan:
    """What the next build does with a step.

    Parameters
    ----------
    name
        The step.
    state
        What is done.
    reasons
        Why, in words; empty for a fresh one.
    fingerprint
        What it would be made from now, with what its last run was seen to use. None while a step
        that it builds on is not made.
    last
        What was last published of it.
    """

    name: str
    state: State
    reasons: tuple[str, ...] = ()
    fingerprint: Fingerprint | None = None
    last: Published | None = None

    @property
    def reason(self) -> str:
        """The first of the reasons; empty if there is none."""
        return self.reasons[0] if self.reasons else ""


@dataclass(frozen=True)
class Plan:
    """What the next build does.

    Parameters
    ----------
    steps
        In the order of the build; only those that were asked for, and what they build on.
    notes
        What is to be said beside: a damaged ledger, inputs that cannot be followed.
    """

    steps: Mapping[str, StepPlan]
    notes: tuple[str, ...] = field(default=())


class Cache(Protocol):
    """What a plan asks of the cache of products."""

    def observed(self, static_key: str) -> Iterable[Observed]:
        """Return what the runs used that had this static key."""

    def has(self, key: str) -> bool:
        """Tell whether the products with a fingerprint's key are there."""
