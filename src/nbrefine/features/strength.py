"""How good each feature is alone, beside all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nbrefine.errors import FeatureTableError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Enough to rank features, and no more.
MOST_ROWS = 20_000
SHOWN = 5
_CLASSES = 2


@dataclass(frozen=True)
class Strength:
    """How well a feature alone tells what will happen.

    Parameters
    ----------
    feature
        Its name.
    alone, together
        Of this feature, and of all: 2 AUC - 1 (Gini's coefficient) for two classes, else R².
    """

    feature: str
    alone: float
    together: float

    def __str__(self) -> str:
        """Say it on one line."""
        return (
            f"alone it reaches {self.alone:.2f} of what can be reached, all features together "
            f"{self.together:.2f} (0 is guessing, 1 is perfect)"
        )


def strengths(features: pd.DataFrame, labels: pd.Series) -> tuple[Strength, ...]:
    """Rank features by how good they are alone.

    Small trees learn from one half and are scored on the other, both ways.

    Parameters
    ----------
    features
        The features.
    labels
        What happened, row by row: numbers, or one of two classes, whatever these are called;
        missing where that is not known.

    Returns
    -------
    tuple of Strength
        The strongest first.

    Raises
    ------
    FeatureTableError
        If the labels are missing throughout, or neither numbers nor two classes.
    """
    known = labels.notna().to_numpy()
    rows = np.flatnonzero(known)
    if len(rows) > MOST_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_ROWS).astype(int)]
    target = _target(labels.iloc[rows])
    codes = {str(name): _numbers(features[name].iloc[rows]) for name in features.columns}
    together = _score(np.column_stack([*codes.values()]), target)
    alone = [(name, _score(values[:, None], target)) for name, values in codes.items()]
    alone.sort(key=lambda each: -each[1])
    return tuple(Strength(name, score, together) for name, score in alone[:SHOWN])


def _target(outcome: pd.Series) -> npt.NDArray[Any]:
    """Return numbers to be told, or whether each row is of the one of two classes."""
    if not len(outcome):
        raise FeatureTableError(
            "The labels say of none of the requests what became of it.",
            hint="They belong to the requests with the same index.",
        )
    classes = outcome.unique()
    if len(classes) <= _CLASSES:
        return outcome.isin(classes[:1]).to_numpy(bool)
    try:
        return outcome.astype("float64").to_numpy()
    except (TypeError, ValueError):
        raise FeatureTableError(
            f"The labels are neither numbers nor two classes, but {len(classes)} values such as "
            f"{classes[0]!r}.",
            hint="Say in them for each request whether it is of the class that matters.",
        ) from None


def _numbers(values: pd.Series) -> npt.NDArray[np.float64]:
    """Give a tree something to split: numbers as they are, texts by how often they come."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.to_numpy("M8[us]").astype(np.int64).astype(np.float64)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(np.float64, na_value=np.nan)
    counts = values.value_counts()
    places = counts.index.get_indexer(pd.Index(values))
    return np.where(places < 0, np.nan, places)


def _score(values: npt.NDArray[np.float64], target: npt.NDArray[Any]) -> float:
    from sklearn.metrics import r2_score, roc_auc_score  # noqa: PLC0415  (a second to import)

    binary = target.dtype == np.bool_
    scores = []
    for learnt, scored in _halves(len(target)):
        if binary and not (_has_both(target[learnt]) and _has_both(target[scored])):
            return 0.0
        # Of a column without any value in this half nothing can be learnt.
        there = ~np.isnan(values[learnt]).all(axis=0)
        if not there.any():
            return 0.0
        model = _model(int(there.sum()), len(target), binary=binary)
        model.fit(values[learnt][:, there], target[learnt])
        if binary:
            found = model.predict_proba(values[scored][:, there])[:, 1]
            scores.append(2 * roc_auc_score(target[scored], found) - 1)
        else:
            predicted = model.predict(values[scored][:, there])
            scores.append(r2_score(target[scored], predicted))
    return float(np.mean(scores))


def _model(columns: int, rows: int, *, binary: bool) -> Any:  # noqa: ANN401  (an estimator)
    """Choose a tree for one column, boosted trees for several."""
    from sklearn import ensemble, tree  # noqa: PLC0415  (a second to import)

    if columns == 1:
        kind = tree.DecisionTreeClassifier if binary else tree.DecisionTreeRegressor
        return kind(max_leaf_nodes=32, min_samples_leaf=max(1, rows // 200), random_state=0)
    boosted = ensemble.HistGradientBoostingClassifier
    kind = boosted if binary else ensemble.HistGradientBoostingRegressor
    return kind(max_iter=30, max_leaf_nodes=15, early_stopping=False, random_state=0)


def _has_both(target: npt.NDArray[Any]) -> bool:
    return bool(target.any() and not target.all())


def _halves(count: int) -> Sequence[tuple[slice, slice]]:
    """Split by order, which is mostly that of time: neighbours share their luck."""
    half = count // 2
    first, second = slice(0, half), slice(half, count)
    return (first, second), (second, first)
