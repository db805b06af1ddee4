"""Estimators whose trees can be walked as flat arrays: what they hold, and how it is added up.

The sums are made in the order in which scikit-learn makes them, so that every bit is the same.
What is read here is not promised by scikit-learn: `nbrefine.serving.equal` decides, for each model
by itself, whether the result may be used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nbrefine.features.columns import EXACT
from nbrefine.serving.forest import CATEGORIES, Floats, Forest, Places, Tree

if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = 32


class UncoveredError(Exception):
    """A model, or a batch, that cannot be predicted with flat arrays."""


@dataclass(frozen=True)
class FlatModel:
    """A model whose trees are flat arrays.

    Parameters
    ----------
    forest
        The trees.
    prepare
        Turns what the model is given into the numbers that its trees see.
    order
        By column that the trees see, which one it was in what the model is given.
    categories
        By column of what the model is given, the categories that it knows.
    combine
        Turns what the leaves say into what the model predicts.
    """

    forest: Forest
    prepare: Callable[[Floats], Floats]
    combine: Callable[[Floats], npt.NDArray[Any]]
    order: Places
    categories: dict[int, tuple[float, ...]]

    def predict(self, values: Floats) -> npt.NDArray[Any]:
        """Predict probabilities, or numbers where the model knows no classes.

        Parameters
        ----------
        values
            Rows, shape (rows, columns).

        Raises
        ------
        UncoveredError
            If only the model itself can say something of these rows.
        """
        prepared = self.prepare(values)
        if not self.forest.covers(prepared):
            raise UncoveredError
        return self.combine(self.forest.leaves(prepared))


def flat_model(model: Any) -> FlatModel:  # noqa: ANN401  (an estimator)
    """Read a fitted estimator.

    Parameters
    ----------
    model
        The estimator.

    Returns
    -------
    FlatModel
        It predicts the same, as far as it is shown.

    Raises
    ------
    UncoveredError
        If it is of another kind, or a version of scikit-learn holds it in another way.
    """
    from sklearn import ensemble  # noqa: PLC0415  (a second to import)

    kind = type(model)
    boosted = {
        ensemble.HistGradientBoostingClassifier,
        ensemble.HistGradientBoostingRegressor,
    }
    averaged = {
        ensemble.RandomForestClassifier,
        ensemble.RandomForestRegressor,
        ensemble.ExtraTreesClassifier,
        ensemble.ExtraTreesRegressor,
    }
    try:
        if kind in boosted:
            return _boosted(model)
        if kind in averaged and model.n_outputs_ == 1:
            return _averaged(model)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise UncoveredError(f"its trees cannot be read: {error!r}") from None
    raise UncoveredError(f"{kind.__name__} is no forest of one output that is known")


def _boosted(model: Any) -> FlatModel:  # noqa: ANN401  (a HistGradientBoosting estimator)
    known, rows = model._bin_mapper.make_known_categories_bitsets()  # noqa: SLF001
    # Shape (categorical columns, 256).
    seen = _flags(known)
    stages = model._predictors  # noqa: SLF001
    trees = [_boosted_tree(predictor, seen, rows) for stage in stages for predictor in stage]
    outputs = model.n_trees_per_iteration_
    baseline = np.zeros((1, outputs)) + model._baseline_prediction  # noqa: SLF001
    classes, loss = hasattr(model, "classes_"), model._loss  # noqa: SLF001

    def combine(leaves: Floats) -> npt.NDArray[Any]:
        added = leaves.reshape(-1, outputs, leaves.shape[1])
        first = np.repeat(baseline[:, :, None], leaves.shape[1], axis=2)
        # Accumulated, not summed: NumPy sums in pairs, which rounds in another way.
        raw = np.add.accumulate(np.concatenate([first, added]), axis=0)[-1].T
        found = loss.predict_proba(raw) if classes else loss.link.inverse(raw.ravel())
        return np.asarray(found)

    prepare, order, categories = _preprocessing(model)
    return FlatModel(Forest.of(trees), prepare, combine, order, categories)


def _boosted_tree(predictor: Any, seen: npt.NDArray[np.bool_], rows: Any) -> Tree:  # noqa: ANN401
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(bool)
    own = np.arange(len(nodes))
    missing_left = nodes["missing_go_to_left"].astype(bool)
    to_the_left = _flags(predictor.raw_left_cat_bitsets)
    categories = {}
    for node in np.flatnonzero(nodes["is_categorical"].astype(bool) & ~leaf).tolist():
        known = seen[rows[nodes["feature_idx"][node]]]
        left = to_the_left[nodes["bitset_idx"][node]]
        categories[node] = left | (~known & missing_left[node])
    return Tree(
        np.where(leaf, 0, nodes["feature_idx"]).astype(np.intp),
        nodes["num_threshold"].astype(np.float64),
        np.where(leaf, own, nodes["left"]).astype(np.intp),
        np.where(leaf, own, nodes["right"]).astype(np.intp),
        missing_left,
        nodes["value"].astype(np.float64),
        int(predictor.get_max_depth()),
        categories,
    )


def _flags(bitsets: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Spread sets of bytes, kept as eight words of bits, over 256 flags."""
    words = np.asarray(bitsets, np.uint32).reshape(-1, CATEGORIES // _WORD)
    bits = (words[:, :, None] >> np.arange(_WORD, dtype=np.uint32)) & 1
    return bits.reshape(-1, CATEGORIES).astype(bool)


def _preprocessing(
    model: Any,  # noqa: ANN401  (an estimator)
) -> tuple[Callable[[Floats], Floats], Places, dict[int, tuple[float, ...]]]:
    """Tell what the model does with its columns: it numbers the categories, and puts them first."""
    made = model._preprocessor  # noqa: SLF001
    if made is None:
        return _as_it_is, np.arange(model.n_features_in_), {}
    (_, encoder, mask), *_ = made.transformers_
    first, rest = np.flatnonzero(mask), np.flatnonzero(~np.asarray(mask))
    known = {
        int(column): tuple(float(value) for value in values if value == value)  # noqa: PLR0124  (NaN)
        for column, values in zip(first, encoder.categories_, strict=True)
    }
    codes = [
        (column, {value: float(code) for code, value in enumerate(values)})
        for column, values in known.items()
    ]

    def prepare(values: Floats) -> Floats:
        if np.isinf(values[:, first]).any():
            raise UncoveredError
        numbered = [
            [code.get(value, np.nan) for value in values[:, column].tolist()]
            for column, code in codes
        ]
        return np.concatenate([np.array(numbered).T, values[:, rest]], axis=1)

    return prepare, np.concatenate([first, rest]), known


def _as_it_is(values: Floats) -> Floats:
    return values


def _averaged(model: Any) -> FlatModel:  # noqa: ANN401  (a forest of trees)
    classes = int(model.n_classes_) if hasattr(model, "classes_") else None
    trees = [_averaged_tree(each.tree_, classes) for each in model.estimators_]
    count = len(trees)

    def combine(leaves: Floats) -> npt.NDArray[Any]:
        found: npt.NDArray[Any] = np.add.accumulate(leaves, axis=0)[-1] / count
        return found

    return FlatModel(Forest.of(trees), _as_single, combine, np.arange(model.n_features_in_), {})


def _averaged_tree(tree: Any, classes: int | None) -> Tree:  # noqa: ANN401
    own = np.arange(tree.node_count)
    leaf = tree.children_left < 0
    values = tree.value[:, 0, :]
    return Tree(
        np.where(leaf, 0, tree.feature).astype(np.intp),
        np.where(leaf, np.nan, tree.threshold),
        np.where(leaf, own, tree.children_left).astype(np.intp),
        np.where(leaf, own, tree.children_right).astype(np.intp),
        tree.missing_go_to_left.astype(bool),
        values[:, 0].copy() if classes is None else values[:, :classes].copy(),
        int(tree.max_depth),
        {},
    )


def _as_single(values: Floats) -> Floats:
    """Round as these trees do; infinities they refuse themselves."""
    # A larger whole number would be rounded twice.
    if (np.abs(values) > EXACT).any():
        raise UncoveredError
    return values.astype(np.float32).astype(np.float64)
