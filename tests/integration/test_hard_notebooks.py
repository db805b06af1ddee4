"""Refine the hard notebooks: each shows one thing that goes wrong when a cut is careless.

A few of them, one of each kind; all of them with ``HARD_NOTEBOOKS=all`` in the environment.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from benchmarks.refine.hard import FOLDER, REFUSED, VARYING, names, refine_hard
from benchmarks.refine.original import cell_outputs

# A shared object, a stream of random numbers, and what varies by nature.
SAMPLE = ("AliasMutated", "NumpyRandomSequence", "UnseededDraw")
NAMES = names() if os.environ.get("HARD_NOTEBOOKS") == "all" else list(SAMPLE)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_hard_notebook_comes_out_equal_or_in_one_piece(name: str, tmp_path: Path) -> None:
    """The built steps show what the notebook shows, by the proof and by a look of our own.

    Every cell is in a step, what varies by nature is named, and nothing else is. Where the
    notebook was not cut at all, the report says why; what no build can run is refused at its cell.
    """
    case = refine_hard(name, Path(sys.executable), tmp_path)
    outcome = case.outcome
    said = f"{case.word}: {outcome.message}\n{dict(outcome.faults)}"
    if name in REFUSED:
        assert case.word == "refused", said
        assert REFUSED[name] in outcome.message
        return
    assert case.word in {"equal", "uncut"}, said
    origins = {origin for step in outcome.steps for origin in step}
    assert origins == set(range(len(cell_outputs(FOLDER / f"{name}.ipynb"))))
    assert set(map(int, outcome.report["nondeterministic"])) == VARYING.get(name, set())
    if case.word == "uncut":
        assert outcome.report["steps"][0]["reasons"]


def test_each_hard_notebook_is_explained() -> None:
    """The table beside the hard notebooks names each of them, and no others."""
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == names()
    assert set(SAMPLE) | set(VARYING) <= set(names())
