"""What to give up where a proof fails: equality comes first."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.refine.flow.flow import Bond

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbrefine.refine.draft import Draft, Wishes
    from nbrefine.refine.prove.proof import CellProof, Proof

_ATTEMPTS = 2
# Each attempt is a build: if so many definitions are to blame, the fault is another.
_MOST_KEPT = 6
_WORD = re.compile(r"[^\W\d]\w*")


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
        What to respect in the next attempt, and what is given up; None if nothing is left, or
        nothing fails but what cannot be mended. First
        the definitions that a difference may come from go back to the notebooks, as long as there
        are such, then all; if that is not it, the steps around the difference are joined, then
        all, and last the parameters go.
    """
    if proof.failing <= {*wishes.unmendable}:
        return None
    proof = proof.without(wishes.unmendable)
    if draft.extraction.moved:
        return _put_back(draft, proof, wishes)
    wishes = replace(wishes, extract=True, keep={})
    names = [step.name for step in draft.steps]
    failing = sorted(index for index, name in enumerate(names) if name in _failing(proof))
    if len(names) > 1:
        attempts = len(wishes.bonds)
        if attempts >= _ATTEMPTS or not failing:
            return _joined(draft, wishes), "all steps were joined"
        return _join(draft, failing, wishes)
    if wishes.parameters and draft.parameterization.parameters:
        return replace(wishes, parameters=False), "literals were left where they stand"
    return None


def plainest(draft: Draft, wishes: Wishes) -> Wishes:
    """Return wishes for the notebook as it is, in one step: what fails there cannot be mended.

    Parameters
    ----------
    draft
        What was built.
    wishes
        What it respected.
    """
    return replace(_joined(draft, wishes), extract=False, parameters=False)


def _joined(draft: Draft, wishes: Wishes) -> Wishes:
    last = draft.steps[-1].cells[-1]
    bond = Bond(0, last, "in several steps it says other things")
    return replace(wishes, bonds=(*wishes.bonds, bond))


def _put_back(draft: Draft, proof: Proof, wishes: Wishes) -> tuple[Wishes, str]:
    """Put definitions back that the first cell that fails may use, as long as there are some.

    A run of statements whose function is in its notebook already, and still to blame, becomes
    statements again.
    """
    moved, naming = draft.extraction.moved, draft.naming
    blamed = {
        each.name: each.cell
        for each in naming.transforms
        if each.name in wishes.keep and each.name in _words_of_failing(proof)
    }
    if blamed and len(blamed) < len(naming.transforms):
        cells = (*wishes.as_written, *blamed.values())
        keep = {name: why for name, why in wishes.keep.items() if name not in blamed}
        names = ", ".join(f"`{name}`" for name in sorted(blamed))
        return replace(wishes, as_written=cells, keep=keep), f"{names} stayed statements"
    suspects = _suspects(draft, proof)
    if suspects and len(suspects) < len(moved) and len(wishes.keep) <= _MOST_KEPT:
        names = ", ".join(f"`{name}`" for name in sorted(suspects))
        return replace(wishes, keep={**wishes.keep, **suspects}), f"{names} stayed in the notebooks"
    if naming.transforms:
        return replace(wishes, inline=False, keep={}), "transforms stayed statements"
    return (
        replace(wishes, extract=False, keep={}),
        "functions and classes were left in the notebooks",
    )


def _words_of_failing(proof: Proof) -> set[str]:
    """Return the words of the first cell that fails of each step."""
    first: dict[str, str] = {}
    for cell in proof.cells:
        if cell.verdict.fails:
            first.setdefault(cell.step, cell.source)
    return {word for source in first.values() for word in _WORD.findall(source)}


def _suspects(draft: Draft, proof: Proof) -> dict[str, str]:
    """Return the definitions that cells which fail refer to, also through others."""
    moved = {each.name: each for each in draft.extraction.moved}
    failing = [each for each in proof.cells if each.verdict.fails]
    # Where a step broke off, its first cell that fails is to blame, not those that did not run.
    first: dict[str, CellProof] = {}
    for cell in failing:
        first.setdefault(cell.step, cell)
    cells = [each for each in failing if each is first[each.step] or each.actual]
    found = {
        word: f"with it in a module, code cell {cell.origin + 1} shows something else"
        for cell in cells
        for word in _WORD.findall(cell.source)
        if word in moved
    }
    found |= {
        each.name: "with it in a module, its value is another"
        for each in proof.variables
        if each.verdict.fails and each.name in moved
    }
    # What takes more than before may be held by a variable: then that is another.
    different = {each.name for each in proof.variables if each.verdict.fails} - moved.keys()
    found |= {
        word: "it is kept in a variable, and with it in a module that would be another"
        for cell in proof.cells
        if different & (words := set(_WORD.findall(cell.source)))
        for word in words
        if word in moved and moved[word].rewritten
    }
    todo = list(found)
    while todo:
        name = todo.pop()
        for other in moved[name].uses:
            if other in moved and other not in found:
                found[other] = found[name]
                todo.append(other)
    return found


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
