"""A statement that is repeated says what it said, though the constants in it have changed."""

from __future__ import annotations

import pytest

from nbrefine.refine.flow.spelled_out import spell_out


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("rc['figsize'] = size", "rc['figsize'] = (3, 2)"),
        ("rc.update({'é': size[1] + 2})  # wide", "rc.update({'é': (3, 2)[1] + 2})  # wide"),
        ("set(\n    size,\n    low ** 2)", "set(\n    (3, 2),\n    (-1) ** 2)"),
        ("set(style, style)", 'set("dark", "dark")'),
        ("set(other)", "set(other)"),
    ],
)
def test_constants_are_written_where_their_names_stood(source: str, expected: str) -> None:
    """All else stays as the author wrote it."""
    constants = {"size": "3, 2", "low": "-1", "style": '"dark"'}
    assert spell_out(source, constants) == expected


@pytest.mark.parametrize(
    "source",
    [
        "%config X.size = size",
        "set(lambda size: size)",
        "set([size for size in 'ab'])",
        "set(f'{size}')",
        "set(size.real)",
    ],
)
def test_where_no_value_can_be_written_it_is_left(source: str) -> None:
    """Magics, names that mean something else, and places that Python does not tell."""
    assert spell_out(source, {"size": "3"}) in {None, "set(f'{3}')"}
