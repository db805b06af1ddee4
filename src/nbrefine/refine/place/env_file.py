"""Which file of values Ploomber reads: never one that another project has."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbrefine.pipeline.environment import FILENAME_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def own_env_file(root: Path) -> Iterator[None]:
    """Hide ``PLOOMBER_ENV_FILENAME`` for the time of a block, where a project has no such file.

    Who has set it for a project of his own still gets another notebook refined: what refine writes
    needs no such file.

    Parameters
    ----------
    root
        The project's folder.
    """
    name = os.environ.get(FILENAME_VARIABLE)
    if name is None or (root / name).is_file():
        yield
        return
    del os.environ[FILENAME_VARIABLE]
    try:
        yield
    finally:
        os.environ[FILENAME_VARIABLE] = name
