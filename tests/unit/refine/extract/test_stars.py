"""A name that a star import brought is imported by its own name, where it is known from which."""

from __future__ import annotations

from pathlib import Path

from tests.steps_in_memory import extract_steps, step

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.refine.extract.move import star_modules
from nbrefine.refine.flow.facts import gather

STARS = ("from math import *", "from cmath import *")
FUNCTION = "def f(x):\n    total = sqrt(x)\n    return floor(total)"


def test_of_two_star_imports_a_run_tells() -> None:
    """Without one it stays, since both may have brought the name."""
    steps = step(*STARS, FUNCTION, "f(4)")
    (left,) = extract_steps(steps).left
    assert "may come from a star import" in left.reason
    moved = extract_steps(steps, stars={"sqrt": "cmath", "floor": "math"})
    assert not moved.left
    (text,) = (text for path, text in moved.modules.items() if "__init__" not in path)
    assert "from cmath import sqrt\nfrom math import floor" in text


def test_a_module_that_no_cell_imports_is_not_believed() -> None:
    """What a run of another notebook showed is no reason."""
    steps = step(*STARS, FUNCTION, "f(4)")
    assert extract_steps(steps, stars={"sqrt": "numpy", "floor": "math"}).left


def test_the_run_shows_what_each_star_brought() -> None:
    """The later one counts; of two in one cell nothing is known."""
    sources = (*STARS, "from os import *\nfrom sys import *", "sqrt = 1")
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    bound = ({"sqrt", "floor"}, {"sqrt", "phase"}, {"path"}, {"sqrt"})
    records = tuple(CellRecord(i, bound=frozenset(names)) for i, names in enumerate(bound))
    recording = Recording(records, {}, PythonFacts("", "3.11"))
    facts = gather(Notebook(Path("n.ipynb"), cells), recording)
    assert star_modules(facts) == {"sqrt": "cmath", "floor": "math", "phase": "cmath"}
