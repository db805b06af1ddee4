"""How findings are chosen and silenced."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.errors import InputError
from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.refine.analyze.settings import ignored_codes
from nbrefine.refine.findings.check import Selection, find_findings
from nbrefine.refine.findings.subject import Subject
from nbrefine.refine.flow.facts import gather

STAR = "from math import *"


def codes(
    *cells: Cell, selection: Selection | None = None, recording: Recording | None = None
) -> list[str]:
    notebook = Notebook(Path("case.ipynb"), cells)
    subject = Subject(notebook, gather(notebook, recording), recording)
    return [each.code for each in find_findings(subject, selection)]


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: NBR408", "#NOQA: E501, NBR408"])
def test_a_comment_silences_its_line(comment: str) -> None:
    """``# noqa`` with the code, or without any, silences what is found on that line."""
    assert codes(Cell("code", f"{STAR}  {comment}")) == []


@pytest.mark.parametrize("comment", ["# noqa: NBR301", "# noqa: E501"])
def test_a_comment_with_another_code_silences_nothing(comment: str) -> None:
    """The codes of a comment are meant."""
    assert codes(Cell("code", f"{STAR}  {comment}")) == ["NBR408"]


def test_a_comment_on_another_line_silences_nothing() -> None:
    """A comment speaks for its own line."""
    assert codes(Cell("code", f"# noqa: NBR408\n{STAR}")) == ["NBR408"]


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("nbr-ignore:NBR408", []),
        ("nbr-ignore", []),
        ("nbr-ignore:NBR101,NBR408", []),
        ("nbr-ignore:NBR301", ["NBR408"]),
    ],
)
def test_a_tag_silences_its_cell(tag: str, found: list[str]) -> None:
    """The tag names codes, or silences all."""
    assert codes(Cell("code", STAR, (tag,))) == found


def test_selection_goes_by_the_beginning_of_codes() -> None:
    """``NBR4`` means the whole group; what is ignored outweighs what is selected."""
    cells = (Cell("code", f"{STAR}\n!ls"), Cell("code", "def f(x=_):\n    pass", index=1))
    assert codes(*cells) == ["NBR408", "NBR405", "NBR105"]
    assert codes(*cells, selection=Selection(select=("NBR4",))) == ["NBR408", "NBR405"]
    chosen = Selection(select=("NBR4",), ignore=("NBR405",))
    assert codes(*cells, selection=chosen) == ["NBR408"]


def test_an_unknown_code_is_refused() -> None:
    """A misspelt code would silence nothing without a word."""
    with pytest.raises(InputError, match="NBR999") as caught:
        Selection(ignore=("NBR999",))
    assert "NBR" in caught.value.hint


def test_the_project_silences_by_pyproject(tmp_path: Path) -> None:
    """The nearest pyproject.toml above the notebook is asked."""
    (tmp_path / "pyproject.toml").write_text('[tool.nbrefine]\nignore = ["NBR408"]\n')
    assert ignored_codes(tmp_path / "notebooks" / "a.ipynb") == ("NBR408",)


def test_a_wrong_entry_is_refused_with_its_place(tmp_path: Path) -> None:
    """A text where a list belongs is told, with the file."""
    (tmp_path / "pyproject.toml").write_text('[tool.nbrefine]\nignore = "NBR408"\n')
    with pytest.raises(InputError, match="list of codes") as caught:
        ignored_codes(tmp_path / "a.ipynb")
    assert "pyproject.toml" in str(caught.value.where)


def recorded(cause: str) -> Recording:
    return Recording(
        cells=(CellRecord(0),),
        final={},
        python=PythonFacts("python", "3.11"),
        varying=frozenset({0}),
        causes={0: cause},
    )


def test_what_varied_in_runs_is_told_with_its_cause() -> None:
    """A cell whose output differed between runs is found though its code looks harmless."""
    cell = Cell("code", "import os\nprint(os.getpid())")
    assert codes(cell, recording=recorded("It shows something else.")) == ["NBR307"]
    assert codes(cell) == []


def test_what_varied_is_not_told_twice() -> None:
    """Where the call that makes a cell vary is named, the run's own word is left out."""
    cell = Cell("code", "import random\nprint(random.random())")
    assert codes(cell, recording=recorded("It draws.")) == ["NBR301"]


def test_a_run_refutes_hidden_state() -> None:
    """A cell that ran from top to bottom had all its names."""
    cell = Cell("code", "print(made_elsewhere)")
    assert codes(cell) == ["NBR101"]
    recording = Recording((CellRecord(0),), {}, PythonFacts("python", "3.11"))
    assert codes(cell, recording=recording) == []
