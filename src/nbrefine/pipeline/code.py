"""A step's own code: what it says, and all that it can reach in the project."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.analysis.facts import Uses
from nbrefine.analysis.modules import Reached, reach
from nbrefine.files.digest import digest_json
from nbrefine.pipeline.fingerprint import ABSENT
from nbrefine.pipeline.upstream import document_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nbrefine.pipeline.model import Step
    from nbrefine.pipeline.survey import Survey

NOTEBOOKS = frozenset({"notebook", "script"})
OWN_KERNELS = frozenset({"", "python", "python3"})
"""Kernels that are this interpreter's own, whatever the name."""

EXPORT_OPTIONS = ("nbconvert_exporter_name", "nbconvert_export_kwargs", "nb_product_key")


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
        options = {key: step.options.get(key) for key in (*EXPORT_OPTIONS, "kernelspec_name")}
        content = survey.file(step.source)
        digest = digest_json([content, step.source.suffix, options])
        if (known := survey.memory.code(digest)) is not None:
            return StepCode(*known)
        # What takes code apart is not loaded where nothing is new.
        from nbrefine.pipeline.code_reading import read_code, said_by  # noqa: PLC0415

        notebook = document_of(step.source)
        found = read_code(notebook, options)
        if _bytes_of(step.source) == content:  # else somebody wrote to it in between
            survey.memory.keep_code(digest, (found.code, found.source, found.kernel, found.uses))
            survey.sources.keep(step.source, content, said_by(notebook))
        return found
    if step.kind == "function":
        return StepCode(digest_json(step.dotted_path), "")
    return StepCode(survey.file(step.source), "")


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


def _bytes_of(source: Path) -> str:
    try:
        return hashlib.sha256(source.read_bytes()).hexdigest()
    except OSError:
        return ABSENT
