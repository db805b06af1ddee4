"""Lets papermill write an output notebook whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from papermill.iorw import LocalHandler, papermill_io, write_ipynb

from nbrefine.files.atomic import write_atomic


class WholeFiles(LocalHandler):  # type: ignore[misc]  # papermill has no types
    """Writes local files; relative to where papermill's own handler does it."""

    def __init__(self, local: LocalHandler) -> None:
        super().__init__()
        self._local = local

    def write(self, buf: str, path: str) -> None:
        """Write a file.

        Raises
        ------
        FileNotFoundError
            If its folder is not there, as papermill has it.
        """
        place = Path(self._local._cwd or "", path).resolve()  # noqa: SLF001
        if place.is_file() or (not place.exists() and place.parent.is_dir()):
            write_atomic(place, buf)
        else:  # a device, or papermill's own error
            self._local.write(buf, path)

    def cwd(self, new_path: str | None) -> Any:  # noqa: ANN401
        """Set what paths are relative to."""
        return self._local.cwd(new_path)


def written_whole(path: str) -> None:
    """Let papermill write a local file whole from now on; anything else as before."""
    local = papermill_io.get_handler("local")
    if papermill_io.get_handler(path) is local and type(local) is LocalHandler:
        papermill_io.register(path, WholeFiles(local))


def write_whole(notebook: Any, path: str) -> None:  # noqa: ANN401
    """Write a notebook as papermill does."""
    write_ipynb(notebook, path)
