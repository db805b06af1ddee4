"""Which files appeared or changed in a folder, whatever wrote them."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LEFT_OUT = frozenset({"__pycache__", ".ipynb_checkpoints"})
_MOST = 5_000


def look(folder: Path) -> Mapping[str, tuple[int, int]]:
    """Return time and size of the files in a folder and below it; links are left out.

    Parameters
    ----------
    folder
        Where to look. Of a very large one, the first few thousand files are looked at.
    """
    found: dict[str, tuple[int, int]] = {}
    todo = [str(folder)]
    while todo and len(found) < _MOST:
        # What a notebook has started may go on, and remove files while they are looked at.
        with contextlib.suppress(FileNotFoundError), os.scandir(todo.pop()) as entries:
            for entry in entries:
                if entry.is_symlink() or entry.name in _LEFT_OUT:
                    continue
                if entry.is_dir():
                    todo.append(entry.path)
                else:
                    seen = look_at(entry.path)
                    found |= {} if seen is None else {entry.path: seen}
    return found


def look_at(path: str) -> tuple[int, int] | None:
    """Return time and size of a file; None if it is not there."""
    try:
        status = os.stat(path)  # noqa: PTH116  (of thousands)
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    """Return the files that are new, other than before, or gone."""
    paths = before.keys() | after.keys()
    return {path for path in paths if before.get(path) != after.get(path)}
