"""Generated code looks as a formatter would leave it."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrefine.refine.generated_tests.layout import WIDTH, assignment, comprehension, statement, tidy


@pytest.mark.parametrize(
    ("written", "tidied"),
    [
        ("{'a': ['b', 1]}", '{"a": ["b", 1]}'),
        ("'say \"hi\"'", "'say \"hi\"'"),
        (r"'it\'s'", '"it\'s"'),
        (r"'a\nb'", r'"a\nb"'),
        ("x['a'] + y", 'x["a"] + y'),
        ("b'raw'", "b'raw'"),
        ("1", "1"),
    ],
)
def test_quotes(written: str, tidied: str) -> None:
    """Double ones, where a text has none itself."""
    assert tidy(written) == tidied


@settings(max_examples=40)
@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner, max_size=4)))
def test_a_tidied_expression_means_the_same(value: object) -> None:
    """Whatever is in the text."""
    assert ast.literal_eval(tidy(repr(value))) == value


@settings(max_examples=40)
@given(
    st.lists(st.text("ab", min_size=1, max_size=60).map(repr), max_size=6),
    st.integers(4, 8),
)
def test_a_statement_fits_the_width_and_means_the_same(parts: list[str], indent: int) -> None:
    """However long its parts are together."""
    lines = statement("call(", parts, ")", indent)
    assert all(len(line) <= WIDTH for line in lines)
    assert all(line.startswith(" " * indent) for line in lines)
    call = ast.parse("\n".join(line[indent:] for line in lines)).body[0]
    assert ast.unparse(call) == f"call({', '.join(parts)})"


def test_a_long_list_is_broken_inside() -> None:
    """An item a line, with a comma behind the last, as formatters have it."""
    numbers = ", ".join(str(1000000 + number) for number in range(12))
    lines = statement("check(x, ", [f"[{numbers}]", "abs=1e-6"], ")")
    assert lines[1] == "        ["
    assert lines[2] == "            1000000,"
    assert lines[-3:] == ["        ],", "        abs=1e-6,", "    )"]


@pytest.mark.parametrize("length", [3, 30, 60, 90])
@pytest.mark.parametrize("count", [1, 4])
def test_a_list_that_a_loop_makes_is_broken_at_its_parts(length: int, count: int) -> None:
    """Whatever the length of the function's name, it means the same."""
    parts = [f"frame_{number}.iloc[[place]].copy()" for number in range(count)]
    call = "f" * length + "(", parts, ")"
    lines = comprehension("rows", call, "place in range(len(frame_0))")
    whole = f"rows = [{call[0]}{', '.join(parts)}) for place in range(len(frame_0))]"
    assert ast.dump(ast.parse(dedent("\n".join(lines)))) == ast.dump(ast.parse(whole))
    assert max(map(len, lines)) <= max(WIDTH, length + 12)


def test_a_long_assignment_is_broken_at_its_call() -> None:
    """As formatters do; a short one stays on its line."""
    assert assignment("d", "f(x)") == ["    d = f(x)"]
    long = f'pd.read_parquet(FIXTURES / "{"a" * 40}.parquet").astype({{"maker": "object"}})'
    assert assignment("d", long) == [
        f'    d = pd.read_parquet(FIXTURES / "{"a" * 40}.parquet").astype(',
        '        {"maker": "object"}',
        "    )",
    ]
