"""Copies of what a step's notebook overwrites outside of its products, to be put back on failure.

One line of JSON a file, written before the file is touched: so that whatever ends the kernel, the
file can be put back as it was.
"""

from __future__ import annotations

import json
import os
import shutil


class Undo:
    """Steps in before a file of the project is written.

    Parameters
    ----------
    root
        The project's folder; what lies elsewhere is not ours to put back.
    staging
        Where the step writes its products.
    folder
        For the copies. ``journal`` in it says what is where.
    """

    def __init__(self, root: str, staging: str, folder: str) -> None:
        self._root, self._staging, self._folder = root + os.sep, staging + os.sep, folder
        self._done: set[str] = set()

    def before_write(self, path: str) -> None:
        """Keep a file as it is now, if it has not been kept yet.

        Parameters
        ----------
        path
            An absolute path.
        """
        full = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        if full in self._done or not full.startswith(self._root):
            return
        if full.startswith(self._staging) or os.path.isdir(full):
            return
        self._done.add(full)
        copy = None
        if os.path.lexists(full):
            copy = str(len(self._done))
            shutil.copy2(full, os.path.join(self._folder, copy), follow_symlinks=False)
        line = json.dumps({"path": full, "copy": copy}) + "\n"
        handle = os.open(
            os.path.join(self._folder, "journal"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644
        )
        try:
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
