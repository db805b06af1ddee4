"""Steps that run one after another say what the whole notebook says, wherever it is cut."""

from __future__ import annotations

import pickle
import random
import types
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording, ValueFacts
from nbrefine.recording.formats import Stored
from nbrefine.refine.flow.crossing import StepPlan
from nbrefine.refine.flow.dataflow import build_flow
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.plan.left import left_behind
from nbrefine.refine.plan.plan import Plan, Request, make_plan
from nbrefine.refine.segment.segment import Boundaries

Namespace = dict[str, Any]

START = """\
import random
random.seed(7)
n1, n2, n3 = 1, 2, 3
l1, l2, l3 = [1], [2], [3]
d1, d2 = {"a": [1]}, {"a": [2]}
def f(x): return x + 1
def g(x): return x + 2
h = lambda x: x + 3
"""
NUMBERS = st.sampled_from(["n1", "n2", "n3"])
LISTS = st.sampled_from(["l1", "l2", "l3"])
DICTS = st.sampled_from(["d1", "d2"])
FUNCTIONS = st.sampled_from(["f", "g", "h"])
FACTORY = """\
def make(k):
    def inner(x): return x + k + {n}
    return inner
{f} = make({k})
"""
CLASS = """\
class Box:
    def __init__(self, x): self.x = x
    def get(self): return self.x + {n}
b = Box({m})
{n} = b.get()
"""
FORMS = (
    "{n} = {k}",
    "{n} = {m} + {k}",
    "{n} += {k}",
    "{n} = len({l}) + {m}",
    "{l} = [{k}, {n}]",
    "{l} = {o}",
    "{l} = list({o})",
    "{l}.append({n})",
    "{l} += [{k}]",
    "{l}[0] = {n}",
    "{l} = {d}['a']",
    "{d} = {e}",
    "{d} = {{'a': {l}}}",
    "{d}['a'] = {l}",
    "{d}['b'] = {n}",
    "{d}['a'].append({k})",
    "{n} = len({d})",
    "for i in range({n} % 3): {l}.append(i)",
    "for {n} in range({m} % 3): pass",
    "if {n} % 2: {m} = {k}",
    "if {n} % 2: {l} = {o}",
    "del {n}\n{n} = {k}",
    "{n} = sum(x for x in range({m} % 5))",
    "{l} = [x + {n} for x in {o} if isinstance(x, int)]",
    "try:\n    {n} = 1 // ({m} % 2)\nexcept ZeroDivisionError as error:\n    {l}.append({k})",
    "if ({n} := {m} + {k}) > 4: {l} = [{n}]",
    "def {f}(x): return x + {n}",
    "def {f}(x, y={n}): return x + y",
    "def {f}(x):\n    {l}.append(x)\n    return len({l})",
    "def {f}(x):\n    global {n}\n    {n} = {n} % 100 + 1\n    return x",
    "def {f}(x, seen=[]):\n    seen.append(x)\n    return len(seen)",
    "{f} = lambda x: x + {n}",
    "{n} = {f}({m})",
    "{f}({n})",
    "{l} = [{f}(x) for x in range(3)]",
    FACTORY,
    CLASS,
    "random.seed({k})",
    "{n} = random.randint(0, 99)",
    "random.shuffle({l})",
)


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A statement that is valid after `START`."""
    form = draw(st.sampled_from(FORMS))
    return form.format(
        n=draw(NUMBERS),
        m=draw(NUMBERS),
        k=draw(st.integers(0, 9)),
        l=draw(LISTS),
        o=draw(LISTS),
        d=draw(DICTS),
        e=draw(DICTS),
        f=draw(FUNCTIONS),
        g=draw(FUNCTIONS),
    )


CELLS = st.lists(
    st.lists(statements(), min_size=1, max_size=3).map("\n".join), min_size=3, max_size=8
)


class Watched:
    """Runs cells in a namespace and records each, as an observed run does."""

    def __init__(self) -> None:
        self.module = types.ModuleType("__main__")
        self.names: Namespace = self.module.__dict__
        self.kept: list[Any] = []

    def run(self, origin: int, source: str) -> CellRecord:
        before = {name: (id(value), _digest(value)) for name, value in _own(self.names).items()}
        self.kept += _own(self.names).values()
        state = random.getstate()
        exec(source, self.names)  # noqa: S102  (the program under test)
        after = _own(self.names)
        bound = {name for name, value in after.items() if before.get(name, (0,))[0] != id(value)}
        changed = {
            name
            for name, value in after.items()
            if name in before and before[name][1] != _digest(value)
        }
        values = {name: _facts(after[name]) for name in bound | changed}
        return CellRecord(
            origin,
            bound=frozenset(bound),
            changed=frozenset(changed),
            removed=frozenset(set(before) - set(after)),
            values=values,
            aliases=_aliases(after),
            random={"random": _use(source)} if state != random.getstate() else {},
        )


def _use(source: str) -> str:
    """Tell a seed from a draw."""
    seeds, draws = "seed(" in source, "randint" in source or "shuffle" in source
    return "both" if seeds and draws else "seed" if seeds else "draw"


def _own(names: Namespace) -> Namespace:
    return {name: value for name, value in names.items() if not name.startswith("__")}


def _digest(value: object) -> str | None:
    return repr(value) if _is_plain(value) else None


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return isinstance(value, int)


def _facts(value: object) -> ValueFacts:
    kind = type(value)
    return ValueFacts(f"{kind.__module__}.{kind.__qualname__}", _digest(value), 10)


def _reached(value: object) -> set[int]:
    parts = value if isinstance(value, list) else []
    parts = list(value.values()) if isinstance(value, dict) else parts
    own = {id(value)} if isinstance(value, (list, dict)) else set()
    return own.union(*map(_reached, parts))


def _aliases(names: Namespace) -> tuple[frozenset[str], ...]:
    reached = {name: _reached(value) for name, value in names.items()}
    groups = {
        frozenset({name, other})
        for name in reached
        for other in reached
        if name < other and reached[name] & reached[other]
    }
    return tuple(sorted(groups, key=sorted))


def _record(sources: list[str]) -> tuple[Notebook, Recording, Namespace]:
    watched = Watched()
    random.seed(0)
    records = tuple(watched.run(origin, source) for origin, source in enumerate(sources))
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    notebook = Notebook(Path("fuzz.ipynb"), cells)
    return notebook, Recording(records, {}, PythonFacts("", "3.11")), _own(watched.names)


class Store:
    """Finds out which values another process could load, by trying."""

    def __init__(self, sources: list[str]) -> None:
        self.sources = sources

    def find(self, requests: list[Request]) -> dict[Request, Stored | None]:
        return {request: self._stored(*request) for request in requests}

    def _stored(self, after: int, names: tuple[str, ...]) -> Stored | None:
        watched = Watched()
        random.seed(0)
        for source in self.sources[: after + 1]:
            exec(source, watched.names)  # noqa: S102  (the program under test)
        values = [watched.names[name] for name in names]
        return Stored(names, "pickle") if all(map(_is_plain, values)) else None


def _run_steps(plan: Plan, sources: list[str]) -> Namespace:
    """Run the steps one after another, each in a namespace of its own."""
    products: dict[tuple[int, str], bytes] = {}
    final: Namespace = {}
    for index, step in enumerate(plan.crossing.steps):
        names = _start(step, products)
        for origin in step.cells:
            exec(sources[origin], names)  # noqa: S102  (the program under test)
        for name in step.outputs:
            stored = plan.stored[index, name]
            values = [_value(names, each) for each in stored.names]
            products[index, name] = pickle.dumps((stored.names, values))
        final |= _own(names)
    return final


def _value(names: Namespace, name: str) -> object:
    return random.getstate() if name == "<random:random>" else names[name]


def _start(step: StepPlan, products: dict[tuple[int, str], bytes]) -> Namespace:
    """Do what a step does before its own cells: repeat, read, repeat what needs what is read."""
    names: Namespace = types.ModuleType("__main__").__dict__
    random.seed(12345)
    late = [recipe for recipe in step.recipes if recipe.eager & set(step.inputs)]
    for recipe in step.recipes:
        if recipe not in late:
            exec(recipe.source, names)  # noqa: S102  (the program under test)
    for _, blob in sorted({(index, products[index, name]) for name, index in step.inputs.items()}):
        for name, value in zip(*pickle.loads(blob), strict=True):
            if name not in step.inputs:
                continue
            if name == "<random:random>":
                random.setstate(value)
            else:
                names[name] = value
    for recipe in late:
        exec(recipe.source, names)  # noqa: S102  (the program under test)
    return names


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CELLS, st.lists(st.floats(-5, 5), min_size=9, max_size=9), st.integers(2, 6), st.booleans())
def test_steps_say_what_the_notebook_says(
    cells: list[str],
    costs: list[float],
    steps: int,
    by_code: bool,  # noqa: FBT001  (drawn)
) -> None:
    """Cut anywhere, the steps end with the values that the whole notebook ends with.

    Also where nothing is known of a run (``--static``) and the code alone tells what flows.
    """
    sources = [START, *cells]
    notebook, recording, expected = _record(sources)
    facts = gather(notebook, None if by_code else recording)
    flow = build_flow(facts)
    boundaries = Boundaries((0.0, *costs[: len(cells)]), (False,) * len(sources))
    plan = make_plan(flow, boundaries, Store(sources).find, steps=steps)
    found = _run_steps(plan, sources)
    left = left_behind(flow, plan.crossing)
    for name, value in expected.items():
        if _is_plain(value) and name not in left:
            assert found[name] == value, (name, plan.cuts)
