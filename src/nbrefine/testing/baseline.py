"""A baseline: what the cells of a step show on the small sample, as a notebook in git.

The pictures lie beside the notebook as files, each known by its digest. What the cells showed in
the other runs of a recording is kept where the runs do not agree.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from nbrefine.errors import BaselineError, NotebookError, Place
from nbrefine.files.paths import shown
from nbrefine.notebook.document import (
    INJECTED_TAG,
    load_document,
    parse_document,
    read_notebook,
    whole_output,
)
from nbrefine.testing.other_runs import from_difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbrefine.notebook.document import Notebook

Output: TypeAlias = dict[str, Any]
"""As nbformat 4 has it; the words for a figure are under `WORDS` in its data."""

FOLDER = Path("tests", "notebooks")
"""Where baselines are, relative to the project's root."""
KEY = "nbrefine"
"""Name of our entries in the metadata of cells and outputs."""
WORDS = "figure"
"""What a matplotlib figure shows, in lines: a part of an output like those with mime types."""
IGNORE = "nbval-ignore-output"
"""Tells nbval to run a cell and to compare nothing."""
RECORD_HINT = "Record it: nbrefine baseline record {step}"


@dataclass(frozen=True)
class BaselineCell:
    """One cell of a baseline.

    Parameters
    ----------
    kind
        ``code``, ``markdown`` or ``raw``.
    source
        Its text.
    id
        Its identifier.
    tags
        The user's.
    outputs
        What it showed, pictures among it.
    others
        What it showed in the other runs of the recording, if these do not agree.
    notes
        Our entry in its metadata: ``varies``, ``why``, ``nbval``.
    attachments
        Pictures that its text shows.
    """

    kind: str
    source: str
    id: str = ""
    tags: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = field(default=(), repr=False)
    others: tuple[tuple[Output, ...], ...] = field(default=(), repr=False)
    notes: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Baseline:
    """The baseline of a step.

    Parameters
    ----------
    step
        The step's name.
    cells
        In the order of the notebook; the cell that sets the parameters is not among them.
    setting
        That cell's text, such that the notebook runs from any checkout; only to be written.
    position
        How many cells stand before it.
    """

    step: str
    cells: tuple[BaselineCell, ...]
    setting: str = ""
    position: int = 0


def baseline_file(root: Path, step: str) -> Path:
    """Return where the baseline of a step is."""
    return root / FOLDER / f"{step}.ipynb"


def read_baseline(root: Path, step: str) -> Baseline:
    """Read the baseline of a step; one that was written for plain nbval is read, too.

    Parameters
    ----------
    root
        The project's folder.
    step
        The step's name.

    Raises
    ------
    BaselineError
        If it is missing or damaged, or a picture of it is.
    """
    file = baseline_file(root, step)
    where, hint = Place(shown(file)), RECORD_HINT.format(step=step)
    if not file.is_file():
        raise BaselineError(f"The step {step!r} has no baseline.", where=where, hint=hint)
    try:
        document = load_document(file)
        notebook = parse_document(document, file)
    except NotebookError as error:
        hint = f"Restore it from version control. {hint}"
        message = f"The baseline is damaged: {error.message}"
        raise BaselineError(message, where=error.where, hint=hint) from None
    try:
        return Baseline(step, tuple(_cells(document, notebook, file)))
    except (AttributeError, KeyError, TypeError, ValueError):
        message = "The baseline is damaged: what nbrefine has noted in it cannot be read."
        raise BaselineError(message, where=where, hint=hint) from None


def _cells(document: Mapping[str, Any], notebook: Notebook, file: Path) -> Iterator[BaselineCell]:
    for raw, cell in zip(document["cells"], notebook.cells, strict=True):
        if INJECTED_TAG in cell.tags:
            continue
        notes = _entry(raw.get("metadata"))
        others = notes.get("others", ())
        outputs = tuple(_whole(each, file) for each in cell.outputs)
        tags = [tag for tag in cell.tags if tag != IGNORE or not ignored_by_nbval(notes)]
        yield BaselineCell(
            cell.kind,
            cell.source,
            cell.id,
            tuple(tags),
            outputs,
            tuple(
                tuple(_whole(each, file) for each in from_difference(run, outputs))
                for run in others
            ),
            {name: value for name, value in notes.items() if name != "others"},
            cell.attachments,
        )


def stored_baseline(source: Path, step: str) -> Baseline:
    """Take the outputs that are stored in a step's own notebook for a baseline.

    Parameters
    ----------
    source
        The notebook; scripts store none.
    step
        The step's name.

    Returns
    -------
    Baseline
        Cells that were not run are marked to be left out, as nbval does it.
    """
    cells = read_notebook(source).cells if source.suffix == ".ipynb" else ()
    return Baseline(
        step,
        tuple(
            BaselineCell(
                cell.kind,
                cell.source,
                cell.id,
                cell.tags if cell.execution_count is not None else (*cell.tags, IGNORE),
                tuple(executed_output(each) for each in cell.outputs),
            )
            for cell in cells
            if INJECTED_TAG not in cell.tags
        ),
    )


def ignored_by_nbval(notes: Mapping[str, Any]) -> bool:
    """Tell whether plain nbval is told not to compare a cell, which is compared here."""
    return "varies" in notes or "nbval" in notes


def executed_output(output: Mapping[str, Any]) -> Output:
    """Return an output of an executed notebook as baselines have them.

    Parameters
    ----------
    output
        As nbformat 4 has it; what the observer says of a figure is in its metadata.
    """
    kept = whole_output(output)
    metadata = kept.pop("metadata", None)
    described = metadata.get("application/vnd.nbrefine.figure") if metadata else None
    if isinstance(described, dict) and "data" in kept:
        kept["data"] = {**kept["data"], WORDS: "\n".join(described["lines"])}
    kept.pop("execution_count", None)
    kept.pop("traceback", None)
    return kept


def picture_digest(content: bytes) -> str:
    """Return what a picture's file is known by."""
    return hashlib.sha256(content).hexdigest()


def _whole(output: Mapping[str, Any], file: Path) -> Output:
    """Return an output with its pictures, and the words for them, in its data."""
    kept = dict(output)
    notes = _entry(kept.pop("metadata", None))
    kept.pop("execution_count", None)
    kept.pop("traceback", None)
    if "data" not in kept:
        return kept
    data = dict(kept["data"])
    for mime, picture in notes.get("pictures", {}).items():
        data[mime] = _picture(file, picture)
    if WORDS in notes:
        data[WORDS] = "\n".join(notes[WORDS])
    return kept | {"data": data}


def _picture(file: Path, picture: Mapping[str, str]) -> str:
    """Read a picture beside a baseline, in base64."""
    path = file.parent / picture["file"]
    hint = "Restore it from version control, or record the baseline anew."
    try:
        content = path.read_bytes()
    except OSError:
        message = f"A picture of {shown(file)} is missing."
        raise BaselineError(message, where=Place(shown(path)), hint=hint) from None
    if picture_digest(content) != picture["sha256"]:
        message = f"The picture is not the one that {shown(file)} was recorded with."
        raise BaselineError(message, where=Place(shown(path)), hint=hint)
    return base64.b64encode(content).decode()


def _entry(metadata: object) -> Mapping[str, Any]:
    entry = metadata.get(KEY) if isinstance(metadata, dict) else None
    return entry if isinstance(entry, dict) else {}
