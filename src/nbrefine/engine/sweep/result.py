"""What a sweep has come to: a row for each variant, and which is the best."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.engine.outcome import Build


@dataclass(frozen=True)
class Row:
    """What came of one variant.

    Parameters
    ----------
    name
        The variant.
    values
        Its parameters.
    state
        How it ended, such as ``ran``, ``up to date``, ``restored``, ``failed``, ``skipped``.
    seconds
        How long its own steps took in this sweep, by the clock.
    metrics
        The numbers that it has written down; empty unless it ended well.
    failure
        Why it has none, in one line, with the step's name; empty if it ended well.
    place
        The cell and line at which it ended, if it was a cell.
    folder
        Where its products are; None if these are the project's own.
    """

    name: str
    values: Mapping[str, object]
    state: str
    seconds: float = 0.0
    metrics: Mapping[str, float] = field(default_factory=dict)
    failure: str = ""
    place: str = ""
    folder: Path | None = None


@dataclass(frozen=True)
class Aim:
    """Which metric says what is best.

    Parameters
    ----------
    metric
        Its name.
    is_highest
        Whether the highest value is best, or the lowest.
    """

    metric: str
    is_highest: bool = True

    @property
    def word(self) -> str:
        """Say which value is best."""
        return "highest" if self.is_highest else "lowest"


@dataclass(frozen=True)
class Sweep:
    """What a sweep has come to.

    Parameters
    ----------
    step
        The step whose parameters vary.
    parameters
        These, in their order.
    rows
        One for each variant.
    metrics
        By name, the step and product that each is from.
    aim
        What is best; None if nobody has said.
    build
        How the build of all of them came out.
    notes
        What is to be said beside.
    """

    step: str
    parameters: tuple[str, ...]
    rows: tuple[Row, ...]
    metrics: Mapping[str, str]
    aim: Aim | None
    build: Build
    notes: tuple[str, ...] = ()

    @cached_property
    def best(self) -> tuple[Row, ...]:
        """The variants with the best value; several if they are equal, none if nobody knows."""
        if self.aim is None:
            return ()
        known = {
            row.name: value
            for row in self.rows
            if (value := row.metrics.get(self.aim.metric)) is not None and not math.isnan(value)
        }
        if not known:
            return ()
        best = max(known.values()) if self.aim.is_highest else min(known.values())
        return tuple(row for row in self.rows if known.get(row.name) == best)

    def is_best(self, row: Row) -> bool:
        """Whether a variant is one of the best."""
        return row.name in self._names_of_best

    @cached_property
    def _names_of_best(self) -> frozenset[str]:
        return frozenset(row.name for row in self.best)

    @property
    def failed(self) -> tuple[Row, ...]:
        """The variants that have come to nothing."""
        return tuple(row for row in self.rows if row.failure)

    @property
    def shown_metrics(self) -> tuple[str, ...]:
        """The metrics in the order of a table: that which decides comes first."""
        first = (self.aim.metric,) if self.aim is not None else ()
        return (*first, *(name for name in self.metrics if name not in first))
