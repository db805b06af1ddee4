"""New prose with old outputs, where the cells still belong together."""

from __future__ import annotations

from typing import Any

from nbrefine.engine.refresh import refreshed


def code(source: str, **more: object) -> dict[str, Any]:
    empty = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "source": source} | empty | more


def prose(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def notebook(*cells: dict[str, Any], **metadata: object) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


RAN = code("x = 1\nx", outputs=[{"output_type": "stream", "text": "1"}], execution_count=2)


def test_outputs_stay_with_their_cells() -> None:
    """Prose may come, go and change, and so may comments."""
    executed = notebook(prose("# Old"), RAN, papermill={"duration": 3.0})
    now = notebook(prose("# New"), prose("more"), code("x = 1  # one\nx"))
    made = refreshed(now, executed)
    assert made is not None
    assert [cell["source"] for cell in made["cells"]] == ["# New", "more", "x = 1  # one\nx"]
    assert made["cells"][2]["outputs"] == RAN["outputs"]
    assert made["cells"][2]["execution_count"] == 2
    assert made["metadata"]["papermill"] == {"duration": 3.0}


def test_an_empty_cell_is_no_cell_that_runs() -> None:
    """It can come and go."""
    made = refreshed(notebook(code(""), code("x")), notebook(RAN))
    assert made is not None
    assert made["cells"][1]["outputs"] == RAN["outputs"]


def test_another_number_of_cells_has_to_run() -> None:
    """Nobody knows whose outputs they would be."""
    assert refreshed(notebook(code("x"), code("# y")), notebook(RAN)) is None


def test_injected_parameters_have_to_be_at_their_place() -> None:
    """Else the outputs would move by one."""
    injected = {"metadata": {"tags": ["injected-parameters"]}}
    executed = notebook(code("p = 1", **injected), RAN)
    assert refreshed(notebook(code("x"), code("p = 1", **injected)), executed) is None
