"""Programs of functions, globals and aliases say the same before and after extraction."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.steps_in_memory import extract_steps, run, sources, step

VARIABLES = ("a", "b", "xs", "ys")
FUNCTIONS = ("f", "g", "h")
names = st.sampled_from(VARIABLES)
functions = st.sampled_from(FUNCTIONS)
numbers = st.integers(0, 3)

reads = st.one_of(
    st.sampled_from(["p", "total(p)", "len([p])"]),
    names.map(lambda name: f"total({name})"),
    functions.map(lambda name: f"{name}(0)"),
    names.map(lambda name: f"sum(total({name}) for _ in range(2))"),
    st.tuples(functions, names).map(lambda each: f"{each[0]}(total({each[1]}))"),
    functions.map(lambda name: f"sum([{name}(i) for i in range(2)])"),
    functions.map(lambda name: f"sorted([1, 0], key={name})[0]"),
)
effects = st.one_of(
    st.just("pass"),
    st.sampled_from(["xs", "ys"]).map(lambda name: f"{name}.append(1)"),
    st.sampled_from(["a", "b"]).map(lambda name: f"{name} = 5"),  # a local of that name
    functions.map(lambda name: f"list(map({name}, [1]))"),
)


CLASS = "class C:\n    n = 1\n    def __repr__(self):\n        return 'C'"


@st.composite
def definitions(draw: st.DrawFn, name: str = "") -> str:
    """A function."""
    name = name or draw(functions)
    head = draw(st.sampled_from(["p", "p, q=1", "p, *rest", "p, /, q=2", "p, *, q=3"]))
    default = draw(st.one_of(st.just(""), names.map(lambda each: f", d={each}")))
    head = f"{head}{default}" if default and "*" not in head else head
    lines = [f"def {name}({head}):", "    if deep():", "        return 0"]
    lines.append(f"    {draw(effects)}")
    value = " + ".join(draw(st.lists(reads, min_size=1, max_size=2)))
    if draw(st.booleans()):
        lines += ["    later = lambda: " + value, "    return later()"]
    else:
        lines.append(f"    return {value}")
    return "\n".join(lines)


@st.composite
def classes(draw: st.DrawFn) -> str:
    """A class with a method."""
    value = draw(reads)
    return f"{CLASS}\n    def get(self, p=1):\n        return 0 if deep() else {value}"


statements = st.one_of(
    st.tuples(st.sampled_from(["a", "b"]), numbers).map(lambda each: f"{each[0]} = {each[1]}"),
    st.tuples(st.sampled_from(["xs", "ys"]), numbers).map(lambda each: f"{each[0]} = [{each[1]}]"),
    st.sampled_from(["xs = ys", "ys = xs", "a = b", "xs.append(2)", "b = a + 1", "a = total(xs)"]),
    st.tuples(st.sampled_from(["a", "r"]), reads).map(lambda each: f"p = 1\n{each[0]} = {each[1]}"),
    reads.map(lambda each: f"p = 2\nprint({each})"),
    functions.map(lambda name: f"sorted([2, 1], key={name})"),
    st.tuples(functions, st.sampled_from(["a = 7", "b = 8", "xs = [9]", "pass"])).map(
        lambda each: f"later = map({each[0]}, [1, 2])\n{each[1]}\nlist(later)"
    ),
    st.sampled_from(["C().get()", "c = C()\nc.get()", "C.n"]),
)
cells = st.tuples(
    st.tuples(*(definitions(name) for name in FUNCTIONS)),
    st.lists(st.one_of(*[statements] * 5, definitions(), classes()), min_size=1, max_size=8),
).map(lambda each: [*each[0], *each[1]])
# After so many calls nothing calls anything any more: a program ends, however it recurs.
DEPTH = """
calls = 0

def deep():
    global calls
    calls += 1
    return calls > 200
"""
START = (
    "from depth import deep",
    "def total(x):\n    return sum(x) if isinstance(x, list) else x",
    "a = 1\nb = 2\nxs = [1]\nys = [*xs]",
    f"{CLASS}\n    def get(self):\n        return 0",
)


@settings(deadline=None, max_examples=60)
@given(cells)
def test_programs_say_the_same(body: list[str]) -> None:
    """Whatever is defined, redefined, aliased and called, in whatever order."""
    notebook = step(*START, *body)
    depth = {"src/depth.py": DEPTH}
    before = run(notebook, depth, may_fail=True)
    extraction = extract_steps(notebook)
    changed = extraction.notebooks.get("notebooks/a.ipynb", notebook)
    after = run(changed, {**extraction.modules, **depth}, may_fail=True)
    explained = "\n".join([*extraction.modules.values(), *map(str, sources(changed).items())])
    assert after.shown == before.shown, explained
    assert after.values == before.values, explained
