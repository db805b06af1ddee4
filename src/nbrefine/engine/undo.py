"""Puts back what a step that did not end well has overwritten outside of its products."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_JOURNAL = "journal"


def undo_folder(root: Path, step: str) -> Path:
    """Return where copies are kept while a step runs."""
    return root / ".nbrefine" / "undo" / step


def prepare_undo(folder: Path) -> None:
    """Make the folder anew and empty."""
    forget(folder)
    folder.mkdir(parents=True)


def put_back(folder: Path) -> tuple[Path, ...]:
    """Put files back as they were before the step, and remove those that it made.

    Parameters
    ----------
    folder
        Where the kernel kept copies. It is removed at the end; until then this can be done again.

    Returns
    -------
    tuple of Path
        The files.
    """
    touched = []
    for path, copy in _lines(folder):
        if copy is None:
            path.unlink(missing_ok=True)
        elif os.path.lexists(folder / copy):
            temporary = path.with_name(f".{path.name}.nbrefine")
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(folder / copy, temporary, follow_symlinks=False)
            temporary.replace(path)
        touched.append(path)
    forget(folder)
    return tuple(touched)


def touched_files(folder: Path) -> tuple[Path, ...]:
    """Return the files that a step has overwritten or made outside of its products."""
    return tuple(path for path, _ in _lines(folder))


def forget(folder: Path) -> None:
    """Remove the copies: the step has ended well."""
    # The journal goes first: without it, copies mean nothing.
    (folder / _JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _lines(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Read the journal; its last line may have been cut off, and then its file was not touched."""
    journal = folder / _JOURNAL
    if not journal.is_file():
        return
    for line in journal.read_bytes().split(b"\n")[:-1]:
        entry = json.loads(line)
        yield type(folder)(entry["path"]), entry["copy"]
