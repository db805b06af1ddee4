"""A notebook as a document: its cells, read as plain JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from nbrefine.errors import NotebookError, Place
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PARAMETERS_TAG = "parameters"
INJECTED_TAG = "injected-parameters"
"""Of the cell in which papermill and Ploomber set them."""
_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class Cell:
    """One cell.

    Parameters
    ----------
    kind
        ``code``, ``markdown`` or ``raw``.
    source
        Its text.
    tags
        What the user tagged it with.
    id
        Its identifier; empty in notebooks older than nbformat 4.5.
    index
        Its position over all cells, from 0.
    execution_count
        The number that its last run had; None if it was not run.
    outputs
        What its last run left, as nbformat 4 has it.
    attachments
        Images that its text shows, by name.
    """

    kind: str
    source: str
    tags: tuple[str, ...] = ()
    id: str = ""
    index: int = 0
    execution_count: int | None = None
    outputs: tuple[Mapping[str, Any], ...] = field(default=(), repr=False, hash=False)
    attachments: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True)
class Notebook:
    """A notebook's cells and metadata.

    Parameters
    ----------
    path
        Where it was read from.
    cells
        In the order of the document.
    metadata
        As the document says.
    repairs
        What was wrong with the document and has been put right, in words.
    """

    path: Path
    cells: tuple[Cell, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()

    @property
    def code_cells(self) -> tuple[Cell, ...]:
        """Cells that hold code."""
        return tuple(cell for cell in self.cells if cell.kind == "code")

    @property
    def parameters_cell(self) -> Cell | None:
        """The first cell with the tag ``parameters``, if there is one."""
        return self.tagged(PARAMETERS_TAG)

    @property
    def language(self) -> str:
        """The kernel's language in lower case; ``python`` where nothing is said."""
        for section, key in (("kernelspec", "language"), ("language_info", "name")):
            part = self.metadata.get(section)
            if isinstance(part, dict) and isinstance(name := part.get(key), str):
                return name.lower()
        return "python"

    def tagged(self, tag: str) -> Cell | None:
        """Return the first cell with a tag, if there is one."""
        return next((cell for cell in self.cells if tag in cell.tags), None)

    def place(self, cell: Cell | None = None, line: int | None = None) -> Place:
        """Say where something is, for an error's message."""
        return Place(shown(self.path), line, None if cell is None else cell.index + 1)


def read_notebook(path: Path) -> Notebook:
    """Read an ``.ipynb`` file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Notebook
        Its cells and metadata.

    Raises
    ------
    NotebookError
        If it cannot be read, or is not a notebook of nbformat 4.
    """
    where = Place(shown(path))
    document = load_document(path)
    version = document.get("nbformat")
    if not isinstance(version, int):
        raise NotebookError(
            "This is not a notebook: it has no 'nbformat'.",
            where=where,
            hint="Open it in JupyterLab and save it again, or restore it from version control.",
        )
    if version != 4:  # noqa: PLR2004  (the format that Jupyter writes since 2015)
        raise NotebookError(
            f"The notebook has format {version}, but format 4 is expected.",
            where=where,
            hint=f"Upgrade it: jupyter nbconvert --to notebook --inplace {shown(path)}",
        )
    return parse_document(document, path)


def parse_document(document: Mapping[str, Any], path: Path) -> Notebook:
    """Make a notebook of a document of nbformat 4.

    Parameters
    ----------
    document
        What the file holds.
    path
        The file.

    Returns
    -------
    Notebook
        Its cells and metadata.

    Raises
    ------
    NotebookError
        If a cell is not one.
    """
    where = Place(shown(path))
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise NotebookError("This is not a notebook: it has no list of cells.", where=where)
    metadata = document.get("metadata")
    return Notebook(
        path,
        tuple(_cell(cell, index, path) for index, cell in enumerate(cells)),
        metadata if isinstance(metadata, dict) else {},
    )


def read_text(path: Path) -> str:
    """Read a source file as UTF-8, which notebooks and scripts are stored in.

    Raises
    ------
    NotebookError
        If it is missing, unreadable or in another encoding.
    """
    where = Place(shown(path))
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotebookError("There is no such file.", where=where) from None
    except UnicodeDecodeError as error:
        raise NotebookError(f"The file is not UTF-8: {error.reason}.", where=where) from None
    except OSError as error:
        raise NotebookError(f"Cannot be read: {error.strerror}.", where=where) from None


def load_document(path: Path) -> dict[str, Any]:
    """Read the JSON object that a notebook of any format is.

    Raises
    ------
    NotebookError
        If it cannot be read or is none.
    """
    where = Place(shown(path))
    text = read_text(path)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        where = Place(where.file, error.lineno)
        raise NotebookError(
            f"The notebook is not valid JSON: {error.msg}.",
            where=where,
            hint="It may have been cut short, or hold the marks of a merge conflict.",
        ) from None
    if not isinstance(document, dict):
        raise NotebookError("This is not a notebook: it holds no JSON object.", where=where)
    return document


def whole_output(raw: object) -> dict[str, Any]:
    """Return an output whose texts are whole, not lists of lines as they lie in a file.

    Parameters
    ----------
    raw
        As a notebook has it; empty if it is no JSON object.
    """
    output = dict(_of_type(raw, dict))
    if "text" in output:
        output["text"] = _joined(output["text"])
    data = _of_type(output.get("data"), dict)
    if data:
        output["data"] = {
            mime: value if mime.endswith("json") else _joined(value) for mime, value in data.items()
        }
    return output


def _cell(raw: object, index: int, path: Path) -> Cell:
    where = Place(shown(path), cell=index + 1)
    if not isinstance(raw, dict):
        raise NotebookError("The cell is not a JSON object.", where=where)
    kind, source = raw.get("cell_type"), raw.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not (isinstance(kind, str) and isinstance(source, str)):
        raise NotebookError("The cell has no type, or its source is not text.", where=where)
    metadata = raw.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    count = raw.get("execution_count")
    return Cell(
        kind=kind,
        source=source,
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        id=str(raw.get("id", "")),
        index=index,
        execution_count=count if isinstance(count, int) else None,
        outputs=tuple(whole_output(each) for each in _of_type(raw.get("outputs"), list)),
        attachments=_of_type(raw.get("attachments"), dict),
    )


def _joined(value: object) -> object:
    lines = isinstance(value, list) and all(isinstance(line, str) for line in value)
    return "".join(value) if lines and isinstance(value, list) else value


def _of_type(value: object, kind: type[_Kind]) -> _Kind:
    """Return a value if it is of a type, else an empty one."""
    return value if isinstance(value, kind) else kind()
