"""Which definitions go from the notebooks to modules, and which stay."""

from __future__ import annotations

from pathlib import Path

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.refine.extract.move import shown_as_the_notebooks
from nbrefine.refine.flow.facts import gather


def test_what_an_output_names_as_the_notebooks_own_stays() -> None:
    """As text and in HTML; from a module it would be shown with another name."""
    shown = (
        {"output_type": "stream", "name": "stdout", "text": "<__main__.Model object at 0x7f>\n"},
        {"output_type": "execute_result", "data": {"text/html": "<td>&lt;function __main__.f"}},
        {"output_type": "stream", "name": "stdout", "text": "my__main__.other, sklearn.Other\n"},
    )
    cells = tuple(Cell("code", f"show({index})", index=index) for index in range(3))
    records = tuple(CellRecord(index, outputs=(each,)) for index, each in enumerate(shown))
    recording = Recording(records, {}, PythonFacts("", "3.11"))
    found = shown_as_the_notebooks(gather(Notebook(Path("small.ipynb"), cells), recording))
    assert found == {
        "Model": "code cell 1 shows it as `__main__.Model`",
        "f": "code cell 2 shows it as `__main__.f`",
    }


def test_where_nothing_ran_nothing_is_shown() -> None:
    """The code alone does not say."""
    cells = (Cell("code", "print(Model())", index=0),)
    assert shown_as_the_notebooks(gather(Notebook(Path("small.ipynb"), cells), None)) == {}
