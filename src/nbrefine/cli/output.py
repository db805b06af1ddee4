"""Write what a command was asked to write, or say why it cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.errors import InputError
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from pathlib import Path


_PICTURES = (".html", ".svg", ".txt", ".mmd")


def check_suffix(path: Path | None) -> None:
    """Refuse a file of whose name it cannot be told in which form a graph goes there.

    Parameters
    ----------
    path
        The file that the user named; None for none.

    Raises
    ------
    InputError
        If it ends in no suffix that is known.
    """
    if path is not None and path.suffix not in _PICTURES:
        raise InputError(
            f"What to write to {str(path)!r} cannot be told from its suffix.",
            hint=f"End the name with one of {', '.join(_PICTURES)}.",
        )


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
