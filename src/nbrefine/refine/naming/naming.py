"""Names for steps: what the author calls them, else what they do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nbrefine.refine.naming.objects import objects
from nbrefine.refine.naming.titles import is_of_preparations
from nbrefine.refine.segment.verbs import WEIGHTS, fits_only_to_prepare, purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbrefine.refine.flow.facts import CellFacts

_WORDS = {"define": "functions"}
# What a step of a verb is called where it is the only one.
_ALONE = {"test": "test_hypotheses"}
_QUIET = frozenset({"setup", "define", "explore"})
# Further data that a later step reads by the way does not make it one that loads.
_LATE_LOAD = 0.4
# So many cells may score a model for each that fits one, and the step still is for the fit.
_SCORES_A_FIT = 4


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
    verbs = [
        _verb([cells[origin] for origin in cut], first=not index) for index, cut in enumerate(cuts)
    ]
    # "Imports" is not what a step is for that goes on to load the data.
    given = {
        index: name
        for index, name in given.items()
        if not is_of_preparations(name)
        or (verbs[index] in _QUIET and not _loads(cells[origin] for origin in cuts[index]))
    }
    often = Counter(verb for index, verb in enumerate(verbs) if index not in given)
    taken = set(given.values())
    names = []
    for index, cut in enumerate(cuts):
        if index in given:
            names.append(given[index])
            continue
        verb = verbs[index]
        inside = [cells[origin] for origin in cut]
        outside = [facts for facts in cells if facts not in inside]
        base = _WORDS.get(verb, verb)
        # What is loaded first is the data; the rest has to say what it is.
        alone = often[verb] == 1 or (verb == "load" and not index)
        options = [_ALONE.get(verb, base)] if alone else []
        options += [*(f"{base}_{each}" for each in objects(inside, outside, verb)), base]
        options += [f"{base}_{number}" for number in range(2, len(cells) + 3)]
        name = next(each for each in options if each not in taken)
        taken.add(name)
        names.append(name)
    return tuple(names)


def _loads(inside: Iterable[CellFacts]) -> bool:
    return any(purpose(facts).verb == "load" for facts in inside)


def _verb(inside: Sequence[CellFacts], *, first: bool) -> str:
    """Return what a step is for: many looks weigh more than one, but not as much as a fit."""
    verbs = Counter(map(_verb_of, inside))
    weights = {verb: WEIGHTS[verb] * (3 + count) / 4 for verb, count in verbs.items()}
    if not first and verbs["load"] * 3 < len(inside):
        weights["load"] = weights.get("load", 0.0) * _LATE_LOAD
    if 0 < verbs["evaluate"] <= _SCORES_A_FIT * verbs["train"]:
        weights["evaluate"] = min(weights["evaluate"], WEIGHTS["evaluate"])
    return max(weights, key=lambda verb: (weights[verb], verb))


def _verb_of(facts: CellFacts) -> str:
    """Return what a cell is for; an encoder that is fitted is not what one trains."""
    verb = purpose(facts).verb
    return "features" if verb == "train" and fits_only_to_prepare(facts) else verb
