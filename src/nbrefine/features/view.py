"""The declaration: what a request carries, what is looked up for it, what is made of both."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.errors import FeatureViewError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    import pandas as pd

    from nbrefine.features.columns import Kind

ASKED_AT = "asked_at"
_NOTHING = dt.timedelta(0)


@dataclass(frozen=True)
class RequestField:
    """A column that requests carry.

    Parameters
    ----------
    kind
        What it holds.
    optional
        Whether it may be missing.
    refuse
        Whether a value that training never saw is refused; else it is warned of.
    """

    kind: Kind
    optional: bool = False
    refuse: bool = False


@dataclass(frozen=True)
class Relation:
    """A table as it is looked into: look-ups that differ only in what they take share one.

    Parameters
    ----------
    table
        The table's name.
    key
        The key columns.
    known_at
        The column that says when a row became known; None where rows count at any time.
    at
        The column that says when it happened, where that is another time.
    """

    table: str
    key: tuple[str, ...]
    known_at: str | None = None
    at: str | None = None


@dataclass(frozen=True)
class Lookup:
    """What is looked up for a request: the last row of its key that was known.

    Parameters
    ----------
    name
        Prefix of the columns that it gives: ``name.column``.
    table
        Which table.
    key
        The key columns, named alike in the table and the request; none where the table has one
        history for all.
    columns
        What is taken of the row.
    known_at
        The column that says when a row became known.
    timeless
        In the place of `known_at`: why the rows may be used whenever a request is asked.
    at
        The column that says when what the row tells of happened. Of the rows that are known the
        one that tells of the latest time is taken; a late correction of an earlier time is not
        news.
    greatest_age
        How long before asking it may have happened (or become known, where there is no `at`); an
        older row counts as missing.
    ago
        How long before asking to look: what was known then.
    absent
        What stands for numbers where there is no row; without it they are missing, and the
        request is warned of.
    """

    name: str
    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    known_at: str | None = None
    timeless: str = ""
    at: str | None = None
    greatest_age: dt.timedelta | None = None
    ago: dt.timedelta = _NOTHING
    absent: float | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        for holds, says in self._rules():
            if not holds:
                raise FeatureViewError(f"Look-up {self.name!r} {says}.")

    def _rules(self) -> tuple[tuple[bool, str], ...]:
        timed = self.known_at is not None
        return (
            (bool(self.columns), "takes no column"),
            (len(set(self.columns)) == len(self.columns), "takes a column twice"),
            (len(set(self.key)) == len(self.key), "has a key column twice"),
            (
                timed != bool(self.timeless),
                "must say either when a row became known (`known_at`) or why not (`timeless`)",
            ),
            (bool(self.key) or timed, "has neither a key nor a time to look up by"),
            (timed or self.at is None, "says `at` without `known_at`"),
            (timed or self.ago == _NOTHING, "says `ago` without `known_at`"),
            (timed or self.greatest_age is None, "says `greatest_age` without `known_at`"),
            (self.ago >= _NOTHING, "looks into the future: `ago` is negative"),
            (
                self.greatest_age is None or self.greatest_age >= _NOTHING,
                "has a negative `greatest_age`",
            ),
        )

    @property
    def relation(self) -> Relation:
        """The table as it is looked into."""
        return Relation(self.table, self.key, self.known_at, self.at)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it gives."""
        return tuple(f"{self.name}.{column}" for column in self.columns)


# A view is itself, whatever another one says: what is worked out for it is kept.
@dataclass(frozen=True, eq=False)
class FeatureView:
    """All that a project declares of its features.

    Parameters
    ----------
    module
        The module that declares them.
    request
        By name, the columns that a request carries.
    lookups
        What is looked up for it.
    transforms
        What is made of both, in this order: functions of a frame.
    asked_at
        Says when each request is asked; None: at once, when it arrives.
    """

    module: str
    request: Mapping[str, RequestField]
    lookups: tuple[Lookup, ...] = ()
    transforms: tuple[Callable[[Any], Any], ...] = ()
    asked_at: Callable[[pd.DataFrame], pd.Series] | None = None

    def relations(self) -> dict[Relation, tuple[str, ...]]:
        """List what is looked into, and all columns that are taken of it."""
        found: dict[Relation, dict[str, None]] = {}
        for lookup in self.lookups:
            found.setdefault(lookup.relation, {}).update(dict.fromkeys(lookup.columns))
        return {relation: tuple(columns) for relation, columns in found.items()}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the frame that transforms are given."""
        looked_up = (name for lookup in self.lookups for name in lookup.names)
        return (*self.request, ASKED_AT, *looked_up)
