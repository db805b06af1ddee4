"""The plain lines that read and write what crosses between steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.recording.formats import FORMATS
from nbrefine.refine.flow import streams

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nbrefine.recording.formats import Stored


def extension(stored: Stored) -> str:
    """Return the extension of the file, with the dot."""
    return ".pickle" if stored.format == streams.FORMAT else FORMATS[stored.format].extension


def imports(stored: Stored) -> tuple[str, ...]:
    """Return the imports that the lines need."""
    if stored.format == streams.FORMAT:
        return streams.state_imports(stored.names[0])
    return FORMATS[stored.format].imports


def read_lines(stored: Stored, path: str, wanted: Collection[str]) -> list[str]:
    """Return the lines that read a group of names.

    Parameters
    ----------
    stored
        How it is stored.
    path
        Expression of the file's path.
    wanted
        The names that the step takes; of a group that is stored together it may be some.
    """
    if stored.format == streams.FORMAT:
        return [streams.state_read(stored.names[0], path)]
    line = FORMATS[stored.format].read.format(path=path, **_fields(stored))
    # Another step has newer values of these.
    stale = ", ".join(name for name in stored.names if name not in wanted)
    return [*line.split("\n"), *stored.repair, *([f"del {stale}"] if stale else [])]


def write_lines(stored: Stored, path: str) -> list[str]:
    """Return the lines that write a group of names to a path."""
    if stored.format == streams.FORMAT:
        return [streams.state_write(stored.names[0], path)]
    return FORMATS[stored.format].write.format(path=path, **_fields(stored)).split("\n")


def _fields(stored: Stored) -> Mapping[str, str]:
    names = stored.names
    return {
        "name": names[0],
        "names": ", ".join(f'"{name}": {name}' for name in names),
        "targets": ", ".join(names),
    }
