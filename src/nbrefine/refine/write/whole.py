"""Several files of a project are written together: all of them, or none, whatever happens."""

from __future__ import annotations

import contextlib
import json
import shutil
from typing import TYPE_CHECKING

from nbrefine.errors import InputError, Place
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.notebook.document import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["put_back_unfinished", "write_whole"]

_FOLDER = ".nbrefine/writing"
_PLAN = "plan.json"


def write_whole(root: Path, files: Mapping[str, bytes | None]) -> None:
    """Write files.

    Parameters
    ----------
    root
        The project's folder.
    files
        Path relative to the root, and content; None for a file that goes.

    Raises
    ------
    InputError
        If one cannot be written. All are then as they were; so they are after a kill in the
        middle, once `put_back_unfinished` has been called.
    """
    put_back_unfinished(root)
    folder = root / _FOLDER
    at = root
    try:
        _keep(root, files)
        for path, content in files.items():
            at = root / path
            if content is None:
                at.unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # not empty, or gone
                    at.parent.rmdir()
            else:
                write_atomic(at, content)
    except BaseException as error:
        put_back_unfinished(root)
        shutil.rmtree(folder, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise InputError(
            f"Cannot be written: {error.strerror}. Nothing was changed.", where=Place(shown(at))
        ) from None
    # From here on the new files count.
    (folder / _PLAN).unlink()
    shutil.rmtree(folder, ignore_errors=True)


def put_back_unfinished(root: Path) -> bool:
    """Put files back whose writing was ended in the middle.

    Parameters
    ----------
    root
        The project's folder.

    Returns
    -------
    bool
        Whether there was anything to put back.
    """
    folder = root / _FOLDER
    if not (folder / _PLAN).is_file():
        return False
    for path, kept in json.loads(read_text(folder / _PLAN)).items():
        if kept is None:
            if (root / path).is_file():
                (root / path).unlink()
        else:
            write_atomic(root / path, (folder / kept).read_bytes())
    (folder / _PLAN).unlink()
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _keep(root: Path, files: Mapping[str, bytes | None]) -> None:
    """Keep what is there, and write down last what is kept: only then it counts."""
    plan: dict[str, str | None] = {}
    for number, path in enumerate(files):
        plan[path] = str(number) if (root / path).is_file() else None
        if plan[path] is not None:
            write_atomic(root / _FOLDER / str(number), (root / path).read_bytes())
    write_atomic(root / _FOLDER / _PLAN, json.dumps(plan))
