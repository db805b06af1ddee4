"""Keeps the user's files as they are, while a notebook runs on a shadow of its folder.

Files of the shadow are links to the user's. Before one is opened for writing, a copy takes the
link's place. A file elsewhere is copied before it is overwritten, so that it can be put back.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Protection:
    """Steps in before a file is written.

    Parameters
    ----------
    shadow
        Root of the shadow.
    backup
        Folder for copies of what lies outside of it. ``journal`` in it says what is where.
    free
        Folders in which the notebook may do as it likes, such as that for temporary files.
    """

    def __init__(self, shadow: str, backup: str, free: Iterable[str]) -> None:
        self._shadow, self._backup = shadow, backup
        self._free = tuple(folder + os.sep for folder in free)
        self._done: set[str] = set()

    def before_write(self, path: str) -> None:
        """Make sure that writing to a path leaves the user's file as it is.

        Parameters
        ----------
        path
            An absolute path.

        Raises
        ------
        OSError
            If that cannot be made sure; the notebook then sees that the file cannot be written.
        """
        if path in self._done:
            return
        self._done.add(path)
        if path.startswith(self._shadow + os.sep):
            self._part_from_original(path)
        elif os.path.isfile(path) and not path.startswith(self._free):
            self._keep(path)

    def _part_from_original(self, path: str) -> None:
        """Put real folders and a copy in the place of links, from the shadow's root on down."""
        here = self._shadow
        for part in os.path.relpath(path, self._shadow).split(os.sep):
            here = os.path.join(here, part)
            if os.path.islink(here):
                target = os.path.realpath(here)
                os.unlink(here)
                if os.path.isdir(target):
                    link_entries(target, here)
                elif os.path.isfile(target):
                    shutil.copy2(target, here)

    def _keep(self, path: str) -> None:
        number = len(os.listdir(self._backup))
        shutil.copy2(path, os.path.join(self._backup, str(number)))
        with open(os.path.join(self._backup, "journal"), "a", encoding="utf-8") as journal:
            journal.write(f"{number}\0{path}\n")


def link_entries(source: str, target: str) -> None:
    """Make a folder that holds a link to each entry of another."""
    os.mkdir(target)
    for name in os.listdir(source):
        os.symlink(os.path.join(source, name), os.path.join(target, name))
