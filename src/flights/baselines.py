"""What the model has to beat: a constant, the hour's rate, and a linear model of all features."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from flights.model import CATEGORIES, NUMBERS, TRUSTED, add_calendar

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

# What saved baselines may be made of besides scikit-learn's own.
TRUSTED_BASELINES = [*TRUSTED, "flights.baselines.add_hour", "numpy.dtype"]
# It ends at the optimum. Where another one stops early, the fourth digit follows the number of
# threads, in which sums are taken in another order.
SOLVER = "newton-cholesky"


def add_hour(requests: pd.DataFrame) -> pd.DataFrame:
    """Add the scheduled hour in New York.

    Parameters
    ----------
    requests
        Requests with ``minute_of_day``.

    Returns
    -------
    pandas.DataFrame
        A copy with ``hour``.
    """
    return requests.assign(hour=requests["minute_of_day"] // 60)


def make_baselines() -> dict[str, Pipeline]:
    """Make the unfitted baselines, from the weakest on.

    Returns
    -------
    dict of str to sklearn.pipeline.Pipeline
        ``constant``, ``hour`` and ``logistic``; each is fitted on the same columns as the model.
    """
    calendar = FunctionTransformer(add_calendar)
    one_hot = OneHotEncoder(handle_unknown="ignore")
    # One free parameter an hour and next to no penalty: the fit is the rate of each hour.
    rates = LogisticRegression(C=1e4, solver=SOLVER)
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    everything = ColumnTransformer(
        [("categories", one_hot, CATEGORIES), ("numbers", numbers, NUMBERS)]
    )
    return {
        "constant": make_pipeline(calendar, DummyClassifier(strategy="prior")),
        "hour": make_pipeline(
            calendar,
            FunctionTransformer(add_hour),
            ColumnTransformer([("hour", one_hot, ["hour"])]),
            rates,
        ),
        "logistic": make_pipeline(calendar, everything, LogisticRegression(solver=SOLVER)),
    }


def load_baselines(path: Path) -> dict[str, Pipeline]:
    """Load saved baselines (see `flights.model.load_model`).

    Parameters
    ----------
    path
        Where they are.

    Returns
    -------
    dict of str to sklearn.pipeline.Pipeline
        The fitted baselines by name.
    """
    return cast("dict[str, Pipeline]", skops.io.load(path, trusted=TRUSTED_BASELINES))
