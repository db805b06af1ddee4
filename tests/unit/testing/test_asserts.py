"""Which assertions of a cell are tests of their own."""

from __future__ import annotations

from nbrefine.testing.asserts import assertions

CELL = """\
%matplotlib inline
assert rows > 0, "there are rows"
assert (
    frame.notna()
    .all().all()
)
if big:
    assert rows > 0, "there are rows"
schema.validate(frame)
checked = other.validate(frame, lazy=True)
np.testing.assert_allclose(a, b)
model.validate()
def later():
    assert False
assert data["a::b"]
"""


def test_assertions_are_found_with_their_lines() -> None:
    """Statements, schemas and testing functions; what a function asserts it does when called."""
    found = [(each.name, each.line, each.end_line) for each in assertions(CELL)]
    assert found == [
        ("there are rows", 2, 2),
        ("assert ( frame.notna() .all().all() )", 3, 6),
        ("there are rows (2)", 8, 8),
        ("schema.validate(frame)", 9, 9),
        ("checked = other.validate(frame, lazy=True)", 10, 10),
        ("np.testing.assert_allclose(a, b)", 11, 11),
        ('assert data["a:b"]', 15, 15),
    ]


def test_a_cell_that_is_no_python_asserts_nothing() -> None:
    """Neither another language's nor one that cannot be parsed."""
    assert assertions("%%bash\nassert 1") == ()
    assert assertions("assert (") == ()
