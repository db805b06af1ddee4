"""A step's own code: what it says, and all that it can reach in the project."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbrefine.analysis.modules import Reached, reach
from nbrefine.analysis.normal import Code, as_text, normal_cells, read_cell
from nbrefine.analysis.uses import Uses, files_in, uses_of
from nbrefine.pipeline.upstream import document_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nbrefine.notebook.document import Notebook
    from nbrefine.pipeline.model import Step
    from nbrefine.pipeline.survey import Survey

NOTEBOOKS = frozenset({"notebook", "script"})
OWN_KERNELS = frozenset({"", "python", "python3"})
"""Kernels that are this interpreter's own, whatever the name."""

# Of a cell's tags, those that change what a run does.
_TAGS = frozenset({"parameters", "raises-exception", "skip-execution"})
_INJECTED = ("injected-parameters", "debugging-settings")
_EXPORT_OPTIONS = ("nbconvert_exporter_name", "nbconvert_export_kwargs", "nb_product_key")


@dataclass(frozen=True)
class StepCode:
    """What a step's source says.

    Parameters
    ----------
    code
        Digest of what is run, in its normal form.
    source
        Digest of all that a reader of the executed notebook sees of the source.
    kernel
        The kernel that it asks for; empty for this interpreter's own.
    uses
        What the code uses.
    """

    code: str
    source: str
    kernel: str = ""
    uses: Uses = field(default_factory=Uses)


def code_of(step: Step, survey: Survey) -> StepCode:
    """Read a step's code.

    Parameters
    ----------
    step
        The step.
    survey
        Looks at files.

    Raises
    ------
    NotebookError
        If a notebook cannot be read.
    """
    if step.kind in NOTEBOOKS:
        options = {key: step.options.get(key) for key in (*_EXPORT_OPTIONS, "kernelspec_name")}
        content = survey.file(step.source)
        digest = _digest([content, step.source.suffix, options])
        if (known := survey.memory.code(digest)) is not None:
            return StepCode(*known)
        found = _code_of_notebook(document_of(step.source), options)
        if survey.file(step.source) == content:  # else somebody wrote to it in between
            survey.memory.keep_code(digest, (found.code, found.source, found.kernel, found.uses))
        return found
    if step.kind == "function":
        return StepCode(_digest(step.dotted_path), "")
    return StepCode(survey.file(step.source), "")


def _code_of_notebook(notebook: Notebook, options: Mapping[str, object]) -> StepCode:
    asked = notebook.metadata.get("kernelspec")
    name = asked.get("name", "") if isinstance(asked, dict) else ""
    kernel = str(options["kernelspec_name"] or name)
    cells = _run_cells(notebook)
    return StepCode(
        code=_digest(normal_cells(cells)),
        source=_digest([_shown(notebook), {key: options[key] for key in _EXPORT_OPTIONS}]),
        kernel="" if kernel in OWN_KERNELS else kernel,
        uses=_uses(code for code, _ in cells),
    )


def reached_by(step: Step, code: StepCode, survey: Survey, loaded: Iterable[Path] = ()) -> Reached:
    """Return what of the project a step can reach.

    Parameters
    ----------
    step
        The step.
    code
        Its code.
    survey
        Looks at files.
    loaded
        Files of modules that a run has loaded.
    """
    finder = survey.finder(step.source, code.uses.folders)
    start = []
    if step.kind == "function":
        start = [(step.source.resolve(), step.dotted_path.rpartition(".")[2])]
    scripts = [*_scripts(step, code, survey)]
    return reach(code.uses, finder, survey.module, start=start, loaded=[*scripts, *loaded])


def _run_cells(notebook: Notebook) -> list[tuple[Code, set[str]]]:
    # Of what a build or papermill put in, the first of each kind is left out, as they do.
    injected = [notebook.tagged(tag) for tag in _INJECTED]
    python = notebook.language == "python"
    return [
        (read_cell(cell.source) if python else as_text(cell.source), {*cell.tags} & _TAGS)
        for cell in notebook.code_cells
        if cell not in injected
    ]


def _uses(codes: Iterable[Code]) -> Uses:
    codes = [*codes]
    uses = uses_of(code.tree for code in codes)
    files = {name for code in codes for word in code.text.split() for name in files_in(word)}
    # Of code that is not understood, it may reach anything.
    unknown = any(code.text and not code.foreign and not code.tree.body for code in codes)
    return replace(uses, files=uses.files | files, by_name=uses.by_name or unknown)


def _scripts(step: Step, code: StepCode, survey: Survey) -> Iterable[Path]:
    """Return scripts of the project that the code names, perhaps to start them."""
    for name in sorted(code.uses.files):
        for base in (survey.root, step.source.parent):
            try:
                file = (base / name).resolve()
                if file.suffix == ".py" and file.is_file() and file.is_relative_to(survey.root):
                    yield file
            except (OSError, ValueError):
                continue


def _shown(notebook: Notebook) -> list[object]:
    return [
        [cell.kind, cell.source, [*cell.tags], dict(cell.attachments)] for cell in notebook.cells
    ]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
