from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbrefine.errors import NbrefineError, NotebookError, PipelineSpecError
from nbrefine.pipeline.functions import function_node
from nbrefine.pipeline.upstream import product_of_notebook, resolve, upstream_of_notebook

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Project


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("upstream = None", ()),
        ("upstream = ['b', 'a']", ("b", "a")),
        ("upstream = ('a',)", ("a",)),
        ("upstream = {'b', 'a'}", ("a", "b")),
        ("upstream = {'a': 'path', 'b': None}", ("a", "b")),
        ("upstream = ['a', 'a']", ("a",)),
        ("%load_ext x\n!ls\nupstream = ['a']", ("a",)),
        ("upstream = None\nupstream = ['a']", ("a",)),
        ("if True:\n    upstream = ['b']\nupstream = ['a']", ("a",)),
    ],
)
def test_what_a_notebook_builds_on(project: Project, cell: str, expected: tuple[str, ...]) -> None:
    """Every way of writing it out that Ploomber takes is read; the last one counts."""
    assert upstream_of_notebook(project.notebook("a.ipynb", cell)) == expected


@pytest.mark.parametrize(
    ("cell", "line", "message"),
    [
        ("x = 1", None, "does not say what the step builds on"),
        ("x = 1\nupstream = [f()]", 2, r"has to be written out, but is: \[f\(\)\]"),
        ("upstream = __import__('os').listdir()", 1, "has to be written out"),
        ("upstream = 'a'", 1, "has to be a list"),
        ("upstream = [1]", 1, "has to be a list"),
        ("x = (", 1, "not valid Python"),
    ],
)
def test_what_is_not_written_out_is_refused(
    project: Project, cell: str, line: int | None, message: str
) -> None:
    """Nothing of the user's is run: what is not a literal is an error with cell and line."""
    with pytest.raises(NotebookError, match=message) as caught:
        upstream_of_notebook(project.notebook("a.ipynb", cell))
    where = caught.value.where
    assert (where.file, where.cell, where.line) == ("a.ipynb", 2, line)


def test_a_notebook_without_the_cell(project: Project) -> None:
    """Where no cell has the tag, the hint says what to tag."""
    with pytest.raises(NotebookError, match="No cell has the tag 'parameters'") as caught:
        upstream_of_notebook(project.notebook("a.ipynb", None))
    assert "upstream = ..." in caught.value.hint


def test_other_languages_are_refused(project: Project) -> None:
    """R is not guessed at; the hint says how its pipelines can be read."""
    path = project.notebook("a.ipynb")
    path.write_text(path.read_text().replace('"metadata": {}, "nbf', '"metadata": R, "nbf'))
    path.write_text(path.read_text().replace("R,", '{"kernelspec": {"language": "R"}},'))
    with pytest.raises(PipelineSpecError, match="a step in r") as caught:
        upstream_of_notebook(path)
    assert "extract_upstream" in caught.value.hint


def test_the_product_of_a_notebook(project: Project) -> None:
    """A literal is the product; none, or None, is refused."""
    path = project.notebook("a.ipynb", "upstream = None\nproduct = 'x.csv'")
    assert product_of_notebook(path) == "x.csv"
    with pytest.raises(NotebookError, match="does not say what the step makes"):
        product_of_notebook(project.notebook("a.ipynb", "product = None"))


def test_wildcards() -> None:
    """A name beats a wildcard that brings the same step in; what matches nothing is told."""
    names = ["fit-0", "fit-1", "load"]
    assert resolve(["fit-*", "load"], names) == (
        ("fit-0", "fit-1", "load"),
        {"fit-0": "fit-*", "fit-1": "fit-*"},
        (),
    )
    steps, groups, unknown = resolve(["fit-*", "fit-0", "x", "y*"], names)
    assert (steps, groups, unknown) == (("fit-0", "fit-1"), {"fit-1": "fit-*"}, ("x", "y*"))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("def lode(): ...", "Did you mean 'lode'?"),
        ("from other import load", "name the module that defines it"),
        ("x = 1", "defines no function"),
    ],
)
def test_a_function_that_is_not_there(project: Project, text: str, hint: str) -> None:
    """The message of a misspelt or imported function says what to write."""
    with pytest.raises(PipelineSpecError, match="does not define a function 'load'") as caught:
        function_node(project.file("a.py", text), "load")
    assert hint in caught.value.hint


def test_a_module_that_is_not_python(project: Project) -> None:
    """The line of the fault is told."""
    with pytest.raises(NbrefineError, match="not valid Python") as caught:
        function_node(project.file("a.py", "x = 1\ndef ("), "load")
    assert caught.value.where.line == 2
