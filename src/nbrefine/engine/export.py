"""The executed notebook in the formats in which the step's products want it."""

from __future__ import annotations

import json
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nbrefine.errors import InputError, did_you_mean
from nbrefine.lazy import deferred

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbrefine.pipeline.model import Step

# nbconvert's exporter for a product's suffix, as Ploomber takes it.
_EXPORTERS = {".md": "markdown", ".html": "html", ".tex": "latex", ".pdf": "pdf", ".rst": "rst"}
# Beside text/..., what nbformat splits into lines.
_TEXTS = frozenset({"image/svg+xml", "application/javascript"})
_converting = threading.Lock()


def notebook_products(step: Step) -> dict[str, Path]:
    """Return which of a step's products are its executed notebook.

    Returns
    -------
    dict
        Path by the product's name; none where the step is a function.
    """
    if step.kind not in {"notebook", "script"}:
        return {}
    if len(step.products) == 1:
        return dict(step.files)
    keys: Any = step.options.get("nb_product_key", "nb")
    wanted = [keys] if isinstance(keys, str) else keys
    return {key: step.files[key] for key in wanted if key in step.files}


def exported(step: Step, notebook: bytes) -> Iterator[tuple[Path, bytes]]:
    """Return an executed notebook in each format that is asked for.

    Parameters
    ----------
    step
        The step.
    notebook
        Its executed notebook, as `notebook_bytes` writes it.

    Yields
    ------
    tuple of Path and bytes
        The product, and its content.

    Raises
    ------
    InputError
        If nbconvert has no such exporter, or cannot export.
    """
    for key, product in notebook_products(step).items():
        if product.suffix == ".ipynb":
            yield product, notebook
        else:
            yield product, _converted(step, key, product, notebook)


def notebook_bytes(document: Mapping[str, Any]) -> bytes:
    """Return a notebook as Jupyter writes it: texts by lines, so that a difference is small."""
    cells = [_by_lines(cell) for cell in document["cells"]]
    text = json.dumps({**document, "cells": cells}, indent=1, ensure_ascii=False, sort_keys=True)
    return (text + "\n").encode()


def _by_lines(cell: Mapping[str, Any]) -> dict[str, Any]:
    split = {**cell, "source": _lines(cell["source"])}
    if "outputs" in cell:
        split["outputs"] = [_output_by_lines(output) for output in cell["outputs"]]
    return split


def _output_by_lines(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return an output with its texts as lists of lines, as Jupyter writes them."""
    split = dict(output)
    if "text" in split:
        split["text"] = _lines(split["text"])
    if "data" in split:
        split["data"] = {
            mime: _lines(value) if mime.startswith("text/") or mime in _TEXTS else value
            for mime, value in split["data"].items()
        }
    return split


def _lines(text: object) -> object:
    return text.splitlines(keepends=True) if isinstance(text, str) else text


def _converted(step: Step, key: str, product: Path, source: bytes) -> bytes:
    # Heavy, so not before they are needed; their functions have no types. What checks the syntax
    # of IRIs takes longer to import than all of them, and notebooks have none that are checked.
    with _converting, deferred("rfc3987_syntax", "is_valid_syntax"):
        nbconvert: Any = import_module("nbconvert")
        nbformat: Any = import_module("nbformat")
    asked = step.options.get("nbconvert_exporter_name")
    name = asked.get(key) if isinstance(asked, dict) else asked
    name = name or _EXPORTERS.get(product.suffix)
    options: Any = step.options.get("nbconvert_export_kwargs") or {}
    try:
        exporter = nbconvert.get_exporter(name)
    except (nbconvert.ExporterNameError, ValueError) as error:
        raise InputError(
            f"nbconvert cannot write {product.name}: it has no exporter {name!r}.",
            where=step.place,
            hint=did_you_mean(str(name), nbconvert.get_export_names()),
        ) from error
    try:
        with _converting:  # exporters share templates and caches
            notebook = nbformat.reads(source.decode(), as_version=4)
            content, _ = nbconvert.export(exporter, notebook, **options)
    except Exception as error:  # of any kind: programs and templates are of the user's choice
        why = str(error).strip().split("\n", 1)[0] or type(error).__name__
        raise InputError(
            f"nbconvert cannot write {product.name}: {why}", where=step.place
        ) from error
    return content if isinstance(content, bytes) else content.encode()
