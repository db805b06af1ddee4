"""Paths as the user would type them."""

from __future__ import annotations

import os
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
    base = Path.cwd() if start is None else start
    full = Path(os.path.abspath(path))  # noqa: PTH100  (resolve() would follow the user's links)
    return (full.relative_to(base) if full.is_relative_to(base) else full).as_posix()
