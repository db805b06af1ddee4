"""The training frame: for each request what was known when it was asked, by ``merge_asof``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from nbrefine.errors import FeatureTableError, did_you_mean
from nbrefine.features.columns import INSTANT, Kind
from nbrefine.features.prepared import KNOWN, SINCE, Prepared, prepare
from nbrefine.features.requests import canonical_requests
from nbrefine.features.view import ASKED_AT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.features.view import FeatureView, Lookup, Relation

Positions = npt.NDArray[np.int64]
_NOWHERE = -1


def training_frame(
    view: FeatureView, requests: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Look up what was known when each request was asked.

    Parameters
    ----------
    view
        The declaration.
    requests
        One row a request: the columns of the declaration, and ``asked_at``, instants with a time
        zone, unless the declaration says how to work them out. Other columns are left out.
    tables
        The look-up tables by name.

    Returns
    -------
    pandas.DataFrame
        ``view.columns``, with the index of the requests.

    Raises
    ------
    FeatureTableError
        If requests or tables are not as declared.
    """
    frame = canonical_requests(view, requests)
    histories = {
        relation: _History.of(_prepared(view, relation, columns, tables), frame)
        for relation, columns in view.relations().items()
    }
    parts = [frame]
    for lookup in view.lookups:
        history = histories[lookup.relation]
        found = taken(lookup, history.prepared, history.positions(lookup))
        parts.append(found.set_axis(frame.index))
    return pd.concat(parts, axis="columns")


def _prepared(
    view: FeatureView,
    relation: Relation,
    columns: tuple[str, ...],
    tables: Mapping[str, pd.DataFrame],
) -> Prepared:
    if relation.table not in tables:
        message = f"There is no table {relation.table!r}."
        raise FeatureTableError(message, hint=did_you_mean(relation.table, tables))
    return prepare(view, relation, columns, tables[relation.table])


@dataclass(frozen=True)
class _History:
    """A table made ready, and where in it each request has its key."""

    prepared: Prepared
    key_of_row: Positions
    asked: pd.DataFrame

    @classmethod
    def of(cls, prepared: Prepared, frame: pd.DataFrame) -> _History:
        """Give each key a number, in the table and in the requests."""
        key, rows = list(prepared.relation.key), prepared.rows
        asked = pd.DataFrame({"asked_at": frame[ASKED_AT]})
        if not key:
            return cls(prepared, np.zeros(len(rows), np.int64), asked.assign(key=0))
        keys = pd.MultiIndex.from_frame(rows[key].drop_duplicates())
        of_row = keys.get_indexer(pd.MultiIndex.from_frame(rows[key]))
        of_request = keys.get_indexer(pd.MultiIndex.from_frame(frame[key].astype(rows[key].dtypes)))
        return cls(prepared, of_row.astype(np.int64), asked.assign(key=of_request))

    def positions(self, lookup: Lookup) -> Positions:
        """Find the row that each request is answered with, or -1."""
        rows = self.prepared.rows
        if lookup.known_at is None:
            # Keys are numbered in the order of the rows, each of which has its own.
            return self.asked["key"].to_numpy(np.int64)
        asked = pd.DataFrame(
            {
                "time": (self.asked["asked_at"] - lookup.ago).astype(INSTANT),
                "key": self.asked["key"].astype(np.int64),
                "request": np.arange(len(self.asked)),
            }
        ).sort_values("time", kind="stable")
        known = pd.DataFrame(
            {"time": rows[KNOWN], "key": self.key_of_row, "row": np.arange(len(rows))}
        )
        found = pd.merge_asof(asked, known, on="time", by="key")
        positions = np.empty(len(asked), np.int64)
        positions[found["request"]] = found["row"].fillna(_NOWHERE)
        return self._young(positions, lookup)

    def _young(self, positions: Positions, lookup: Lookup) -> Positions:
        """Leave out rows that are older than they may be."""
        if lookup.greatest_age is None or not len(self.prepared.rows):
            return positions
        since = self.prepared.rows[SINCE].to_numpy()[positions]
        age = (self.asked["asked_at"] - lookup.ago).astype(INSTANT).to_numpy() - since
        return np.where(age <= np.timedelta64(lookup.greatest_age), positions, _NOWHERE)


def taken(lookup: Lookup, prepared: Prepared, positions: Positions) -> pd.DataFrame:
    """Take the columns of the rows that were found.

    Parameters
    ----------
    lookup
        The look-up.
    prepared
        Its table.
    positions
        For each request the position of a row, or -1.

    Returns
    -------
    pandas.DataFrame
        ``lookup.names``, one row a request in order; where nothing was found, missing or what the
        declaration says.
    """
    found = positions >= 0
    columns = {}
    for column, name in zip(lookup.columns, lookup.names, strict=True):
        values = prepared.rows[f"={column}"]
        chosen = values.reindex(positions)
        if lookup.absent is not None and prepared.columns[column] is Kind.NUMBER:
            chosen = chosen.mask(~found, lookup.absent)
        columns[name] = chosen.array
    return pd.DataFrame(columns)
