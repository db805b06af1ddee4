"""A notebook that stays one step says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.refine.draft import Draft, Wishes, make_draft
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.plan.expected import expected_formats
from nbrefine.refine.uncut import why_uncut

if TYPE_CHECKING:
    from pathlib import Path


def draft_of(folder: Path, *sources: str, steps: int | None = None) -> Draft:
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    notebook = Notebook(folder / "n.ipynb", cells)
    facts = gather(notebook, None)
    return make_draft(
        notebook, facts, folder / "n_pipeline", expected_formats(facts), Wishes(steps=steps)
    )


@pytest.mark.parametrize(
    ("sources", "steps", "reason"),
    [
        (("x = 1",), None, "one code cell"),
        (("x = f()", "y = g(x)"), None, "2 code cells have no headings"),
        (tuple(f"x{n} = f()" for n in range(12)), 1, "asked for"),
        (("1 + 1", "print(_)"), 2, "output of earlier cells"),
    ],
)
def test_one_step_has_a_reason(
    tmp_path: Path, sources: tuple[str, ...], steps: int | None, reason: str
) -> None:
    """What holds the cells together, or that there are few."""
    (said,) = why_uncut(draft_of(tmp_path, *sources, steps=steps))
    assert reason in said


def test_several_steps_have_none(tmp_path: Path) -> None:
    """Nothing is said of a notebook that was cut."""
    draft = draft_of(tmp_path, "x = f()\ny = 2\nz = 3", "def g():\n    return x", steps=2)
    assert len(draft.steps) == 2
    assert why_uncut(draft) == ()
