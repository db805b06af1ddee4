"""Whether a step's kernel finds the memory that it needs, beside those that run already."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import mean
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.pipeline.plan import Plan

_UNLIMITED = float("inf")


@dataclass(frozen=True)
class Room:
    """The memory of a machine, as one build shares it among its steps.

    Parameters
    ----------
    bytes
        What there is for all of them.
    held
        The most that each step's kernel held in its last run, in bytes, by its name; a step
        without counts like the mean of the others.
    """

    bytes: float = _UNLIMITED
    held: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of_this_machine(cls, plan: Plan) -> Self:
        """Return what is free here now, for the steps of a plan."""
        held = {
            name: each.last.memory
            for name, each in plan.steps.items()
            if each.last is not None and each.last.memory
        }
        if not held:
            return cls()
        import psutil  # noqa: PLC0415  (most builds run nothing)

        return cls(psutil.virtual_memory().available, held)

    def has(self, step: str, running: Iterable[str]) -> bool:
        """Return whether a step can run beside others; one that is alone can in any case."""
        beside = [*running]
        if not beside or not self.held:
            return True
        usual = mean(self.held.values())
        return sum(self.held.get(name, usual) for name in (step, *beside)) <= self.bytes
