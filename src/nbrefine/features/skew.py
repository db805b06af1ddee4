"""Replays logged requests through the offline path: what was served against what training makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nbrefine.features.joins import training_frame
from nbrefine.features.sameness import differing
from nbrefine.features.transforms import apply_transforms

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from nbrefine.features.view import FeatureView


@dataclass(frozen=True)
class Skewed:
    """A feature that was served with other values than training would have had.

    Parameters
    ----------
    column
        The feature.
    requests
        How many requests differ.
    missing
        In how many of them it was served as missing, or is missing offline.
    served, offline
        The values of the first that differs.
    """

    column: str
    requests: int
    missing: int
    served: object
    offline: object


@dataclass(frozen=True)
class SkewReport:
    """What was replayed, and what differs.

    Parameters
    ----------
    requests
        How many requests.
    columns
        How many features were compared.
    absent
        Features that the log does not hold.
    skewed
        Those that differ, the most often first.
    """

    requests: int
    columns: int
    absent: tuple[str, ...]
    skewed: tuple[Skewed, ...]


def check_skew(
    view: FeatureView,
    requests: pd.DataFrame,
    served: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> SkewReport:
    """Make the features of logged requests offline, and compare with what was served.

    Parameters
    ----------
    view
        The declaration.
    requests
        Logged requests, with ``asked_at`` unless the declaration works it out.
    served
        The features that they were answered with, row by row.
    tables
        The look-up tables as they are now. They must say when values became known, also of those
        that came too late to be served.

    Returns
    -------
    SkewReport
        Feature by feature.
    """
    made = apply_transforms(view, training_frame(view, requests, tables))
    shared = [column for column in made.columns if column in served.columns]
    skewed = []
    for column in shared:
        offline = made[column].reset_index(drop=True)
        online = _as(served[column].reset_index(drop=True), offline)
        wrong = differing(offline, online)
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            gone = (online.isna() != offline.isna()).to_numpy()
            skewed.append(
                Skewed(
                    str(column),
                    int(wrong.sum()),
                    int(gone.sum()),
                    online.iloc[first],
                    offline.iloc[first],
                )
            )
    absent = tuple(str(column) for column in made.columns if column not in served.columns)
    skewed.sort(key=lambda each: -each.requests)
    return SkewReport(len(made), len(shared), absent, tuple(skewed))


def _as(logged: pd.Series, offline: pd.Series) -> pd.Series:
    """Give a logged column the dtype that it had before it was written down."""
    try:
        return logged.astype(offline.dtype)
    except (TypeError, ValueError):
        return logged
