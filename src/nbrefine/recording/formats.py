"""Which file format stores a value exactly, and the plain lines that read and write it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stored:
    """How a group of names is stored.

    Parameters
    ----------
    names
        One name; or several that share objects, which one file keeps together.
    format
        A key of `FORMATS`.
    repair
        Plain lines after the read that restore what the format does not keep.
    exact
        Whether a fresh process read back exactly what was written.
    bytes
        Size of the file.
    reason
        Why plainer formats were passed over.
    """

    names: tuple[str, ...]
    format: str
    repair: tuple[str, ...] = ()
    exact: bool = True
    bytes: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Format:
    """A file format, and the lines that a data scientist would write for it.

    Parameters
    ----------
    name
        Its key.
    extension
        Of the file, with the dot.
    write, read
        Line with ``{name}`` for the variable and ``{path}`` for an expression of the path. Bundles
        hold ``{names}`` (``"a": a, "b": b``) and ``{targets}`` (``a, b``).
    imports
        What the lines need.
    plain
        Whether other tools read it too.
    """

    name: str
    extension: str
    write: str
    read: str
    imports: tuple[str, ...]
    plain: bool
