"""The folder in a project in which nbrefine keeps what it knows, hidden from git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ".nbrefine"


def make_own_folder(root: Path) -> Path:
    """Make the folder, if it is not there.

    Parameters
    ----------
    root
        The project's folder.

    Returns
    -------
    Path
        The folder; a project is not "changed" for git by being looked at or built.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    folder = root / FOLDER
    ignore = folder / ".gitignore"
    if not ignore.exists():
        write_atomic(ignore, "*\n")
    return folder
