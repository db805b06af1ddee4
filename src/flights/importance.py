"""What each kind of knowledge is worth to the fitted model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flights.features import FAMILIES
from flights.model import request_frame
from flights.scores import METRICS, SIGNS, score

if TYPE_CHECKING:
    import numpy.typing as npt
    from sklearn.pipeline import Pipeline


def family_importance(
    model: Pipeline, features: pd.DataFrame, late: npt.NDArray[np.bool_], seed: int
) -> pd.DataFrame:
    """Score the model when one family of columns is shuffled between flights.

    Parameters
    ----------
    model
        The fitted model.
    features, late
        Of each flight.
    seed
        Of the shuffling.

    Returns
    -------
    pandas.DataFrame
        One row a family, the most important first: how much worse each of ``METRICS`` becomes.

    Notes
    -----
    All columns of a family are shuffled together. Families that know the same, such as the
    origin's delays and the weather, stand in for each other: each looks less worth than it is.
    """
    rng = np.random.default_rng(seed)
    whole = pd.Series(score(late, model.predict_proba(request_frame(features))[:, 1]))
    losses = {}
    for family, columns in FAMILIES.items():
        shuffled = features.copy()
        order = rng.permutation(len(features))
        shuffled[columns] = features[columns].take(order).set_axis(features.index)
        scores = pd.Series(score(late, model.predict_proba(request_frame(shuffled))[:, 1]))
        losses[family] = (whole - scores) * SIGNS
    table = pd.DataFrame(losses, index=list(METRICS)).T
    return table.sort_values("roc_auc", ascending=False, kind="stable").rename_axis("family")
