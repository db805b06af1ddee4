"""Code that does the same has the same normal form; code that may not has another."""

from __future__ import annotations

import pytest

from nbrefine.analysis.normal import MAGIC, normal_cells, normal_form, parse, read_cell


def form(*cells: str) -> list[list[object]]:
    return normal_cells([(read_cell(cell), ()) for cell in cells])


SAME = {
    "comment": ("x = 1", "x = 1  # one"),
    "blank lines": ("x = 1\ny = 2", "\n\nx = 1\n\n\ny = 2\n"),
    "quotes": ("x = 'a'", 'x = "a"'),
    "line breaks": ("f(1, 2)", "f(\n    1,\n    2,\n)"),
    "brackets": ("x = (1 + 2)", "x = 1 + 2"),
    "old text prefix": ("x = u'a'", "x = 'a'"),
    "comment after a magic": ("%matplotlib inline\nx = 1", "%matplotlib inline\nx = 1 # one"),
    "formatting below a cell magic": ("%%time\nf(1,2)", "%%time\nf(1, 2)"),
    "a question in a comment": ("%matplotlib inline\nx = 1", "%matplotlib inline\nx = 1  # why?"),
    "semicolon between": ("a(); b()", "a()\nb()"),
}
OTHER = {
    "a number": ("x = 1", "x = 2"),
    "a number's type": ("x = 1", "x = 1.0"),
    "truth and one": ("x = 1", "x = True"),
    "text and bytes": ("x = 'a'", "x = b'a'"),
    "docstring": ("def f():\n    'a'", "def f():\n    'b'"),
    "order": ("a()\nb()", "b()\na()"),
    "what is shown": ("f(1)", "f(1);"),
    "a magic": ("%matplotlib inline", "%matplotlib agg"),
    "a shell line": ("!ls a", "!ls b"),
    "what a cell magic gets": ("%%time\nf(1)", "%%capture\nf(1)"),
    "the body of a foreign cell": ("%%bash\nls a", "%%bash\nls  a"),
    "help": ("f?", "f??"),
    "not Python": ("x =", "x = ="),
}


@pytest.mark.parametrize("name", SAME)
def test_what_does_not_matter_is_left_out(name: str) -> None:
    """Comments and formatting do not change the normal form."""
    one, other = SAME[name]
    assert form(one) == form(other)


@pytest.mark.parametrize("name", OTHER)
def test_what_may_matter_is_kept(name: str) -> None:
    """Anything that a run could show changes the normal form."""
    one, other = OTHER[name]
    assert form(one) != form(other)


def test_cells_that_do_nothing_are_left_out_and_borders_count() -> None:
    """A cell of comments says nothing; where a cell ends decides what is shown."""
    assert form("a()", "# nothing", "") == form("a()")
    assert form("a()\nb()") != form("a()", "b()")


def test_tags_that_change_a_run_count() -> None:
    """A cell that may fail is another one."""
    code = read_cell("f()")
    assert normal_cells([(code, ())]) != normal_cells([(code, ["raises-exception"])])


def test_magics_stand_in_the_tree_as_calls() -> None:
    """What assigns from the shell is Python with a call in it."""
    code = read_cell("files = !ls *.csv\nprint(files)")
    assert MAGIC in normal_form(code.tree)
    assert len(code.tree.body) == 2


@pytest.mark.parametrize("terms", [10, 140, 5000])
def test_code_of_any_depth_is_read(terms: int) -> None:
    """What is too deep to be walked counts with all its text, and nothing runs out of stack."""
    source = "x = " + " + ".join(["1"] * terms)
    other = source + " + 1"
    assert form(source) == form(source)
    assert form(source) != form(other)
    assert (parse(source) is None) == (terms > 140)
