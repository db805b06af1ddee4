"""A notebook that fails on its own is refused with what would help."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.errors import NotebookError, NotebookFailsError
from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, Failure, PythonFacts, Recording
from nbrefine.refine.failing import refuse_failing


def refused(folder: Path, ename: str, evalue: str) -> NotebookFailsError:
    """The refusal of a notebook whose second code cell fails."""
    cells = tuple(
        Cell(kind, source, index=index)
        for index, (kind, source) in enumerate(
            [("code", "a = 1"), ("markdown", "text"), ("code", "fails()")]
        )
    )
    failure = Failure(1, 1, ename, evalue, ("line above", f"{ename}: {evalue}"))
    recording = Recording((), {}, PythonFacts("", "3.11"), failed=failure)
    with pytest.raises(NotebookFailsError) as caught:
        refuse_failing(Notebook(folder / "a.ipynb", cells), recording)
    return caught.value


@pytest.mark.parametrize(
    ("ename", "evalue", "help_with"),
    [
        ("ModuleNotFoundError", "No module named 'sklearn.linear'", "pip install scikit-learn"),
        ("ModuleNotFoundError", "No module named 'lightgbm'", "pip install lightgbm"),
        ("AttributeError", "module 'numpy' has no attribute 'float'", "NumPy 1.24"),
        ("AttributeError", "'DataFrame' object has no attribute 'append'", "pandas 2.0"),
        ("ImportError", "cannot import name 'load_boston' from 'sklearn'", "scikit-learn 1.2"),
        ("FileNotFoundError", "[Errno 2] No such file: 'gone.csv'", "No file 'gone.csv'"),
        ("ValueError", "something else", "fresh kernel"),
    ],
)
def test_the_hint_says_what_would_help(
    tmp_path: Path, ename: str, evalue: str, help_with: str
) -> None:
    """Missing packages, missing files and removed functions are told apart."""
    error = refused(tmp_path, ename, evalue)
    assert help_with in error.hint
    assert error.exit_code == 1


def test_the_place_is_the_cell_as_jupyter_counts_it(tmp_path: Path) -> None:
    """The message names the cell over all cells, and shows the last lines of the error."""
    error = refused(tmp_path, "ValueError", "boom")
    assert error.where is not None
    assert (error.where.cell, error.where.line) == (3, 1)
    assert "ValueError: boom" in error.message


def test_a_file_that_lies_elsewhere_is_pointed_out(tmp_path: Path) -> None:
    """If a file of that name lies below the notebook, the hint says where."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "data.csv").write_text("a\n1\n")
    error = refused(tmp_path, "FileNotFoundError", "[Errno 2] No such file: 'data.csv'")
    assert "raw/data.csv" in error.hint


def test_a_cell_that_raises_by_intention_is_refused(tmp_path: Path) -> None:
    """Papermill ends a build at such a cell, so that the message says what to write instead."""
    error = {"output_type": "error", "ename": "ValueError", "evalue": "", "traceback": []}
    cell = Cell("code", "fails()", tags=("raises-exception",), index=3)
    recording = Recording((CellRecord(0, outputs=(error,)),), {}, PythonFacts("", "3.11"))
    with pytest.raises(NotebookError, match="raises an exception") as caught:
        refuse_failing(Notebook(tmp_path / "a.ipynb", (cell,)), recording)
    assert caught.value.where is not None
    assert caught.value.where.cell == 4


def test_a_notebook_that_runs_is_not_refused(tmp_path: Path) -> None:
    """Nothing is raised where nothing failed."""
    refuse_failing(Notebook(tmp_path / "a.ipynb", ()), Recording((), {}, PythonFacts("", "3.11")))
