"""Literals and the places where they stand."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.analysis.literals import Literal, find_literals
from nbrefine.notebook.syntax import to_python


def literals(source: str) -> tuple[Literal, ...]:
    return find_literals(to_python(source))


def text(source: str, literal: Literal) -> str:
    lines = source.split("\n")[literal.line - 1 : literal.end_line]
    lines[-1] = lines[-1][: literal.end_column]
    lines[0] = lines[0][literal.column :]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("source", "context", "value", "more"),
    [
        ("n = 5", "assignment", 5, {"target": "n"}),
        ("n: int = 5", "assignment", 5, {"target": "n"}),
        ("a.b = -5.5", "assignment", -5.5, {"target": "a.b"}),
        ("names = ['a', 'b']", "assignment", ["a", "b"], {"target": "names"}),
        ("n += 5", "operation", 5, {"target": "n"}),
        ("f.g(5)", "call-argument", 5, {"callee": "f.g", "position": 0}),
        ("x = f(1 + k, n=5)", "call-argument", 5, {"callee": "f", "keyword": "n", "target": "x"}),
        ("df.sample(3).head(5)", "call-argument", 5, {"callee": "head", "position": 0}),
        ("x > 5", "comparison", 5, {}),
        ("x[5]", "index", 5, {}),
        ("x[:5]", "index", 5, {}),
        ("d = {'k': 5}", "item", 5, {"keyword": "k", "target": "d"}),
        ("def f(a, n=5): pass", "default", 5, {"keyword": "n", "scope": "f"}),
        ("def f(*, n=5): pass", "default", 5, {"keyword": "n", "scope": "f"}),
        ("class A:\n    def f(self):\n        return 5", "return", 5, {"scope": "A.f"}),
        ("if c:\n    n = 5", "assignment", 5, {"target": "n", "scope": ""}),
        ("y = lambda v: v > 5", "comparison", 5, {"target": "y"}),
    ],
)
def test_use(source: str, context: str, value: object, more: dict[str, object]) -> None:
    """A literal is told with what it is there for."""
    (found,) = [each for each in literals(source) if each.value == value]
    assert found.context == context
    assert {key: getattr(found, key) for key in more} == more
    assert ast.literal_eval(text(source, found)) == value


def test_each_of_several_targets_has_its_value() -> None:
    """In an assignment of a tuple to a tuple each value has a target of its own."""
    assert [(e.target, e.value) for e in literals("w, h = 7, 2.8")] == [("w", 7), ("h", 2.8)]


@pytest.mark.parametrize(
    "source",
    [
        "'''a docstring'''",
        "def f():\n    'doc'",
        "f'{x:5} 7'",
        "b = b'5'",
        "!head -5 a.csv",
        "e = ...",
    ],
)
def test_not_told(source: str) -> None:
    """Docstrings, parts of f-strings and foreign lines are no literals."""
    assert literals(source) == ()


@pytest.mark.parametrize(
    "source",
    [
        "größe = 'ä€😀'; n = 5",
        "%time n = f('é', 5)",
        "    n = 5\n    m = 'x'",
        "%%time\nn = 5",
        "!ls\n\nn = f(\n  5,\n  ['a',\n   'b'])",
        "if x:\n    !ls {y}\n    n = 5",
        "s = '''a\nb''' + 'c'",
    ],
)
def test_places_hold_in_the_source(source: str) -> None:
    """The place of each literal in the cell's own text holds just this literal."""
    found = literals(source)
    assert found
    for each in found:
        assert ast.literal_eval(text(source, each)) == each.value


VALUES = st.recursive(
    st.one_of(
        st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(), st.none()
    ),
    lambda inner: st.lists(inner, min_size=1, max_size=3),
)


@given(st.text(alphabet="äß€😀 x"), VALUES)
def test_any_value_is_found_where_it_stands(before: str, value: object) -> None:
    """Whatever stands before it on the line, a literal's place is counted in characters."""
    source = f"f({before!r}, {value!r})"
    found = [each for each in literals(source) if each.position == 1]
    assert [each.value for each in found] == [value]
    assert text(source, found[0]) == repr(value)
