"""A notebook that fails on its own is refused with what would help."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.errors import NotebookError, NotebookFailsError
from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, Failure, PythonFacts, Recording
from nbrefine.refine.failing import refuse_empty, refuse_failing


def refused(folder: Path, ename: str, evalue: str) -> NotebookFailsError:
    """The refusal of a notebook whose second code cell fails."""
    cells = tuple(
        Cell(kind, source, index=index)
        for index, (kind, source) in enumerate(
            [
                ("code", "early = 1\ndel early"),
                ("markdown", "text"),
                ("code", "fails(early)"),
                ("code", "later = 1"),
            ]
        )
    )
    failure = Failure(1, 1, ename, evalue, ("line above", "--> 954 raise", f"{ename}: {evalue}"))
    recording = Recording((), {}, PythonFacts("", "3.11"), failed=failure)
    with pytest.raises(NotebookFailsError) as caught:
        refuse_failing(Notebook(folder / "a.ipynb", cells), recording)
    return caught.value


@pytest.mark.parametrize(
    ("ename", "evalue", "help_with"),
    [
        ("ModuleNotFoundError", "No module named 'sklearn.linear'", "pip install scikit-learn"),
        ("ModuleNotFoundError", "No module named 'lightgbm'", "pip install lightgbm"),
        ("ModuleNotFoundError", "No module named 'google'", "pip install google"),
        ("ModuleNotFoundError", "No module named 'google.colab'", "Only Colab has google.colab"),
        ("ModuleNotFoundError", "No module named 'kaggle_secrets'", "Only Kaggle has"),
        ("ModuleNotFoundError", "No module named 'sklearn.externals'", "scikit-learn 0.23"),
        ("AttributeError", "module 'numpy' has no attribute 'float'", "NumPy 1.24"),
        ("AttributeError", "'DataFrame' object has no attribute 'append'", "pandas 2.0"),
        ("AttributeError", "`np.NaN` was removed in the NumPy 2.0 release", "NumPy 2.0"),
        ("ImportError", "\n`load_boston` has been removed", "scikit-learn 1.2"),
        ("FileNotFoundError", "[Errno 2] No such file: 'gone.csv'", "No file 'gone.csv'"),
        ("FileNotFoundError", "input/gone.csv not found.", "No file 'gone.csv'"),
        ("FileNotFoundError", "plt.savefig('out/a.png'): 'out/a.png'", "into the folder 'out'"),
        ("URLError", "<urlopen error>", "network"),
        ("ConnectionError", "Max retries exceeded", "network"),
        ("TimeoutError", "The cell was interrupted", "--timeout"),
        ("DeadKernelError", "The kernel ended with exit code -9", "memory"),
        ("NameError", "name 'nowhere' is not defined", "No cell gives `nowhere` a value"),
        ("NameError", "name 'later' is not defined", "Cell 4 gives `later` a value"),
        ("NameError", "name 'early' is not defined", "A cell above deletes `early`"),
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


@pytest.mark.parametrize(
    ("evalue", "first"),
    [
        ("\n`load_boston` has been removed\nsince 1.2", "`load_boston` has been removed"),
        ("invalid syntax (2187185447.py, line 2)", "invalid syntax"),
        ("", "ValueError:"),
    ],
)
def test_the_message_is_the_first_line_that_says_something(
    tmp_path: Path, evalue: str, first: str
) -> None:
    """Without what IPython calls the cell."""
    error = refused(tmp_path, "ValueError", evalue)
    assert error.message.splitlines()[0].endswith(first)


def test_the_place_is_the_cell_as_jupyter_counts_it(tmp_path: Path) -> None:
    """The message names the cell over all cells, shows its line, and the last of the error."""
    error = refused(tmp_path, "ValueError", "boom")
    assert error.where is not None
    assert (error.where.cell, error.where.line) == (3, 1)
    lines = error.message.splitlines()
    assert lines == [
        "The notebook fails on its own: ValueError: boom",
        "    1 | fails(early)",
        "    --> 954 raise",
    ]


def test_a_file_that_lies_elsewhere_is_pointed_out(tmp_path: Path) -> None:
    """If a file of that name lies below the notebook, the hint says where."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "data.csv").write_text("a\n1\n")
    error = refused(tmp_path, "FileNotFoundError", "[Errno 2] No such file: 'data.csv'")
    assert "raw/data.csv" in error.hint


def test_a_module_that_lies_elsewhere_is_pointed_out(tmp_path: Path) -> None:
    """It is the user's own: nothing is to be installed."""
    (tmp_path / "study").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "helpers.py").write_text("")
    error = refused(tmp_path / "study", "ModuleNotFoundError", "No module named 'helpers'")
    assert "lib/helpers.py" in error.hint
    assert "pip" not in error.hint


@pytest.mark.parametrize("cells", [(), (Cell("markdown", "text"), Cell("code", " \n"))])
def test_a_notebook_without_code_is_refused(tmp_path: Path, cells: tuple[Cell, ...]) -> None:
    """There is nothing to make a pipeline of."""
    with pytest.raises(NotebookError, match="no code"):
        refuse_empty(Notebook(tmp_path / "a.ipynb", cells))


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
