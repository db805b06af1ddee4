"""Notebooks of any format, and what is said where one cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbrefine.errors import EnvironmentFaultError, NotebookError
from nbrefine.notebook import reading
from nbrefine.notebook.reading import read_any

PYTHON = {"kernelspec": {"name": "conda-base-py", "display_name": "x", "language": "python"}}


def code(source: str | list[str], **more: object) -> dict[str, object]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], **more}


def written(folder: Path, document: object, name: str = "a.ipynb") -> Path:
    path = folder / name
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    return path


def version_4(*cells: object, metadata: dict[str, Any] | None = None) -> dict[str, object]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": PYTHON if metadata is None else metadata,
        "cells": list(cells),
    }


def test_outputs_counts_and_attachments_are_kept(tmp_path: Path) -> None:
    """What the last run left comes with the cells, its texts whole."""
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]},
        {"output_type": "display_data", "metadata": {}, "data": {
            "text/plain": ["x", "y"], "application/json": ["x", "y"]}},
    ]  # fmt: skip
    note = {"cell_type": "markdown", "metadata": {}, "source": "t", "attachments": {"i.png": {}}}
    cells = code(["x = 1\n", "y"], outputs=outputs, execution_count=7, id="q"), note
    first, second = read_any(written(tmp_path, version_4(*cells))).cells
    assert (first.source, first.execution_count, first.id) == ("x = 1\ny", 7, "q")
    assert first.outputs[0]["text"] == "a\nb"
    assert first.outputs[1]["data"] == {"text/plain": "xy", "application/json": ["x", "y"]}
    assert second.attachments == {"i.png": {}}


def test_nbformat_3(tmp_path: Path) -> None:
    """A notebook of 2013 is upgraded: cells, heading cells, outputs and counts."""
    sheet = {
        "metadata": {},
        "cells": [
            {"cell_type": "heading", "level": 2, "metadata": {}, "source": ["Load"]},
            {"cell_type": "code", "language": "python", "metadata": {}, "collapsed": False,
             "input": ["x = 1\n", "x"], "prompt_number": 3, "outputs": [
                {"output_type": "pyout", "prompt_number": 3, "metadata": {}, "text": ["1"]}]},
            {"cell_type": "markdown", "metadata": {}, "source": ["text"]},
        ],
    }  # fmt: skip
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "n"}, "worksheets": [sheet]}
    found = read_any(written(tmp_path, old))
    assert [(c.kind, c.source) for c in found.cells] == [
        ("markdown", "## Load"),
        ("code", "x = 1\nx"),
        ("markdown", "text"),
    ]
    assert found.cells[1].execution_count == 3
    assert found.cells[1].outputs[0]["data"] == {"text/plain": "1"}
    assert found.repairs == ("upgraded from nbformat 3",)


def test_nbformat_3_that_is_damaged(tmp_path: Path) -> None:
    """An old notebook without its parts is refused in words, not with a traceback."""
    path = written(tmp_path, {"nbformat": 3, "metadata": {}, "worksheets": 5})
    with pytest.raises(NotebookError, match="format 3 and cannot be upgraded"):
        read_any(path)


def test_same_identifiers_are_repaired(tmp_path: Path) -> None:
    """Cells that were copied by hand get identifiers of their own, and it is said."""
    cells = [code("a", id="x"), code("b", id="x"), code("c", id="x-1"), code("d")]
    found = read_any(written(tmp_path, version_4(*cells)))
    assert [cell.id for cell in found.cells] == ["x", "x-1", "x-1-2", ""]
    assert found.repairs == ("gave cells 2, 3 new identifiers: theirs were those of earlier cells",)


def test_jupytext_percent_light_and_markdown(tmp_path: Path) -> None:
    """Scripts and markdown that jupytext pairs with notebooks are read as such."""
    pytest.importorskip("jupytext")
    percent = read_any(written(tmp_path, "# %% [markdown]\n# # Load\n\n# %%\nx = 1\n", "a.py"))
    light = read_any(written(tmp_path, "# # Load\n\nx = 1\n\ny = 2\n", "b.py"))
    markdown = read_any(written(tmp_path, "# Load\n\n```python\nx = 1\n```\n", "c.md"))
    expected = [("markdown", "# Load"), ("code", "x = 1")]
    for found in (percent, markdown):
        assert [(cell.kind, cell.source) for cell in found.cells] == expected
    assert [(c.kind, c.source) for c in light.cells] == [*expected, ("code", "y = 2")]


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where jupytext is not installed the message says so, and how to get it."""

    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(reading.importlib, "import_module", absent)
    with pytest.raises(EnvironmentFaultError, match="jupytext") as caught:
        read_any(written(tmp_path, "# Load\n", "c.md"))
    assert caught.value.hint == "Install it: pip install jupytext"


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "language": "R"}}, "r"),
        ({"kernelspec": {"name": "ir"}}, "R"),
        ({"kernelspec": {"name": "julia-1.9"}}, "Julia"),
        ({"language_info": {"name": "scala"}}, "scala"),
    ],
)
def test_other_languages_are_refused(
    tmp_path: Path, metadata: dict[str, Any], language: str
) -> None:
    """A notebook of another language is refused by the language's name."""
    with pytest.raises(NotebookError, match=f"is in {language}"):
        read_any(written(tmp_path, version_4(code("x"), metadata=metadata)))


@pytest.mark.parametrize(
    "metadata",
    [{}, {"kernelspec": {"name": "my-env"}}, {"language_info": {"name": "ipython"}}, PYTHON],
)
def test_python_under_any_kernel(tmp_path: Path, metadata: dict[str, Any]) -> None:
    """A kernel that is not installed here, or nothing said at all, is no reason to refuse."""
    assert len(read_any(written(tmp_path, version_4(code("x"), metadata=metadata))).cells) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ('{"nbformat": 4, "cells": [', "not valid JSON"),
        ("[]", "no JSON object"),
        ("{}", "no 'nbformat'"),
        ('{"nbformat": 4}', "no list of cells"),
        ('{"nbformat": 4, "cells": [1]}', "not a JSON object"),
        ('{"nbformat": 99, "cells": []}', "newer than the newest known"),
    ],
)
def test_damage_is_named(tmp_path: Path, text: str, message: str) -> None:
    """A file that is no notebook is refused with the file and the reason."""
    with pytest.raises(NotebookError, match=message) as caught:
        read_any(written(tmp_path, text))
    assert "a.ipynb" in str(caught.value.where)


def test_files_of_other_languages(tmp_path: Path) -> None:
    """A script of another language is refused by its name, without reading it."""
    with pytest.raises(NotebookError, match="is in Julia"):
        read_any(tmp_path / "missing.jl")
