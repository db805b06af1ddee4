"""Assertions: a value is what it was when the notebook's own function returned it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.generated_tests.layout import WIDTH, statement, tidy

if TYPE_CHECKING:
    from nbrefine.refine.generated_tests.calls import Value

_TABLES = {
    "frame": "assert_frame_equal",
    "series": "assert_series_equal",
    "index": "assert_index_equal",
}
TABLES = frozenset({*_TABLES, "array", "floats"})
_SINGLETONS = frozenset({"None", "True", "False"})


def assert_value(name: str, value: Value) -> list[str]:
    """Write that something is equal to a recorded value.

    Parameters
    ----------
    name
        Expression of the something.
    value
        What it was.

    Returns
    -------
    list of str
        Lines, indented by four columns.
    """
    kind, expected = value.kind, tidy(value.expression)
    if kind in _TABLES:
        lax = ["check_freq=False"] if value.lax and kind != "index" else []
        lines = statement(f"{_TABLES[kind]}(", [name, expected, *lax], ")")
    elif kind in {"array", "floats"}:
        how = "assert_allclose" if kind == "floats" else "assert_array_equal"
        lines = statement(f"np.testing.{how}(", [name, expected], ")")
    elif kind == "reference":
        lines = [f"    assert {name} is {expected}"]
    elif value.items:
        lines = _parts(name, value)
    else:
        lines = _plain(name, expected)
    return lines


def _parts(name: str, value: Value) -> list[str]:
    """Write assertions about what is in a container, or what an object has learnt."""
    if value.kind in {"tuple", "list"}:
        lines = [f"    assert len({name}) == {len(value.items)}"]
        places = [f"{name}[{place}]" for place in range(len(value.items))]
    elif value.kind == "dict":
        keys = [tidy(key) for key in value.keys]
        lines = statement(f"assert list({name}) == [", keys, "]")
        places = [f"{name}[{key}]" for key in keys]
    else:
        is_library = value.kind == "estimator"
        lines = [f'    assert type({name}).__name__ == "{value.expression}"'] * is_library
        places = [f"{name}.{key}" for key in value.keys]
    for place, item in zip(places, value.items, strict=True):
        lines += assert_value(place, item)
    return lines


def _plain(name: str, expected: str) -> list[str]:
    if expected in _SINGLETONS:
        return [f"    assert {name} is {expected}"]
    if expected == 'float("nan")':
        return [f"    assert np.isnan({name})"]
    if has_floats(expected) and is_flat(expected):
        more = ["nan_ok=True"] if "nan" in expected else []
        return statement(f"assert {name} == pytest.approx(", [expected, *more], ")")
    return equal(name, expected)


def equal(name: str, expected: str) -> list[str]:
    """Write that something equals a literal; a text of several lines gets a line for each."""
    line = f"    assert {name} == {expected}"
    value = ast.parse(expected, mode="eval").body
    if (
        len(line) <= WIDTH
        or not isinstance(value, ast.Constant)
        or not isinstance(value.value, str)
    ):
        return [line]
    parts = [tidy(repr(part)) for part in value.value.splitlines(keepends=True)]
    return [f"    assert {name} == (", *(f"        {part}" for part in parts), "    )"]


def has_floats(expression: str) -> bool:
    """Whether an expression of a plain value has floating-point numbers in it."""
    return any(
        (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        for node in ast.walk(ast.parse(expression, mode="eval"))
    )


def is_flat(expression: str) -> bool:
    """Whether it is a number, or a list, tuple or dict of plain ones, as `approx` takes it."""
    node = ast.parse(expression, mode="eval").body
    inside = {ast.List: "elts", ast.Tuple: "elts", ast.Dict: "values"}
    nested = (ast.List, ast.Tuple, ast.Dict, ast.Set)
    if type(node) in inside:
        return not any(isinstance(each, nested) for each in getattr(node, inside[type(node)]))
    return not isinstance(node, ast.Set)


def needs(lines: list[str]) -> set[str]:
    """Return the imports that lines of a test need."""
    text = "\n".join(lines)
    found = {
        f"from pandas.testing import {name}" for name in _TABLES.values() if f"{name}(" in text
    }
    for short, module in (("np", "numpy"), ("pd", "pandas"), ("plt", "matplotlib.pyplot")):
        if f"{short}." in text:
            found.add(f"import {module} as {short}")
    for module in ("pytest", "json", "datetime", "decimal", "random"):
        if f"{module}." in text:
            found.add(f"import {module}")
    return found
