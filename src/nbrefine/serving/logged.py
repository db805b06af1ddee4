"""Requests and features as a prediction log holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nbrefine.errors import InputError
from nbrefine.features.columns import Kind, cast
from nbrefine.features.view import ASKED_AT
from nbrefine.serving.sealing import FEATURE, REQUEST, read_log

if TYPE_CHECKING:
    from pathlib import Path

    from nbrefine.features.view import FeatureView


def logged_requests(view: FeatureView, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the requests of a prediction log, and the features that they were answered with.

    Parameters
    ----------
    view
        The declaration.
    folder
        The prediction log.

    Returns
    -------
    tuple of pandas.DataFrame
        The requests with ``asked_at``, and the features; row by row.

    Raises
    ------
    InputError
        If the log does not hold what a request carries.
    """
    log = read_log(folder)
    requests = log.filter(regex=f"^{REQUEST}").rename(columns=lambda n: n.removeprefix(REQUEST))
    lacking = [name for name in (*view.request, ASKED_AT) if name not in requests.columns]
    if lacking:
        raise InputError(
            f"The log does not hold {', '.join(map(repr, lacking))}, without which no request can "
            "be made again.",
            hint="Do not leave out or hash the columns of the request, or check on other logs.",
        )
    for name, field in view.request.items():
        requests[name] = _column(requests[name], field.kind, optional=field.optional)
    requests[ASKED_AT] = _column(requests[ASKED_AT], Kind.INSTANT)
    features = log.filter(regex=f"^{FEATURE}").rename(columns=lambda n: n.removeprefix(FEATURE))
    for name, field in view.request.items():
        if name in features.columns:
            features[name] = _column(features[name], field.kind, optional=field.optional)
    return requests, features


def _column(values: pd.Series, kind: Kind, *, optional: bool = True) -> pd.Series:
    if kind is Kind.INSTANT:
        values = pd.to_datetime(values, format="ISO8601", utc=True)
    return cast(values, kind, optional=optional)
