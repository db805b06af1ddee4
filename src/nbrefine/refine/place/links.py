"""Links from a project to the data beside the notebook, which may lead nowhere after a move."""

from __future__ import annotations

import os
from pathlib import Path

from nbrefine.errors import InputError, Place
from nbrefine.files.paths import shown

# What builds and nbrefine keep, and what tools make: none of it is data.
_LEFT_OUT = frozenset({".git", ".nbrefine", ".venv", "build", "node_modules"})


def check_links(root: Path) -> None:
    """Refuse a project whose data is not where its links lead.

    Parameters
    ----------
    root
        The project's folder.

    Raises
    ------
    InputError
        With the first such link.
    """
    for place, folders, files in os.walk(root):
        here = Path(place)
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        for link in (here / name for name in sorted([*folders, *files])):
            if link.is_symlink() and not link.exists():
                raise InputError(
                    f"The link leads to {link.readlink()}, where nothing is.",
                    where=Place(shown(link)),
                    hint="Was the project moved, or its data? Link it again: "
                    f"ln -sfn /path/to/{link.name} {shown(link)}",
                )
