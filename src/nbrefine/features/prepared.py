"""A table made ready to be looked into: its keys checked, and only rows that can be an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.errors import FeatureTableError, did_you_mean
from nbrefine.features.columns import Kind, cast, kind_of, looked_up_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from nbrefine.features.view import FeatureView, Relation

KNOWN, SINCE = "\0known", "\0since"


@dataclass(frozen=True)
class Prepared:
    """A table made ready.

    Parameters
    ----------
    relation
        How it is looked into.
    columns
        What can be taken, and its kind.
    rows
        The key columns, `columns`, and where rows become known ``KNOWN`` and ``SINCE``: instants
        from when on a row is known, and from when its age counts. In the order of ``KNOWN``;
        no two rows of one key became known at once.
    """

    relation: Relation
    columns: dict[str, Kind]
    rows: pd.DataFrame


def prepare(
    view: FeatureView, relation: Relation, columns: Sequence[str], table: pd.DataFrame
) -> Prepared:
    """Make a table ready.

    Parameters
    ----------
    view
        The declaration, for the kinds of the keys.
    relation
        How the table is looked into.
    columns
        What is taken.
    table
        The table.

    Returns
    -------
    Prepared
        The rows that can be an answer; those without a complete key cannot.

    Raises
    ------
    FeatureTableError
        If a column is missing or of a kind that cannot be used, if a time is missing, or if a
        key without times is there twice.
    """
    times = [each for each in (relation.known_at, relation.at) if each is not None]
    for column in (*relation.key, *columns, *times):
        if column not in table.columns:
            message = f"Table {relation.table!r} has no column {column!r}."
            raise FeatureTableError(message, hint=did_you_mean(column, map(str, table.columns)))
    try:
        return _prepare(view, relation, columns, table)
    except FeatureTableError as error:
        if repr(relation.table) in error.message:
            raise
        message = f"Table {relation.table!r}: {error.message}"
        raise FeatureTableError(message, hint=error.hint) from None


def _prepare(
    view: FeatureView, relation: Relation, columns: Sequence[str], table: pd.DataFrame
) -> Prepared:
    key = list(relation.key)
    table = table.dropna(subset=key).reset_index(drop=True)
    kinds = {column: looked_up_kind(kind_of(table[column])) for column in columns}
    rows = table[key].copy()
    for column in key:
        rows[column] = cast(table[column], view.request[column].kind)
    for column, kind in kinds.items():
        # A key may be taken as well: it is kept apart from what is looked up by.
        rows[f"={column}"] = cast(table[column], kind)
    if relation.known_at is None:
        _refuse_twice(relation, rows)
        return Prepared(relation, kinds, rows)
    for name, column in ((KNOWN, relation.known_at), (SINCE, relation.at or relation.known_at)):
        rows[name] = cast(table[column], Kind.INSTANT)
        if rows[name].isna().any():
            count = int(rows[name].isna().sum())
            raise FeatureTableError(f"Column {column!r} is missing in {count} rows.")
    rows = _answers(rows.sort_values(KNOWN, kind="stable", ignore_index=True), relation)
    return Prepared(relation, kinds, rows)


def _answers(rows: pd.DataFrame, relation: Relation) -> pd.DataFrame:
    """Keep the rows that are the latest of their key at some time."""
    key = list(relation.key)
    if relation.at is not None:
        # A row that tells of an earlier time than one known before it is never the latest.
        since = rows[SINCE]
        latest = rows.groupby(key)[SINCE].cummax() if key else since.cummax()
        rows = rows[since == latest]
    return rows.drop_duplicates([*key, KNOWN], keep="last").reset_index(drop=True)


def _refuse_twice(relation: Relation, rows: pd.DataFrame) -> None:
    key = list(relation.key)
    twice = rows[rows.duplicated(key)]
    if len(twice):
        values = ", ".join(f"{name}={twice[name].iloc[0]!r}" for name in key)
        raise FeatureTableError(
            f"Table {relation.table!r} has the key {values} more than once, and no time says "
            "which row counts.",
            hint="Declare `known_at`, or keep one row a key.",
        )
