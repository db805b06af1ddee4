"""Find a place for new definitions among the modules that are there already."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from nbrefine.refine.extract.subjects import is_earlier, is_trivial

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.refine.extract.decide import Decision
    from nbrefine.refine.extract.definitions import Key
    from nbrefine.refine.extract.existing import Existing


def place(chosen: Mapping[Key, str], decision: Decision, existing: Existing) -> dict[Key, str]:
    """Say which module each definition goes to.

    Parameters
    ----------
    chosen
        The module that suits each by its subject.
    decision
        What moves, and what it needs.
    existing
        The modules that are there.

    Returns
    -------
    dict of Key to str
        What a module defines already is there; no short function gets a new module for itself;
        and no two modules import each other.
    """
    if not existing.texts:
        return dict(chosen)
    result = {key: existing.defines(*key) or module for key, module in chosen.items()}
    sizes = Counter(result.values())
    for key, module in result.items():
        alone = module not in existing.texts and sizes[module] == 1
        if alone and is_trivial(decision.moving[key]):
            result[key] = _near(key, decision, existing)
    for key, module in dict(result).items():
        ways = (module, *sorted(_needed(key, result, decision, existing)), f"more_{module}")
        trials = (result | {key: way} for way in ways)
        result = next(
            (trial for trial in trials if not _has_cycle(trial, decision, existing)), result
        )
    return result


def _near(key: Key, decision: Decision, existing: Existing) -> str:
    """Return a module that a definition imports from, or else the one with the most in it."""
    used = [there for each in decision.needs[key].imports if (there := existing.module_of(each))]
    counts = Counter(existing.definitions.values())
    names = sorted(used or [name for name in existing.texts if name != "__init__"])
    return max(names, key=lambda name: (not is_earlier(name), counts[name]))


def _needed(
    key: Key, chosen: Mapping[Key, str], decision: Decision, existing: Existing
) -> set[str]:
    """Return the modules of the package that a definition needs something from."""
    needs = decision.needs[key]
    there = {existing.module_of(each) for each in needs.imports} - {""}
    return there | {chosen[other] for other in needs.definitions}


def _has_cycle(chosen: Mapping[Key, str], decision: Decision, existing: Existing) -> bool:
    """Whether modules would import each other."""
    edges: dict[str, set[str]] = defaultdict(set)
    for module, others in existing.imports.items():
        edges[module] |= others
    for key, module in chosen.items():
        edges[module] |= _needed(key, chosen, decision, existing) - {module}
    todo = dict(edges)
    while todo:
        free = [module for module, others in todo.items() if not others & todo.keys()]
        if not free:
            return True
        for module in free:
            del todo[module]
    return False
