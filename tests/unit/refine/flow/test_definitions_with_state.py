"""Definitions that keep something between calls are told from those that can be made anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording, ValueFacts
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.flow.stateful import find_stateful

MEMO = """\
def memo(g):
    seen = {}
    def h(x):
        seen[x] = g(x)
        return seen[x]
    return h
@memo
def f(x):
    return x
"""
REGISTER = """\
registry = []
def enter(g):
    registry.append(g)
    return g
@enter
def f():
    pass
"""
TWICE = """\
def twice(g):
    def h(x):
        return g(g(x))
    return h
@twice
def f(x):
    return x
"""


def stateful(*sources: str) -> set[str]:
    """Names of the definitions that keep a state."""
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    return set(find_stateful(gather(Notebook(Path("small.ipynb"), cells), None)))


@pytest.mark.parametrize(
    "source",
    [
        "@lru_cache(maxsize=None)\ndef f(x):\n    return x",
        "def f(x, seen=[]):\n    seen.append(x)\n    return len(seen)",
        "def f(x, seen={}):\n    seen[x] = 1",
        "def f(x, seen=[]):\n    return seen",
        "def f():\n    f.calls += 1\nf.calls = 0",
        "@some.unknown_decorator\ndef f(x):\n    return x",
        MEMO,
        REGISTER,
        "class f:\n    items = []\n    def add(self, x):\n        self.items.append(x)",
        "class f:\n    n = 0\n    def __init__(self):\n        type(self).n += 1",
        "class f:\n    n = 0\n    @classmethod\n    def up(cls):\n        cls.n += 1",
        "class f:\n    n = 0\nf.n = 3",
        "class f:\n    n = 0\nsetattr(f, 'n', 3)",
    ],
)
def test_a_state_is_noticed(source: str) -> None:
    """Caches, changed defaults, attributes of functions and classes, registers, closures."""
    assert "f" in stateful(source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x, y=1, *, z=None):\n    return x",
        "def f(x, columns=['a', 'b']):\n    return x[columns]",
        "@property\ndef f(x):\n    return x",
        "@numba.njit\ndef f(x):\n    return x",
        TWICE,
        "@dataclass\nclass f:\n    x: int = 0",
        "class f:\n    names = ['a']\n    def size(self):\n        return len(self.names)",
    ],
)
def test_without_a_state_a_definition_can_be_repeated(source: str) -> None:
    """Ordinary functions, classes and decorators do not bind cells together."""
    assert "f" not in stateful(source)


@pytest.mark.parametrize(
    ("last", "noticed"),
    [
        (CellRecord(1), False),
        (CellRecord(1, changed=frozenset({"f"})), True),
        (None, True),
    ],
    ids=["seen unchanged", "seen to change", "not seen"],
)
def test_a_default_that_is_handed_on_counts_unless_a_run_saw_it_unchanged(
    last: CellRecord | None, *, noticed: bool
) -> None:
    """Libraries could change a list that they are given; in every cell it was the same."""
    cells = (
        Cell("code", "def f(x, axes=[0, 1]):\n    plt.axis(axes)", index=0),
        Cell("code", "f(1)", index=1),
    )
    values = {"f": ValueFacts("builtins.function", "digest", 100)}
    records = (CellRecord(0, bound=frozenset({"f"}), values=values), *([last] if last else []))
    recording = Recording(records, {}, PythonFacts("", "3.11"))
    facts = gather(Notebook(Path("small.ipynb"), cells), recording)
    assert ("f" in find_stateful(facts)) is noticed


def test_what_a_call_changes_in_the_cell_that_defines_is_not_seen() -> None:
    """There the function is new, whatever it holds afterwards."""
    source = "def f(x, cache={}):\n    return cache.setdefault(x, load(x))\nf(1)"
    values = {"f": ValueFacts("builtins.function", "digest", 100)}
    recording = Recording(
        (CellRecord(0, bound=frozenset({"f"}), values=values), CellRecord(1)),
        {},
        PythonFacts("", "3.11"),
    )
    cells = (Cell("code", source, index=0), Cell("code", "f(1)", index=1))
    facts = gather(Notebook(Path("small.ipynb"), cells), recording)
    assert "f" in find_stateful(facts)
