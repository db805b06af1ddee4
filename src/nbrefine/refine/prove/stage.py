"""A copy of a project to build in, so that proving changes nothing of the user's."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbrefine.pipeline.model import Pipeline

# Bigger files are linked: they are data, and copying them takes time and room.
LARGE = 4 << 20
_LEFT_OUT = {".git", ".nbrefine", ".scratch", ".venv", ".ipynb_checkpoints", "__pycache__"}
_UPWARDS = re.compile(r"(?:\.\.[/\\]+)*\.\.(?![\w.])")


@contextlib.contextmanager
def staged(
    pipeline: Pipeline, written: Iterable[Path] = (), notebook: Path | None = None
) -> Iterator[Path]:
    """Copy a project without its products.

    Parameters
    ----------
    pipeline
        The project's.
    written
        Files that the pipeline is known to write to: always copied, never linked.
    notebook
        A notebook whose files are to be found from there too.

    Yields
    ------
    Path
        The copy's root. What the project's files name by paths that lead out of it (``../data``)
        is found from there too. It is gone at the end.
    """
    with tempfile.TemporaryDirectory(prefix="nbrefine-") as folder:
        here = pipeline.root
        copied = {path.resolve() for path in written}
        root = _ancestors(here, Path(folder).resolve(), _levels(pipeline, notebook), copied)
        _copy(here, root, _made_anew(pipeline), copied)
        yield root


def _made_anew(pipeline: Pipeline) -> set[Path]:
    """Return the products, and what Ploomber keeps beside them; not those that are inputs too.

    A notebook may read a file and write the same one.
    """
    steps = pipeline.steps.values()
    products = {path for step in steps for path in step.files.values()}
    inputs = {path for step in steps for path in step.resources.values()}
    records = {path.with_name(f".{path.name}.metadata") for path in products}
    return records | {path for path in products if path.resolve() not in inputs}


def _levels(pipeline: Pipeline, notebook: Path | None) -> int:
    """Count how many folders up the project's files lead at most."""
    files = {pipeline.spec_file, *(step.source for step in pipeline.steps.values())}
    above = 0
    if notebook is not None:
        files.add(notebook)
        above = os.path.relpath(notebook.resolve().parent, pipeline.root.resolve()).count("..")
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file())
    runs = (run.count("..") for text in texts for run in _UPWARDS.findall(text))
    return min(max(runs, default=0) + above, len(pipeline.root.parents) - 1)


def _ancestors(here: Path, folder: Path, levels: int, copied: set[Path]) -> Path:
    """Make folders for the project's ancestors, with links to all else that lies in them."""
    # From the outermost ancestor that a path reaches down to the project.
    chain = [here, *here.parents[:levels]][::-1]
    at = folder
    for parent, child in pairwise(chain):
        with contextlib.suppress(PermissionError):
            for entry in parent.iterdir():
                if entry not in (child, folder):
                    _link(entry, at / entry.name, copied)
        at /= child.name
        at.mkdir()
    if not levels:
        at /= here.name
        at.mkdir()
    return at


def _link(entry: Path, new: Path, copied: set[Path]) -> None:
    """Link to a file or folder; what is written to is copied, with the folders that lead to it."""
    place = entry.resolve()
    if not any(path.is_relative_to(place) for path in copied):
        new.symlink_to(entry)
    elif entry.is_dir():
        new.mkdir()
        for each in entry.iterdir():
            _link(each, new / each.name, copied)
    else:
        shutil.copy2(entry, new)


def _copy(source: Path, target: Path, made: set[Path], copied: set[Path]) -> None:
    """Copy a folder without what is made anew, and link its large files."""
    for entry in source.iterdir():
        new = target / entry.name
        if entry.name in _LEFT_OUT or entry in made:
            continue
        if entry.is_symlink():
            _link(entry.resolve(), new, copied)
        elif entry.is_dir():
            new.mkdir()
            _copy(entry, new, made, copied)
        elif entry.is_file():
            if entry.stat().st_size > LARGE and entry.resolve() not in copied:
                new.symlink_to(entry)
            else:
                shutil.copy2(entry, new)
