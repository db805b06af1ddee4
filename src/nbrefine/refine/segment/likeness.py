"""How alike neighbouring cells are, by the words of their code."""

from __future__ import annotations

import ast
import math
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.flow.facts import CellFacts

_LONGEST = 30
_OFTEN = 3
_REACH = 3

Words = dict[str, float]


def word_weights(cells: Sequence[CellFacts]) -> list[Words]:
    """Weigh the words of each cell: names, attributes and short texts.

    Parameters
    ----------
    cells
        The notebook's cells.

    Returns
    -------
    list of dict
        For each cell its words. A word counts up to three times in a cell, and the more the fewer
        cells have it.
    """
    counts = [Counter(_words(facts.tree)) for facts in cells]
    spread = Counter(word for count in counts for word in count)
    return [
        {
            word: min(often, _OFTEN) * math.log(1 + len(cells) / spread[word])
            for word, often in count.items()
        }
        for count in counts
    ]


def likeness(words: Sequence[Words], index: int, reach: int) -> float:
    """Say how alike the cells before and from one on are.

    Parameters
    ----------
    words
        For each cell its words and their weights.
    index
        The first of the cells behind the place.
    reach
        How many cells count on each side.

    Returns
    -------
    float
        From 0, no word in common, to 1.
    """
    return _cosine(_sum(words[max(0, index - reach) : index]), _sum(words[index : index + reach]))


def depths(values: Sequence[float]) -> list[float]:
    """Say how deep each value lies below the highest near it on either side, both added."""
    return [
        max(values[max(0, index - _REACH) : index + 1])
        + max(values[index : index + _REACH + 1])
        - 2 * value
        for index, value in enumerate(values)
    ]


def _words(tree: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.append(node.id)
        elif isinstance(node, ast.Attribute):
            found.append(f".{node.attr}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [f'"{node.value}'] if len(node.value) < _LONGEST else []
    return found


def _sum(parts: Sequence[Words]) -> Words:
    total: Words = {}
    for part in parts:
        for word, weight in part.items():
            total[word] = total.get(word, 0.0) + weight
    return total


def _cosine(left: Words, right: Words) -> float:
    shared = sum(weight * right[word] for word, weight in left.items() if word in right)
    norms = math.hypot(*left.values()) * math.hypot(*right.values())
    return shared / norms if norms else 0.0
