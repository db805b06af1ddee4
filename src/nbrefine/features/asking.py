"""How the look-ups of a view are asked and read: worked out once, used for every batch."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from nbrefine.features.view import ASKED_AT

if TYPE_CHECKING:
    from nbrefine.features.columns import Kind
    from nbrefine.features.view import FeatureView, Lookup, Relation

_MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class Read:
    """How one look-up is read from what its relation was answered.

    Parameters
    ----------
    lookup
        The look-up.
    span
        Which of the relation's times it looks at.
    greatest_age
        In microseconds before asking; None for any.
    columns
        By name that it gives, the place in a row.
    """

    lookup: Lookup
    span: int
    greatest_age: int | None
    columns: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Asked:
    """What one relation is asked.

    Parameters
    ----------
    relation
        What is looked into.
    spans
        How long before asking it is looked at, in microseconds; one zero where rows have no time.
    timed
        Whether rows have a time.
    reads
        What is taken of the answers.
    """

    relation: Relation
    spans: tuple[int, ...]
    timed: bool
    reads: tuple[Read, ...]


@dataclass(frozen=True)
class Plan:
    """How all look-ups of a view are made.

    Parameters
    ----------
    keys
        Columns of the request that are keys, and what they hold.
    asked
        By relation.
    own
        The columns of the request, and when it is asked.
    columns
        All columns in order.
    """

    keys: dict[str, Kind]
    asked: tuple[Asked, ...]
    own: pd.Index
    columns: pd.Index


# A service has one view; tests and checks have a few.
@lru_cache(maxsize=16)
def plan_of(view: FeatureView) -> Plan:
    """Work out how a view's look-ups are made.

    Parameters
    ----------
    view
        The declaration.

    Returns
    -------
    Plan
        The same one for the same declaration.
    """
    relations = view.relations()
    names = dict.fromkeys(name for relation in relations for name in relation.key)
    return Plan(
        {name: view.request[name].kind for name in names},
        tuple(_asked(view, relation, taken) for relation, taken in relations.items()),
        pd.Index([*view.request, ASKED_AT]),
        pd.Index(view.columns),
    )


def _asked(view: FeatureView, relation: Relation, taken: tuple[str, ...]) -> Asked:
    own = [each for each in view.lookups if each.relation == relation]
    spans = list(dict.fromkeys(each.ago for each in own))
    return Asked(
        relation,
        tuple(span // _MICROSECOND for span in spans),
        relation.known_at is not None,
        tuple(_read(each, spans.index(each.ago), taken) for each in own),
    )


def _read(lookup: Lookup, span: int, taken: tuple[str, ...]) -> Read:
    age = lookup.greatest_age
    return Read(
        lookup,
        span,
        # As old as it may be when it is looked for, which may be some time before asking.
        None if age is None else (age + lookup.ago) // _MICROSECOND,
        # Before the columns of a row stands since when it counts.
        tuple(
            (name, taken.index(column) + 1)
            for column, name in zip(lookup.columns, lookup.names, strict=True)
        ),
    )
