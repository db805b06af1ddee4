"""The cell that sets a step's parameters, as papermill and Ploomber inject it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nbrefine.notebook.document import INJECTED_TAG, PARAMETERS_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping


def inject(document: Mapping[str, Any], parameters: Mapping[str, object]) -> dict[str, Any]:
    """Return a notebook with a cell that sets parameters.

    Parameters
    ----------
    document
        In nbformat 4.
    parameters
        Names and values, of the types that JSON has.

    Returns
    -------
    dict
        The cell takes the place of one that was injected before, else it follows the cell that is
        tagged ``parameters``, else it comes first.
    """
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": INJECTED_TAG,
        "metadata": {"tags": [INJECTED_TAG]},
        "outputs": [],
        "source": assignments(parameters),
    }
    cells = list(document["cells"])
    before, after = _position(cells)
    return {**document, "cells": [*cells[:before], cell, *cells[after:]]}


def _position(cells: list[Mapping[str, Any]]) -> tuple[int, int]:
    tags = [cell.get("metadata", {}).get("tags", ()) for cell in cells]
    for tag, kept in ((INJECTED_TAG, 0), (PARAMETERS_TAG, 1)):
        found = [index for index, present in enumerate(tags) if tag in present]
        if found:
            return found[0] + kept, found[0] + 1
    return 0, 0


def assignments(parameters: Mapping[str, object]) -> str:
    """Return Python code that sets parameters, in papermill's form."""
    lines = ["# Parameters", *(f"{name} = {_literal(value)}" for name, value in parameters.items())]
    return "\n".join(lines) + "\n"


def _literal(value: object) -> str:
    """Write a value as papermill does."""
    if value is None or isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return str(value) if math.isfinite(value) else f"float('{value}')"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_text(k)}: {_literal(v)}' for k, v in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    return _text(value)


def _text(value: object) -> str:
    escaped = str(value).encode("unicode_escape").decode() if isinstance(value, str) else str(value)
    return '"' + (escaped.replace('"', r"\"") if isinstance(value, str) else escaped) + '"'
