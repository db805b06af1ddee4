"""As-of look-ups: what was known about a key at an instant.

An event carries `known_at`, the minute when anybody could have known of it. Every look-up takes
the minute of asking and uses only events with ``known_at <= asked_at``. Features made from nothing
but these look-ups cannot leak, and the tests of this one module prove it for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flights.clock import Minutes

Positions = npt.NDArray[np.intp]


class History:
    """Events sorted by key and by when they became known.

    Parameters
    ----------
    events
        One row an event: integer minutes in `known_at`, key columns, value columns. Values that
        are summed must be whole numbers: their sums are then exact, so that no event can change
        another's figure, not even in the last digit.
    by
        The key columns; none of them means one history of everything. Events that miss a part of
        their key are left out.
    """

    def __init__(self, events: pd.DataFrame, by: Sequence[str] = ()) -> None:
        events = events.dropna(subset=list(by))
        self._by = list(by)
        self._levels = [pd.Index(events[column].unique()) for column in by]
        codes = self._codes(events)
        known_at = events["known_at"].to_numpy(np.int64)
        # Stable, so that of events known in the same minute the last one given is the latest.
        order = np.lexsort((known_at, codes))
        self._events = events.iloc[order]
        self._first = int(known_at.min(initial=0))
        self._span = int(known_at.max(initial=0)) - self._first + 2
        self._line = self._place(codes[order], known_at[order])
        self._sums: dict[str, npt.NDArray[np.float64]] = {}

    def known(self, asked: pd.DataFrame) -> Positions:
        """Find where each request's known events end.

        Parameters
        ----------
        asked
            One row a request: integer minutes in `asked_at`, and the key columns.

        Returns
        -------
        numpy.ndarray
            For each request the position just behind its last known event.
        """
        return self._position(asked, asked["asked_at"].to_numpy(np.int64))

    def window(
        self, asked: pd.DataFrame, value: str, minutes: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Count and sum what became known in the last minutes before asking.

        Parameters
        ----------
        asked
            One row a request: integer minutes in `asked_at`, and the key columns.
        value
            The column to sum.
        minutes
            The window's length: events with ``asked_at - minutes < known_at <= asked_at``.

        Returns
        -------
        tuple of numpy.ndarray
            How many events, and the sum of their values; zeros for a key without any.
        """
        end = self.known(asked)
        start = self._position(asked, asked["asked_at"].to_numpy(np.int64) - minutes)
        sums = self._cumulated(value)
        return (end - start).astype(np.float64), sums[end] - sums[start]

    def latest(self, asked: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
        """Take the last event known to each request.

        Parameters
        ----------
        asked
            One row a request: integer minutes in `asked_at`, and the key columns.
        columns
            What to take of the event.

        Returns
        -------
        pandas.DataFrame
            One row a request, with its index; missing where nothing was known.
        """
        end = self.known(asked)
        found = end > self._start(asked)
        taken = self._events[list(columns)].take(np.where(found, end - 1, 0) if len(self) else [])
        if not len(self):
            return pd.DataFrame(np.nan, asked.index, list(columns))
        return taken.set_axis(asked.index).where(pd.Series(found, asked.index), np.nan)

    def __len__(self) -> int:
        """Count the events."""
        return len(self._events)

    def _codes(self, frame: pd.DataFrame) -> Minutes:
        """Give each key its number, or -1 if no event has it."""
        codes = np.zeros(len(frame), np.int64)
        for column, level in zip(self._by, self._levels, strict=True):
            part = level.get_indexer(pd.Index(frame[column]))
            codes = np.where((codes < 0) | (part < 0), -1, codes * (len(level) + 1) + part)
        return codes

    def _place(self, codes: Minutes, minutes: Minutes) -> Minutes:
        """Lay all keys' times on one line, one key's stretch behind the other's."""
        return codes * self._span + np.clip(minutes - self._first, -1, self._span - 2)

    def _position(self, asked: pd.DataFrame, minutes: Minutes) -> Positions:
        return np.searchsorted(self._line, self._place(self._codes(asked), minutes), "right")

    def _start(self, asked: pd.DataFrame) -> Positions:
        before_all = np.full(len(asked), self._first - 1)
        return np.searchsorted(self._line, self._place(self._codes(asked), before_all), "right")

    def _cumulated(self, value: str) -> npt.NDArray[np.float64]:
        if value not in self._sums:
            values = self._events[value].to_numpy(np.float64, na_value=np.nan)
            if not np.array_equal(values, np.round(values)):
                raise ValueError(f"Column {value!r} must hold whole numbers to be summed exactly.")
            self._sums[value] = np.concatenate([[0.0], np.cumsum(values)])
        return self._sums[value]
