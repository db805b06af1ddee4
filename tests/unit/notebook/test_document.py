from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrefine.errors import NotebookError, format_error
from nbrefine.notebook.document import Cell, read_notebook, read_text

CELLS = [
    {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# A\n", "b"]},
    {"cell_type": "code", "metadata": {"tags": ["x", "parameters"]}, "source": "n = 1"},
    {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": ""},
    {"cell_type": "raw", "metadata": {}},
]


def written(folder: Path, document: object) -> Path:
    path = folder / "a.ipynb"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_cells_are_read(tmp_path: Path) -> None:
    """Kind, text, tags, id and position of each cell come out; the first parameters cell counts."""
    notebook = read_notebook(written(tmp_path, {"nbformat": 4, "cells": CELLS}))
    assert notebook.cells == (
        Cell("markdown", "# A\nb", (), "a", 0),
        Cell("code", "n = 1", ("x", "parameters"), "", 1),
        Cell("code", "", ("parameters",), "", 2),
        Cell("raw", "", (), "", 3),
    )
    assert notebook.parameters_cell == notebook.cells[1]
    assert notebook.code_cells == notebook.cells[1:3]
    assert notebook.tagged("y") is None
    assert str(notebook.place(notebook.cells[1], 7)) == f"{tmp_path}/a.ipynb:cell 2:line 7"


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({}, "python"),
        ({"kernelspec": {"language": "R"}}, "r"),
        ({"language_info": {"name": "julia"}}, "julia"),
        ({"kernelspec": {"name": "x"}, "language_info": {"name": "Python"}}, "python"),
        ({"kernelspec": 3}, "python"),
    ],
)
def test_the_language(tmp_path: Path, metadata: object, language: str) -> None:
    """The kernel's language counts, then the recorded one; nothing said means Python."""
    document = {"nbformat": 4, "cells": [], "metadata": metadata}
    assert read_notebook(written(tmp_path, document)).language == language


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{\n\n x", "not valid JSON"),
        ("[]", "holds no JSON object"),
        ({"cells": []}, "has no 'nbformat'"),
        ({"nbformat": 3, "worksheets": []}, "has format 3, but format 4 is expected"),
        ({"nbformat": 4}, "no list of cells"),
        ({"nbformat": 4, "cells": [3]}, "not a JSON object"),
        ({"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}, "source is not text"),
        ({"nbformat": 4, "cells": [{"source": ""}]}, "has no type"),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, document: object, message: str) -> None:
    """Each way of not being a notebook has its message, never a traceback."""
    with pytest.raises(NotebookError, match=message):
        read_notebook(written(tmp_path, document))


def test_messages_point_at_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Line of the file, or cell, and what to do."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotebookError) as caught:
        read_notebook(written(tmp_path, "{\n\n x").relative_to(tmp_path))
    assert format_error(caught.value).splitlines()[1:] == [
        "  --> a.ipynb:line 3",
        "  hint: It may have been cut short, or hold the marks of a merge conflict.",
    ]
    with pytest.raises(NotebookError) as caught:
        read_notebook(written(tmp_path, {"nbformat": 4, "cells": [CELLS[0], 3]}))
    assert str(caught.value.where) == "a.ipynb:cell 2"
    with pytest.raises(NotebookError) as caught:
        read_notebook(written(tmp_path, {"nbformat": 3}))
    assert caught.value.hint == "Upgrade it: jupyter nbconvert --to notebook --inplace a.ipynb"


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A missing file, a folder and another encoding are the user's to mend."""
    with pytest.raises(NotebookError, match="no such file"):
        read_text(tmp_path / "gone")
    with pytest.raises(NotebookError, match="Cannot be read"):
        read_text(tmp_path)
    (tmp_path / "x").write_bytes(b"\xff")
    with pytest.raises(NotebookError, match="not UTF-8"):
        read_text(tmp_path / "x")
