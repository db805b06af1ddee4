"""Reads a notebook's code as that which decides what it makes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.analysis.facts import Uses, files_in
from nbrefine.analysis.normal import Code, as_text, normal_cells, read_cell
from nbrefine.analysis.uses import uses_of
from nbrefine.errors import InputError
from nbrefine.files.digest import digest_json
from nbrefine.pipeline.code import EXPORT_OPTIONS, OWN_KERNELS, StepCode
from nbrefine.pipeline.source_memory import Said
from nbrefine.pipeline.source_text import own_cells, text_of
from nbrefine.pipeline.upstream import upstream_said_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.notebook.document import Notebook

# Of a cell's tags, those that change what a run does.
_TAGS = frozenset({"parameters", "raises-exception", "skip-execution"})


def read_code(notebook: Notebook, options: Mapping[str, object]) -> StepCode:
    """Return what a notebook's code says.

    Parameters
    ----------
    notebook
        The notebook.
    options
        The step's options that decide how it is run and shown.
    """
    asked = notebook.metadata.get("kernelspec")
    name = asked.get("name", "") if isinstance(asked, dict) else ""
    kernel = str(options["kernelspec_name"] or name)
    cells = _run_cells(notebook)
    return StepCode(
        code=digest_json(normal_cells(cells)),
        source=digest_json([_shown(notebook), {key: options[key] for key in EXPORT_OPTIONS}]),
        kernel="" if kernel in OWN_KERNELS else kernel,
        uses=_uses(code for code, _ in cells),
    )


def said_by(notebook: Notebook) -> Said:
    """Return what a notebook says of its step."""
    try:
        upstream = upstream_said_in(notebook)
    except InputError:  # whoever needs it asks again, and is told why
        upstream = None
    return Said(
        upstream, hashlib.sha256(text_of(notebook).encode(errors="surrogatepass")).hexdigest()
    )


def _run_cells(notebook: Notebook) -> list[tuple[Code, set[str]]]:
    python = notebook.language == "python"
    return [
        (read_cell(cell.source) if python else as_text(cell.source), {*cell.tags} & _TAGS)
        for cell in own_cells(notebook)
        if cell.kind == "code"
    ]


def _uses(codes: Iterable[Code]) -> Uses:
    codes = [*codes]
    uses = uses_of(code.tree for code in codes)
    files = {name for code in codes for word in code.text.split() for name in files_in(word)}
    # Of code that is not understood, it may reach anything.
    unknown = any(code.text and not code.foreign and not code.tree.body for code in codes)
    return replace(uses, files=uses.files | files, by_name=uses.by_name or unknown)


def _shown(notebook: Notebook) -> list[object]:
    return [
        [cell.kind, cell.source, [*cell.tags], dict(cell.attachments)] for cell in notebook.cells
    ]
