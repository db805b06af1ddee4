"""IPython's syntax as plain Python."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.notebook.syntax import Magic, to_python

LINE = "get_ipython().run_line_magic"


@pytest.mark.parametrize(
    ("source", "code", "magics"),
    [
        ("x = 1;", "x = 1;", []),
        ("%time x = f()", "x = f()", [("time", 1, "line", "x = f()")]),
        ("y = %time f(x)", "y = f(x)", [("time", 1, "line", "f(x)")]),
        ("%time !ls", "get_ipython().system('ls')",
         [("time", 1, "line", "!ls"), ("!", 1, "shell", "ls")]),
        ("%prun -s cumulative f(x)", "f(x)", [("prun", 1, "line", "-s cumulative f(x)")]),
        ("%%time\nx = 1", "\nx = 1", [("time", 1, "cell", "")]),
        ("\n\n%%time\nx = 1\n", "\n\n\nx = 1\n", [("time", 3, "cell", "")]),
        ("%%time\n%%capture o\nx = 1", f"\n\nx = 1\no = {LINE}('capture', 'o')",
         [("time", 1, "cell", ""), ("capture", 2, "cell", "o")]),
        ("x = !ls {d}", "x = get_ipython().getoutput('ls {d}')", [("!!", 1, "shell", "ls {d}")]),
        ("if a:\n    !ls \\\n  -l\n    b = 1",
         "if a:\n    get_ipython().system('ls    -l')\n\n    b = 1",
         [("!", 2, "shell", "ls    -l")]),
        ("x = 1\ndf.head?", f"x = 1\n{LINE}('pinfo', 'df.head')", [("?", 2, "help", "df.head")]),
        ("??f", f"{LINE}('pinfo2', 'f')", [("??", 1, "help", "f")]),
        ("%timeit -n 3 f(x)", f"{LINE}('timeit', '-n 3 f(x)')",
         [("timeit", 1, "line", "-n 3 f(x)")]),
        ("%matplotlib inline\nimport a", f"{LINE}('matplotlib', 'inline')\nimport a",
         [("matplotlib", 1, "line", "inline")]),
        ("pip install a", f"{LINE}('pip', 'install a')", [("pip", 1, "line", "install a")]),
        ("whos", f"{LINE}('whos', '')", [("whos", 1, "line", "")]),
        ("who = 1", "who = 1", []),
        ("s = '''\n%time\n'''", "s = '''\n%time\n'''", []),
        ("a = b\\\n  % c", "a = b\\\n  % c", []),
        (">>> x = 1\n>>> y = 2", "x = 1\ny = 2", []),
        ("  x = 1\n  y = 2", "x = 1\ny = 2", []),
        ("/f x", "f(x)", []),
        ("await x", "await x", []),
        ("", "", []),
    ],
)  # fmt: skip
def test_translation(source: str, code: str, magics: list[tuple[str, int, str, str]]) -> None:
    """What IPython adds is translated in its place, and told."""
    found = to_python(source)
    assert (found.code.replace("\n\no =", "\no ="), found.error) == (code, None)
    assert list(found.magics) == [Magic(*each) for each in magics]
    assert not found.foreign


@pytest.mark.parametrize("name", ["bash", "html", "writefile f.py", "sql", "unknown"])
def test_foreign_bodies(name: str) -> None:
    """A cell whose body is another language is one call, and takes as many lines."""
    found = to_python(f"%%{name}\necho $x\nif then\n")
    assert found.foreign
    assert found.error is None
    assert len(ast.parse(found.code).body) == 1
    assert found.code.count("\n") == 3


def test_timed_cells_are_not_foreign() -> None:
    """The body of ``%%timeit`` is Python, though its names stay inside."""
    found = to_python("%%timeit n = 1\nf(n)")
    assert not found.foreign
    assert "run_cell_magic('timeit', 'n = 1', 'f(n)\\n')" in found.code


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("x = 1\nprint 'a'", "Missing parentheses", 2),
        ("x = 1\n\nfor i in x\n    y", "expected ':'", 3),
        ("%matplotlib inline\nx = 1\nreturn x", "'return' outside function", 3),
        ("%%time\nx = 1\ny = = 2", "invalid syntax", 3),
        ("if a:\n    !ls \\\n  -l\n    b = = 1", "invalid syntax", 4),
        ("x = 'a", "unterminated string", 1),
        ("x = 1\0", "null bytes", None),
        ("a?b", "invalid syntax", 1),
    ],
)
def test_errors_have_the_cells_line(source: str, message: str, line: int | None) -> None:
    """A syntax error is told with its line in the cell as the author sees it."""
    found = to_python(source)
    assert message in (found.error or "")
    assert found.error_line == line


def test_warnings_of_the_compiler_stay_with_the_notebook() -> None:
    """Code that the compiler only warns of is no error here, and warns nobody."""
    assert to_python(r"x = '\d' is 'a'").error is None


def test_plain_cells_do_not_import_ipython() -> None:
    """Reading a notebook without magics does not pay for importing IPython."""
    check = (
        "import sys; from nbrefine.notebook.syntax import to_python; to_python('x = 1');"
        "assert not any(name.startswith('IPython') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


STATEMENTS = st.sampled_from(
    [
        "x = 1",
        "!ls {a} \\\n  -l",
        "y = !ls",
        "%time z = f(x)",
        "%matplotlib inline",
        "f?",
        "s = '''\n!no\n'''",
        "if x:\n    %time y = 1\n    !ls",
        "g(\n  1,\n  2)",
        "# %no",
        "",
    ]
)


@given(st.lists(STATEMENTS, max_size=6), st.sampled_from(["", "%%time\n", "\n"]))
def test_lines_stay_where_they_are(statements: list[str], head: str) -> None:
    """What follows a translated statement stands on the line that it has in the source."""
    source = head + "\n".join([*statements, "marker = 1"])
    found = to_python(source)
    assert found.error is None
    assert found.code.count("\n") == source.count("\n")
    assert ast.parse(found.code).body[-1].lineno == source.count("\n") + 1


def test_future_imports_may_stand_anywhere_in_a_cell() -> None:
    """IPython compiles statement by statement; what no statement may hold stays an error."""
    assert to_python("%matplotlib inline\nfrom __future__ import annotations\nx = 1").error is None
    assert to_python("x = 1\nfrom __future__ import annotations").error is None
    broken = to_python("x = 1\nfrom __future__ import braces")
    assert (broken.error, broken.error_line) == ("not a chance", 2)
    assert to_python("x = 1\nfrom __future__ import annotations\nreturn x").error is not None
