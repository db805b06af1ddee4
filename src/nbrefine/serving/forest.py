"""A forest as flat arrays, walked level by level: all trees and rows take a step at once.

A library calls each tree by itself, which for one row costs more than the walk. Here a step of
all trees is a handful of calls of NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

# Categories are bytes; behind them stand what is missing, and what is no category.
CATEGORIES = 256
_MISSING, _NONE, _CODES = CATEGORIES, CATEGORIES + 1, CATEGORIES + 2
# Rows of `Forest.turns`: of numbers, what is missing goes to the right, or to the left.
_TO_THE_RIGHT, _TO_THE_LEFT = 0, 1


@dataclass(frozen=True)
class Tree:
    """The nodes of one tree; the root is the first.

    Parameters
    ----------
    feature, threshold
        By node, which column decides, and up to which number it goes to the left.
    left, right
        Children; a leaf is its own child.
    missing_left
        Whether a missing value goes to the left.
    value
        What a leaf says, shape (nodes,) or (nodes, outputs).
    depth
        Steps from the root to the deepest leaf.
    categories
        By node that tells categories apart, which go to the left: 256 flags. What is no known
        category is set there as `missing_left` has it.
    """

    feature: Places
    threshold: Floats
    left: Places
    right: Places
    missing_left: Flags
    value: Floats
    depth: int
    categories: dict[int, Flags]


@dataclass(frozen=True)
class Forest:
    """Trees behind each other in arrays.

    Parameters
    ----------
    roots
        The first node of each tree.
    feature, threshold, value
        By node, as in `Tree`.
    children
        By node its right child and its left one, in turn.
    turns
        Row by row, which codes go to the left although their number is not below the threshold.
    turn
        By node, where its row of `turns` begins.
    depth
        Of the deepest tree.
    categorical
        Columns that hold categories.
    """

    roots: Places
    feature: Places
    threshold: Floats
    value: Floats
    children: Places
    turns: Flags
    turn: Places
    depth: int
    categorical: Places

    @classmethod
    def of(cls, trees: Sequence[Tree]) -> Forest:
        """Put trees behind each other."""
        sizes = [len(tree.feature) for tree in trees]
        roots = np.cumsum([0, *sizes[:-1]], dtype=np.intp)
        turns = [np.zeros(_CODES, bool), np.arange(_CODES) == _MISSING]
        rows, thresholds, columns = [], [], set()
        for tree in trees:
            row = np.where(tree.missing_left, _TO_THE_LEFT, _TO_THE_RIGHT)
            threshold = tree.threshold.copy()
            for node, left in tree.categories.items():
                row[node] = len(turns)
                # No number is below: the flags alone decide.
                threshold[node] = np.nan
                missing = bool(tree.missing_left[node])
                turns.append(np.array([*left, missing, missing]))
                columns.add(int(tree.feature[node]))
            rows.append(row)
            thresholds.append(threshold)
        pairs = [
            np.column_stack([tree.right + root, tree.left + root]).ravel()
            for tree, root in zip(trees, roots, strict=True)
        ]
        return cls(
            roots,
            np.concatenate([tree.feature for tree in trees]),
            np.concatenate(thresholds),
            np.concatenate([tree.value for tree in trees]),
            np.concatenate(pairs).astype(np.intp),
            np.concatenate(turns),
            np.concatenate(rows).astype(np.intp) * _CODES,
            max(tree.depth for tree in trees),
            np.array(sorted(columns), np.intp),
        )

    def covers(self, values: Floats) -> bool:
        """Tell whether rows can be walked: larger categories wrap around in another way."""
        if not len(self.categorical):
            return True
        codes = values[:, self.categorical]
        return not bool((codes >= CATEGORIES).any() or (codes == -np.inf).any())

    def leaves(self, values: Floats) -> Floats:
        """Walk from the roots to the leaves.

        Parameters
        ----------
        values
            Rows, shape (rows, columns).

        Returns
        -------
        numpy.ndarray
            What the leaves say, shape (trees, rows) or (trees, rows, outputs).
        """
        rows, columns = values.shape
        flat = values.ravel()
        codes = self._codes(flat)
        start = np.tile(np.arange(rows) * columns, len(self.roots))
        node = np.repeat(self.roots, rows)
        for _ in range(self.depth):
            place = self.feature.take(node)
            place += start
            left = flat.take(place) <= self.threshold.take(node)
            if codes is not None:
                left |= self.turns.take(self.turn.take(node) + codes.take(place))
            node = self.children.take(2 * node + left)
        return self.value[node].reshape(len(self.roots), rows, *self.value.shape[1:])

    def _codes(self, flat: Floats) -> Places | None:
        """Code values as categories; None where no node would ask."""
        missing = np.isnan(flat)
        if not len(self.categorical):
            if not missing.any():
                return None
            return np.where(missing, _MISSING, _NONE)
        inside = (flat >= 0) & (flat < CATEGORIES)
        codes = np.where(inside, flat, np.where(missing, _MISSING, _NONE))
        return codes.astype(np.intp)
