"""The notebook that is run for a step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbrefine.engine.documents import executable_document, kernel_of
from nbrefine.pipeline.model import Pipeline, Step

CELL = {"cell_type": "code", "execution_count": None, "outputs": []}
PARAMETERS = CELL | {"metadata": {"tags": ["parameters"]}, "source": "upstream = None"}


def executable(root: Path, **document: object) -> dict[str, Any]:
    """Return what is run of a notebook with a cell of parameters, and no kernel that is asked for.

    Parameters
    ----------
    root
        Where it is written.
    document
        What else is in it.
    """
    file = root / "step.ipynb"
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [PARAMETERS]} | document
    file.write_text(json.dumps(whole))
    product = root / "out.ipynb"
    step = Step("step", "notebook", file, product)
    made = executable_document(
        Pipeline(root, root / "pipeline.yaml", {"step": step}), step, {product: product}
    )
    assert kernel_of(step, made) == ""
    return made


@pytest.mark.parametrize("metadata", [None, {"kernelspec": None}, {"kernelspec": "python3"}])
def test_a_notebook_may_lack_metadata(tmp_path: Path, metadata: object) -> None:
    """It is for this interpreter then."""
    assert executable(tmp_path, metadata=metadata)["metadata"] == {}


@pytest.mark.parametrize(
    "lacking", [{}, {"metadata": None}, {"metadata": {"tags": None}}, {"source": ["1\n", "2"]}]
)
def test_a_cell_may_lack_what_says_nothing(tmp_path: Path, lacking: dict[str, Any]) -> None:
    """The cell that sets the parameters finds its place all the same."""
    made = executable(tmp_path, cells=[CELL | lacking, PARAMETERS])
    first, _, injected = made["cells"]
    assert first == CELL | {"metadata": {}, "source": "".join(lacking.get("source", ""))}
    assert injected["metadata"]["tags"] == ["injected-parameters"]
