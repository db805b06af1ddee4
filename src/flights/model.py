"""The model: one scikit-learn Pipeline from a request, with what was known, to a probability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder

from flights.clock import DAY, NEW_YORK, minutes_between, to_minutes
from flights.features import KNOWN, REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

CATEGORIES = ["carrier", "origin", "dest"]
CALENDAR = ["minute_of_day", "weekday", "block_minutes"]
THURSDAY, WEEK = 3, 7
NUMBERS = [*CALENDAR, *KNOWN]
# What a saved model may be made of besides the types that skops trusts by itself. The trees hold
# indices that scikit-learn does not check: load only what this pipeline has saved.
TRUSTED = [
    "flights.model.add_calendar",
    "functools.partial",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.utils.validation.check_array",
]


def add_calendar(requests: pd.DataFrame) -> pd.DataFrame:
    """Add what the scheduled times say: time of day and weekday in New York, time gate to gate.

    Parameters
    ----------
    requests
        Requests with ``scheduled_departure`` and ``scheduled_arrival`` in UTC.

    Returns
    -------
    pandas.DataFrame
        A copy with ``minute_of_day``, ``weekday`` (0 is Monday) and ``block_minutes``.
    """
    due = requests["scheduled_departure"]
    # Counted in minutes on New York's clocks, from the first of 1970, a Thursday.
    local = to_minutes(due.dt.tz_convert(NEW_YORK).dt.tz_localize(None))
    return requests.assign(
        minute_of_day=local % DAY,
        weekday=(local // DAY + THURSDAY) % WEEK,
        block_minutes=minutes_between(due, requests["scheduled_arrival"]),
    )


def make_model(hyperparameters: Mapping[str, Any], seed: int) -> Pipeline:
    """Make the unfitted model.

    Parameters
    ----------
    hyperparameters
        Of `sklearn.ensemble.HistGradientBoostingClassifier`, by name.
    seed
        For the columns that each split may choose from.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Steps ``calendar``, ``columns`` and ``classifier``; fitted on ``REQUEST + KNOWN``.
    """
    # A category that training never saw is treated like a missing one, not refused.
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=float("nan"))
    columns = ColumnTransformer(
        [("categories", encoder, CATEGORIES), ("numbers", "passthrough", NUMBERS)],
        verbose_feature_names_out=False,
    )
    classifier = HistGradientBoostingClassifier(
        **hyperparameters,
        # Many columns tell of the same hours: trees that may not always take the same one vary.
        max_features=0.3,
        categorical_features=list(range(len(CATEGORIES))),
        early_stopping=False,
        random_state=seed,
    )
    return Pipeline(
        [
            ("calendar", FunctionTransformer(add_calendar)),
            ("columns", columns),
            ("classifier", classifier),
        ]
    )


def request_frame(features: pd.DataFrame) -> pd.DataFrame:
    """Take exactly the columns that models are fitted on.

    Parameters
    ----------
    features
        A frame with at least these columns.

    Returns
    -------
    pandas.DataFrame
        ``REQUEST`` and ``KNOWN``.
    """
    return features[[*REQUEST, *KNOWN]]


def save_model(model: Pipeline, path: Path) -> None:
    """Save a fitted model.

    Parameters
    ----------
    model
        The model.
    path
        Where to; its folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    skops.io.dump(model, path)


def load_model(path: Path) -> Pipeline:
    """Load a saved model; other than a pickle the file cannot run code of its own.

    Parameters
    ----------
    path
        Where it is.

    Returns
    -------
    sklearn.pipeline.Pipeline
        It predicts bit for bit what the saved one did.

    Raises
    ------
    skops.io.exceptions.UntrustedTypesFoundException
        If the file holds anything beyond what skops trusts and ``TRUSTED``.
    """
    return cast("Pipeline", skops.io.load(path, trusted=TRUSTED))
