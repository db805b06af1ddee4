"""Paths as the user would type them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def shown(path: Path, start: Path | None = None) -> str:
    """Return a path relative to a folder where it lies below it, else absolute.

    Parameters
    ----------
    path
        The path to show.
    start
        Relative to what; the working directory if not given.

    Returns
    -------
    str
        With forward slashes on every platform.
    """
    # With texts, as this is done for each cell; and resolve() would follow the user's links.
    base = os.getcwd() if start is None else os.fspath(start)  # noqa: PTH109
    full = os.path.abspath(path)  # noqa: PTH100
    if full == base:
        return "."
    return full.removeprefix(base.rstrip(os.sep) + os.sep).replace(os.sep, "/")
