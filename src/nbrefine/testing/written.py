"""Writes a baseline such that a change of it is easy to read, and that plain nbval passes on it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from nbrefine.engine.export import notebook_bytes
from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import INJECTED_TAG
from nbrefine.testing.baseline import (
    IGNORE,
    KEY,
    WORDS,
    baseline_file,
    ignored_by_nbval,
    picture_digest,
)
from nbrefine.testing.other_runs import as_difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nbrefine.testing.baseline import Baseline, BaselineCell, Output

PICTURES = "images"
# What nbval leaves out of its comparison: only such a picture can be a file of its own.
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


@dataclass
class _Pictures:
    """The pictures of one baseline, by name."""

    folder: str
    files: dict[str, bytes] = field(default_factory=dict)

    def keep(self, name: str, suffix: str, content: bytes) -> str:
        """Return the name of a picture's file; the same picture is kept once."""
        for known, other in self.files.items():
            if other == content:
                return known
        file = f"{self.folder}/{name}{suffix}"
        self.files[file] = content
        return file


def write_baseline(root: Path, baseline: Baseline) -> Path:
    """Write a baseline and its pictures, and remove pictures that it has no more.

    Parameters
    ----------
    root
        The project's folder.
    baseline
        What is written.

    Returns
    -------
    Path
        The notebook.
    """
    file = baseline_file(root, baseline.step)
    pictures = _Pictures(f"{PICTURES}/{baseline.step}")
    names = _names(baseline.cells)
    cells = [_cell(cell, name, pictures) for cell, name in zip(baseline.cells, names, strict=True)]
    if baseline.setting:
        tags = {"tags": [INJECTED_TAG]}
        setting = _code(INJECTED_TAG, tags, baseline.setting, [])
        cells.insert(baseline.position, setting)
    metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    # The notebook comes last: whoever is interrupted before has the old one, and is told.
    for path, content in pictures.files.items():
        target = file.parent / path
        if not target.is_file() or target.read_bytes() != content:
            write_atomic(target, content)
    write_atomic(file, notebook_bytes(document))
    kept = {file.parent / path for path in pictures.files}
    for picture in (file.parent / pictures.folder).glob("*"):
        if picture not in kept and picture.suffix in _SUFFIXES.values():
            picture.unlink()
    return file


def _names(cells: Iterable[BaselineCell]) -> list[str]:
    """Return a name for each cell that stays when others come and go."""
    seen: dict[str, int] = {}
    names = []
    for cell in cells:
        name = cell.id or f"cell-{sha256(cell.source.encode()).hexdigest()[:8]}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return names


def _cell(cell: BaselineCell, name: str, pictures: _Pictures) -> dict[str, Any]:
    tags = [*cell.tags, *([IGNORE] if ignored_by_nbval(cell.notes) else [])]
    notes = dict(cell.notes)
    outputs = [_stored(each, f"{name}-{at}", pictures) for at, each in enumerate(cell.outputs, 1)]
    if cell.others:
        notes["others"] = [
            as_difference([_stored(each, "", pictures) for each in run], cell.outputs)
            for run in cell.others
        ]
    metadata = {**({"tags": tags} if tags else {}), **({KEY: notes} if notes else {})}
    if cell.kind == "code":
        return _code(name, metadata, cell.source, outputs)
    made = {"cell_type": cell.kind, "id": name, "metadata": metadata, "source": cell.source}
    return made | ({"attachments": dict(cell.attachments)} if cell.attachments else {})


def _code(
    name: str, metadata: Mapping[str, Any], source: str, outputs: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return a code cell; all have the same number, so that a new one changes no other."""
    return {
        "cell_type": "code",
        "execution_count": 1,
        "id": name,
        "metadata": metadata,
        "outputs": outputs,
        "source": source,
    }


def _stored(output: Output, name: str, pictures: _Pictures) -> dict[str, Any]:
    """Return an output for the file, and keep its pictures; without a name, only known ones."""
    kind = output.get("output_type")
    if kind == "error":
        return {**output, "traceback": []}
    if "data" not in output:
        return dict(output)
    data, files = dict(output["data"]), {}
    for mime, suffix in _SUFFIXES.items():
        if mime not in data:
            continue
        content = base64.b64decode(str(data.pop(mime)))
        if name or content in pictures.files.values():
            file = pictures.keep(name, suffix, content)
            files[mime] = {"file": file, "sha256": picture_digest(content)}
    notes: dict[str, Any] = {"pictures": files} if files else {}
    if WORDS in data:
        notes[WORDS] = str(data.pop(WORDS)).split("\n")
    count = {"execution_count": 1} if kind == "execute_result" else {}
    return {**output, **count, "data": data, "metadata": {KEY: notes} if notes else {}}
