"""Proves that features made request by request are those made in batch, bit by bit.

Each stage is held against the batch on its own: the look-ups, then every transform, which is
given the batch's own row. So a difference is named where it arises, not where it shows.
"""

from __future__ import annotations

import inspect
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nbrefine.errors import FeatureProofError
from nbrefine.features.joins import training_frame
from nbrefine.features.online import look_up
from nbrefine.features.pushing import push
from nbrefine.features.requests import canonical_requests, require_requests
from nbrefine.features.sameness import differing
from nbrefine.features.sqlite_store import SqliteStore
from nbrefine.transforms import Kind as Use
from nbrefine.transforms import classify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.features.view import FeatureView
    from nbrefine.transforms import Classification

LOOK_UP = "look-up"


@dataclass(frozen=True)
class Difference:
    """A column that is made differently for one request than in a batch.

    Parameters
    ----------
    stage
        ``look-up``, or the name of the transform.
    column
        The column; empty where the stage fails or returns other columns.
    requests
        How many of the requests that were tried differ.
    row
        The first of them, by its label in the requests.
    batch, single
        What the batch made of it, and what came of the request alone.
    statement
        The statement that makes the difference, as far as the code tells.
    """

    stage: str
    column: str
    requests: int
    row: object
    batch: object
    single: object
    statement: str = ""

    def __str__(self) -> str:
        """Say it on one line."""
        where = f"{self.stage}: {self.column}" if self.column else self.stage
        because = f"; {self.statement}" if self.statement else ""
        return (
            f"{where} differs in {self.requests} requests, first in row {self.row!r}: "
            f"{self.batch!r} in the batch, {self.single!r} alone{because}"
        )


@dataclass(frozen=True)
class ServingProof:
    """What was tried, and what differs.

    Parameters
    ----------
    requests
        How many requests were made one by one.
    columns
        How many columns were compared.
    transforms
        What the code says of each transform.
    differences
        What differs; none of it means that serving equals training on these requests.
    """

    requests: int
    columns: int
    transforms: Mapping[str, str]
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def require(self) -> None:
        """Stop where something differs.

        Raises
        ------
        FeatureProofError
            It names every stage and column, and the statement where the code tells it.
        """
        if not self.holds:
            said = "\n".join(map(str, self.differences))
            raise FeatureProofError(f"Features of one request are not those of the batch:\n{said}")


def check_serving(
    view: FeatureView,
    requests: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    *,
    rows: int = 200,
) -> ServingProof:
    """Make features one by one as a service does, and hold them against those of the batch.

    Parameters
    ----------
    view
        The declaration.
    requests
        Recorded requests; all of them are the batch.
    tables
        The look-up tables by name.
    rows
        How many requests to try, spread over the batch.

    Returns
    -------
    ServingProof
        What differs, if anything does.

    Raises
    ------
    FeatureTableError
        If requests or tables are not as declared, or there are no requests.
    """
    require_requests(requests)
    batch = training_frame(view, requests, tables)
    tried = np.unique(np.linspace(0, len(batch) - 1, min(rows, len(batch))).astype(int))
    single = _looked_up(view, requests.iloc[tried], tables)
    differences = _compare(LOOK_UP, batch.iloc[tried], single)
    columns, said = len(batch.columns), {}
    for transform in view.transforms:
        name = transform.__name__
        kind = classify(transform)
        said[name] = str(kind)
        made, found = _hold(transform, kind, batch, tried)
        differences += found
        if made is None:
            break
        batch = made
        columns += len(batch.columns)
    return ServingProof(len(tried), columns, said, tuple(differences))


def _looked_up(
    view: FeatureView, requests: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> list[pd.DataFrame]:
    """Make each request's frame by itself, from a store that holds the tables."""
    with tempfile.TemporaryDirectory() as folder:
        push(view, tables, Path(folder))
        snapshot = SqliteStore(Path(folder), view).snapshot()
        return [
            look_up(view, canonical_requests(view, requests.iloc[[row]]), snapshot).frame
            for row in range(len(requests))
        ]


def _hold(
    transform: Callable[[Any], Any],
    kind: Classification,
    batch: pd.DataFrame,
    tried: Sequence[int] | np.ndarray[Any, Any],
) -> tuple[pd.DataFrame | None, list[Difference]]:
    """Apply a transform to the batch and to single rows of it."""
    name = transform.__name__
    # As while serving: a transform may work on what it is given, and the caller's stays as it is.
    made = transform(batch.copy(deep=False))
    if not isinstance(made, pd.DataFrame) or not made.index.equals(batch.index):
        shape = getattr(made, "shape", type(made).__name__)
        statement = _statement(transform, kind)
        return None, [Difference(name, "", len(batch), None, batch.shape, shape, statement)]
    single = []
    for row in tried:
        try:
            single.append(transform(batch.iloc[[row]].copy(deep=False)))
        except Exception as error:  # noqa: BLE001  (the user's code)
            label, said = batch.index[row], f"{type(error).__name__}: {error}"
            where = _statement(transform, kind)
            return None, [Difference(name, "", 1, label, "features", said, where)]
    return made, _compare(name, made.iloc[list(tried)], single, _statement(transform, kind))


def _compare(
    stage: str, batch: pd.DataFrame, single: list[pd.DataFrame], statement: str = ""
) -> list[Difference]:
    for row, each in enumerate(single):
        if list(each.columns) != list(batch.columns) or len(each) != 1:
            return [
                Difference(
                    stage,
                    "",
                    1,
                    batch.index[row],
                    list(batch.columns),
                    list(each.columns),
                    statement,
                )
            ]
    found = []
    for place, column in enumerate(batch.columns):
        alone = [each.iloc[:, place] for each in single]
        wrong = np.array(
            [differing(batch.iloc[[row], place], value)[0] for row, value in enumerate(alone)], bool
        )
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            values = batch.iloc[row, place], alone[row].iloc[0]
            if batch.dtypes.iloc[place] != alone[row].dtype:
                values = str(batch.dtypes.iloc[place]), str(alone[row].dtype)
            found.append(
                Difference(
                    stage, str(column), int(wrong.sum()), batch.index[row], *values, statement
                )
            )
    return found


def _statement(transform: Callable[[Any], Any], kind: Classification) -> str:
    """Say which statement makes a transform depend on its batch."""
    if kind.kind is Use.ROW_WISE or kind.statement is None:
        return ""
    file = inspect.getsourcefile(transform) or "?"
    first = inspect.getsourcelines(transform)[1]
    line = first + (kind.line or 1) - 1
    return f"{Path(file).name}:{line} `{kind.statement}`: {kind.reason}"
