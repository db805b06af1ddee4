"""What to give up where a proof fails: equality comes first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.refine.flow import Bond

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbrefine.refine.draft import Draft, Wishes
    from nbrefine.refine.proof import Proof

_ATTEMPTS = 2


def fallbacks(draft: Draft, proof: Proof, wishes: Wishes) -> tuple[Wishes, str] | None:
    """Choose what to try next.

    Parameters
    ----------
    draft
        What was built.
    proof
        Where it differs.
    wishes
        What it respected.

    Returns
    -------
    tuple of Wishes and str
        What to respect in the next attempt, and what is given up; None if nothing is left. First
        the steps around a difference are joined, then all, and last the parameters go.
    """
    names = [step.name for step in draft.steps]
    failing = sorted(index for index, name in enumerate(names) if name in _failing(proof))
    if len(names) > 1:
        attempts = len(wishes.bonds)
        if attempts >= _ATTEMPTS or not failing:
            last = draft.steps[-1].cells[-1]
            bond = Bond(0, last, "in several steps it says other things")
            return replace(wishes, bonds=(*wishes.bonds, bond)), "all steps were joined"
        return _join(draft, failing, wishes)
    if wishes.parameters and draft.parameterization.parameters:
        return replace(wishes, parameters=False), "literals were left where they stand"
    return None


def _join(draft: Draft, failing: list[int], wishes: Wishes) -> tuple[Wishes, str]:
    """Join the first step that fails with those that it takes something from."""
    index = max(failing[0], 1)
    names = [step.name for step in draft.steps]
    sources = [names.index(name) for name in draft.steps[index].upstream]
    first = min([index - 1, *sources])
    cells = draft.steps[first].cells[0], draft.steps[index].cells[-1]
    bond = Bond(*cells, "the proof fails where it is cut")
    joined = ", ".join(names[first : index + 1])
    return replace(wishes, bonds=(*wishes.bonds, bond)), f"the steps {joined} were joined"


def _failing(proof: Proof) -> frozenset[str]:
    items: Iterable[tuple[str, bool]] = [
        *((each.step, each.verdict.fails) for each in proof.cells),
        *((each.step, each.verdict.fails) for each in proof.variables),
        *((each.step, each.verdict.fails) for each in proof.files),
    ]
    return frozenset(step for step, fails in items if fails and step)
