"""The notebook that stands for a step: its source, or for a function one that calls it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbrefine.engine.injected import inject
from nbrefine.errors import InputError
from nbrefine.notebook.document import load_document
from nbrefine.notebook.script import read_script
from nbrefine.pipeline.arguments import arguments
from nbrefine.pipeline.code import OWN_KERNELS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline, Step

_PYTHON = "python"


def executable_document(
    pipeline: Pipeline, step: Step, stand_ins: Mapping[Path, Path]
) -> dict[str, Any]:
    """Return the notebook to run for a step.

    Parameters
    ----------
    pipeline
        The pipeline.
    step
        One of its steps.
    stand_ins
        Where its products go, by the spec's path.

    Returns
    -------
    dict
        In nbformat 4, with the step's arguments.

    Raises
    ------
    InputError
        If only Ploomber itself can run such a step.
    """
    values = arguments(pipeline, step, stand_ins)
    if step.kind == "function":
        return _calling(step, values)
    if step.kind not in {"notebook", "script"}:
        raise _not_ours(step, f"A step of the kind {step.kind!r}")
    document = _source_document(step.source)
    language = document.get("metadata", {}).get("kernelspec", {}).get("language", _PYTHON)
    if str(language).lower() != _PYTHON:
        raise _not_ours(step, f"A notebook in {language}")
    return inject(document, values)


def kernel_of(step: Step, document: Mapping[str, Any]) -> str:
    """Return the name of the kernel that a step asks for; empty for this interpreter's own."""
    asked = step.options.get("kernelspec_name") or document.get("metadata", {}).get(
        "kernelspec", {}
    ).get("name", "")
    return "" if asked in OWN_KERNELS else str(asked)


def _source_document(source: Path) -> dict[str, Any]:
    if source.suffix == ".ipynb":
        document = load_document(source)
        metadata = _with_types(document.get("metadata"), kernelspec=dict)
        cells = [_complete(cell) for cell in document["cells"]]
        return {**document, "cells": cells, "metadata": metadata}
    notebook = read_script(source)
    cells = [_cell(cell.kind, cell.source, {"tags": [*cell.tags]}) for cell in notebook.cells]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


def _complete(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell with what it may lack: tools that write notebooks leave it out, or null."""
    metadata = _with_types(cell.get("metadata"), tags=list)
    return {**cell, "source": "".join(cell.get("source", "")), "metadata": metadata}


def _with_types(metadata: object, **types: type) -> dict[str, Any]:
    """Return metadata without entries of other types than they have to be of."""
    entries = metadata if isinstance(metadata, dict) else {}
    return {key: each for key, each in entries.items() if isinstance(each, types.get(key, object))}


def _calling(step: Step, values: Mapping[str, object]) -> dict[str, Any]:
    """Return a notebook that calls a function, with products as paths like Ploomber's."""
    module, _, function = step.dotted_path.rpartition(".")
    given = {name: value for name, value in values.items() if name != "upstream" or value}
    paths = {name: given.pop(name) for name in ("upstream", "product") if name in given}
    lines = [
        "import json",
        "from pathlib import Path",
        "",
        f"from {module} import {function}",
        "",
        "def paths(value):",
        "    if isinstance(value, dict):",
        "        return {name: paths(each) for name, each in value.items()}",
        "    return Path(value)",
        "",
        f"arguments = json.loads({json.dumps(given, default=str)!r})",
        *(f"arguments[{name!r}] = paths({value!r})" for name, value in paths.items()),
        f"result = {function}(**arguments)",
    ]
    cell = _cell("code", "\n".join(lines), {})
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


def _cell(kind: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    outputs: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": metadata, "source": source, **outputs}


def _not_ours(step: Step, what: str) -> InputError:
    return InputError(f"{what} is not run by nbrefine build: use ploomber build.", where=step.place)
