"""The four event tables that features look into, made together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flights.events import arrivals, departures, legs, overdue

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class EventTables:
    """What happened, each with the minute when it could be known."""

    departures: pd.DataFrame
    arrivals: pd.DataFrame
    overdue: pd.DataFrame
    legs: pd.DataFrame

    @classmethod
    def of(cls, flights: pd.DataFrame, late_after_minutes: float) -> EventTables:
        """Make all four.

        Parameters
        ----------
        flights
            Flights with their instants.
        late_after_minutes
            From how many minutes on a delay counts as late.

        Returns
        -------
        EventTables
            Departures, arrivals, overdue flights and due legs.
        """
        return cls(
            departures=departures(flights, late_after_minutes),
            arrivals=arrivals(flights, late_after_minutes),
            overdue=overdue(flights),
            legs=legs(flights),
        )
