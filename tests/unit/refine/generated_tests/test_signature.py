"""Calls are written as a person would write them, and refused where they do not fit."""

from __future__ import annotations

import ast

import pytest

from nbrefine.refine.generated_tests.calls import Argument, Call, Outcome, Value
from nbrefine.refine.generated_tests.signature import (
    CannotCallError,
    find_definitions,
    passed,
    signature,
    written,
)


def call(**arguments: str) -> Call:
    given = (Argument(name, Value("plain", text), keyword=True) for name, text in arguments.items())
    return Call("", tuple(given), Outcome())


def shown(definition: str, made: Call, arguments: tuple[str, ...] = ()) -> str:
    (node,) = ast.parse(definition).body
    wanted = signature(node)
    return ", ".join(written(passed(made, wanted, arguments), wanted, {}))


@pytest.mark.parametrize(
    ("definition", "made", "expected"),
    [
        ("def f(a, b): ...", call(a="1", b="2"), "1, 2"),
        ("def f(a, b): ...", call(b="2", a="1"), "1, 2"),
        ("def f(a, b=2): ...", call(a="1", b="2"), "1"),
        ("def f(a, b=2): ...", call(a="1", b="3"), "1, b=3"),
        ("def f(a, b=2, c=3): ...", call(a="1", b="2", c="4"), "1, c=4"),
        ("def f(a, *, b): ...", call(a="1", b="'x'"), '1, b="x"'),
        ("def f(a, **more): ...", call(a="1", z="5"), "1, z=5"),
        ("f = lambda a, k='x': a", call(a="1", k="'y'"), '1, k="y"'),
        ("def f(a, k='x'): ...", call(a="1", k="'x'"), "1"),
    ],
)
def test_how_arguments_are_written(definition: str, made: Call, expected: str) -> None:
    """Required ones by place, others by name, and none that is the default."""
    assert shown(definition, made) == expected


def test_further_arguments_come_after_those_in_front_of_them() -> None:
    """Which then cannot be named."""
    given = (
        Argument("a", Value("plain", "1")),
        Argument("*", Value("plain", "2")),
        Argument("*", Value("plain", "3")),
        Argument("k", Value("plain", "4"), keyword=True),
    )
    assert shown("def f(a, *rest, k=0): ...", Call("", given, Outcome())) == "1, 2, 3, k=4"


def test_what_was_a_global_is_passed_by_name() -> None:
    """If it became an argument; a constant of the module is the module's own matter."""
    given = (
        Argument("d", Value("plain", "1"), keyword=True),
        Argument("limit", Value("plain", "15"), was_global=True, keyword=True),
        Argument("scale", Value("plain", "2"), was_global=True, keyword=True),
    )
    made = Call("", given, Outcome())
    assert shown("def f(d, limit): ...", made, ("limit",)) == "1, limit=15"


@pytest.mark.parametrize(
    ("definition", "made", "reason"),
    [
        ("def f(a): ...", call(b="1"), "other ones now"),
        ("def f(a, b): ...", call(a="1"), "nobody saw what its argument `b` was"),
    ],
)
def test_a_call_that_does_not_fit_is_refused(definition: str, made: Call, reason: str) -> None:
    """The user may have changed the function since."""
    with pytest.raises(CannotCallError, match=reason):
        shown(definition, made)


def test_a_table_that_no_test_can_pass() -> None:
    """What a function reads from the notebook cannot be sampled behind its back."""
    given = (Argument("df", Value("frame", "pd.read_parquet(x)"), was_global=True),)
    with pytest.raises(CannotCallError, match="it reads `df`"):
        shown("def f(): ...", Call("", given, Outcome()))


def test_methods_have_no_self() -> None:
    """But for static ones, which have none to leave out."""
    text = "class A:\n    def fit(self, d): ...\n    @staticmethod\n    def size(d): ...\n"
    definition = find_definitions(text)["A"]
    for method in ("fit", "size"):
        wanted = signature(definition, method)
        assert wanted is not None
        assert [each.name for each in wanted.parameters] == ["d"]
    assert signature(definition, "missing") is None
