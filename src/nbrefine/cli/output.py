"""Write what a command was asked to write, or say why it cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.errors import InputError
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from pathlib import Path


def write_output(path: Path, content: str) -> None:
    """Write a file that the user named.

    Parameters
    ----------
    path
        Where to.
    content
        The whole text.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    try:
        write_atomic(path, content)
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be written: {error.strerror}.") from None
