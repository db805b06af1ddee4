"""Why a notebook stayed one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.refine.segment.segment import SMALL

if TYPE_CHECKING:
    from nbrefine.refine.draft import Draft


def why_uncut(draft: Draft) -> tuple[str, ...]:
    """Say why a notebook is one step.

    Parameters
    ----------
    draft
        What became of it.

    Returns
    -------
    tuple of str
        What holds its cells together, else that it is small, and how to cut it all the same. Empty
        where there are several steps.
    """
    if len(draft.steps) != 1:
        return ()
    reasons = sorted({bond.reason for bond in draft.plan.bonds if bond.first < bond.last})
    if reasons:
        return tuple(reasons)
    count = len(draft.steps[0].cells)
    if count == 1:
        return ("it has one code cell",)
    if count >= SMALL:
        return ("one step was asked for",)
    small = (
        f"its {count} code cells have no headings that part them, and are few enough for one "
        "step; --steps cuts them all the same, and so does a tag step:NAME on a cell"
    )
    return (small,)
