"""Which cell is which, when a notebook was edited."""

from __future__ import annotations

import pytest

from nbrefine.testing.alignment import align
from nbrefine.testing.baseline import BaselineCell


def cells(*texts: str) -> list[BaselineCell]:
    """Cells of texts; ``id=text`` gives an id."""
    made = []
    for text in texts:
        identifier, _, source = text.rpartition("=")
        made.append(BaselineCell("code", source, identifier))
    return made


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ("a b c", "a b c", [(0, 0), (1, 1), (2, 2)]),
        ("a b c", "a x b c", [(0, 0), (None, 1), (1, 2), (2, 3)]),
        ("a b c", "a c", [(0, 0), (1, None), (2, 1)]),
        ("a b c", "b c", [(0, None), (1, 0), (2, 1)]),
        ("a b c", "a edited c", [(0, 0), (1, 1), (2, 2)]),
        ("1=a 2=b", "2=b 1=a", [(1, 0), (0, 1)]),
        ("1=a 2=b", "1=edited 2=anew", [(0, 0), (1, 1)]),
        ("a b", "1=a 2=b", [(0, 0), (1, 1)]),
        ("1=a 1=b", "1=b", [(0, None), (1, 0)]),
        ("a b c d", "a x d", [(0, 0), (1, None), (2, None), (None, 1), (3, 2)]),
    ],
)
def test_cells_are_found_again(
    old: str, new: str, pairs: list[tuple[int | None, int | None]]
) -> None:
    """By their ids, else by their text, and edited ones by their place; nothing is lost."""
    assert list(align(cells(*old.split()), cells(*new.split()))) == pairs
