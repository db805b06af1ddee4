"""Names for steps: what the author calls them, else what they do."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from nbrefine.refine.verbs import WEIGHTS, purpose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.refine.facts import CellFacts

_WORDS = {"define": "functions", "setup": "setup", "simulate": "simulate"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNCLEAR = frozenset({"df", "data", "x", "y", "i", "ax", "fig", "res", "tmp", "np", "pd", "plt"})


def name_steps(
    cells: Sequence[CellFacts],
    cuts: Sequence[Sequence[int]],
    given: Mapping[int, str],
) -> tuple[str, ...]:
    """Name each step.

    Parameters
    ----------
    cells
        The notebook's cells.
    cuts
        For each step the origins of its cells.
    given
        Names that the author gave, by the position of the step; each once.

    Returns
    -------
    tuple of str
        Valid identifiers, each once. A verb that comes up again takes its object
        (``explore_age``), never a number, as long as an object can be found.
    """
    verbs = [_verb([cells[origin] for origin in cut]) for cut in cuts]
    often = Counter(verb for index, verb in enumerate(verbs) if index not in given)
    taken = set(given.values())
    names = []
    for index, cut in enumerate(cuts):
        if index in given:
            names.append(given[index])
            continue
        inside = [cells[origin] for origin in cut]
        objects = _objects(inside, [facts for facts in cells if facts not in inside])
        base = _WORDS.get(verbs[index], verbs[index])
        options = [base] if often[verbs[index]] == 1 else []
        options += [*(f"{base}_{each}" for each in objects), base]
        options += [f"{base}_{number}" for number in range(2, len(cells) + 3)]
        name = next(each for each in options if each not in taken)
        taken.add(name)
        names.append(name)
    return tuple(names)


def _verb(inside: Sequence[CellFacts]) -> str:
    """Return what a step is for: many looks weigh more than one, but not as much as a fit."""
    verbs = Counter(purpose(facts).verb for facts in inside)
    weights = {verb: WEIGHTS[verb] * (3 + count) / 4 for verb, count in verbs.items()}
    return max(weights, key=lambda verb: (weights[verb], verb))


def _objects(inside: Sequence[CellFacts], outside: Sequence[CellFacts]) -> list[str]:
    """Return words that tell a step from the others: its models, its columns, its names."""
    models = Counter(name for facts in inside for name in _models(facts))
    here = Counter(name for facts in inside for name in _words(facts))
    there = Counter(name for facts in outside for name in _words(facts))
    ranked = sorted(here, key=lambda name: (-here[name] / (1 + 2 * there[name]), name))
    words = [*(name for name, _ in models.most_common()), *ranked]
    safe = (re.sub(r"\W+", "_", word, flags=re.ASCII).strip("_").lower() for word in words)
    fit = [word for word in dict.fromkeys(safe) if re.fullmatch(r"[a-z]\w{1,23}", word)]
    # A name that says little is still better than a number.
    return sorted(fit, key=lambda word: word in _UNCLEAR)


def _models(facts: CellFacts) -> list[str]:
    """Return classes that a cell makes instances of, where it fits something."""
    if purpose(facts).verb != "train":
        return []
    return [
        _CAMEL.sub("_", each.func.attr if isinstance(each.func, ast.Attribute) else each.func.id)
        for each in ast.walk(facts.tree)
        if isinstance(each, ast.Call)
        and isinstance(each.func, (ast.Attribute, ast.Name))
        and (each.func.attr if isinstance(each.func, ast.Attribute) else each.func.id)[:1].isupper()
    ]


def _words(facts: CellFacts) -> list[str]:
    """Return the columns that a cell takes, and the names that it binds."""
    columns = [
        each.slice.value
        for each in ast.walk(facts.tree)
        if isinstance(each, ast.Subscript)
        and isinstance(each.slice, ast.Constant)
        and isinstance(each.slice.value, str)
    ]
    return columns + sorted(facts.names.binds)
