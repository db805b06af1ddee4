"""What stands for a run where the notebook is not run: its code, or an executed copy's outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbrefine.errors import InputError, NotebookError, NotebookFailsError
from nbrefine.notebook.document import Notebook, read_notebook
from nbrefine.recording.facts import Basis, Recording
from nbrefine.recording.store import from_json, to_json
from nbrefine.refine.failing import refuse_broken
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.options import Options
from nbrefine.refine.unrecorded import from_code, from_executed

SOURCES = ("import numpy as np", "x = np.random.rand()\nx", "print('done')")


def cell(source: str, outputs: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401  (any field)
    shown = [] if outputs is None else outputs
    base = {"cell_type": "code", "source": source, "metadata": {}, "outputs": shown}
    return {**base, "execution_count": None if outputs is None else 1, **more}


def ran(source: str) -> dict[str, Any]:
    return cell(source, [{"output_type": "stream", "name": "stdout", "text": f"{len(source)}\n"}])


def write(path: Path, *cells: dict[str, Any]) -> Path:
    document = {"cells": [*cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    """The notebook to refine, which was never run."""
    return read_notebook(write(tmp_path / "a.ipynb", *map(cell, SOURCES)))


def recorded(notebook: Notebook, *cells: dict[str, Any]) -> Recording:
    """What an executed copy with these cells gives."""
    executed = write(notebook.path.with_name("done.ipynb"), *cells)
    return from_executed(notebook, gather(notebook, None), executed)


def test_the_outputs_of_the_copy_stand_for_a_run(notebook: Notebook) -> None:
    """Names are known without values, and a cell that draws unseeded is known to vary."""
    empty = cell("  \n", [])
    recording = recorded(notebook, *map(ran, SOURCES), empty)
    assert recording.basis is Basis.STORED
    assert [each.outputs[0]["text"] for each in recording.cells] == ["18\n", "22\n", "13\n"]
    assert set(recording.final) == {"x"}
    assert recording.varying == {1}
    assert "numpy" in recording.causes[1]
    assert recording.python.packages["numpy"]
    assert from_json(json.loads(json.dumps(to_json(recording)))) == recording


def test_the_code_alone_has_no_outputs(notebook: Notebook) -> None:
    """Nothing can be compared with it, and that is what the recording says."""
    recording = from_code(notebook, gather(notebook, None))
    assert recording.basis is Basis.NONE
    assert [each.outputs for each in recording.cells] == [(), (), ()]


@pytest.mark.parametrize(
    ("cells", "message", "number"),
    [
        ([ran(SOURCES[0]), ran("x = 1"), ran(SOURCES[2])], "not that of the notebook", 2),
        ([ran(SOURCES[0]), ran(SOURCES[1])], "has no such cell", 3),
        ([*map(ran, SOURCES), ran("more()")], "has no such cell", 4),
        ([ran(SOURCES[0]), cell(SOURCES[1]), ran(SOURCES[2])], "was not run", 2),
        (
            [
                cell("n = 3", [], metadata={"tags": ["injected-parameters"]}),
                *map(ran, SOURCES),
            ],
            "other parameters",
            1,
        ),
        (
            [*map(ran, SOURCES[:2]), cell(SOURCES[2], [{"output_type": "error", "ename": "E"}])],
            "failed",
            3,
        ),
    ],
)
def test_a_copy_that_is_none_is_refused_at_its_cell(
    notebook: Notebook, cells: list[dict[str, Any]], message: str, number: int
) -> None:
    """Other code, a cell too few or too many, one that was not run, one that failed."""
    with pytest.raises(NotebookError, match=message) as caught:
        recorded(notebook, *cells)
    assert caught.value.where is not None
    assert caught.value.where.cell == number
    assert caught.value.hint


def test_a_cell_that_is_no_python_is_refused_without_a_run(tmp_path: Path) -> None:
    """At its line."""
    notebook = read_notebook(write(tmp_path / "a.ipynb", cell("x = 1"), cell("y = 1\nx = = 2")))
    with pytest.raises(NotebookFailsError, match="SyntaxError") as caught:
        refuse_broken(notebook, gather(notebook, None))
    assert caught.value.where is not None
    assert (caught.value.where.cell, caught.value.where.line) == (2, 2)


@pytest.mark.parametrize(
    "options",
    [
        {"static": True, "record_from": Path("a.ipynb")},
        {"python": "python3", "kernel": "python3"},
        {"static": True, "kernel": "python3"},
        {"record_from": Path("a.ipynb"), "python": "python3"},
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, Any]) -> None:
    """Before anything is done."""
    with pytest.raises(InputError, match="--"):
        Options(**options)


def test_what_was_not_run_is_not_proved_unless_asked_for() -> None:
    """A build runs the notebook's cells, which `--static` is there to avoid."""
    assert not Options(static=True).proves
    assert Options(static=True, prove=True).proves
    assert Options(record_from=Path("a.ipynb")).proves
    assert not Options(prove=False).proves
