"""What is merged: files made of items, such as the cells of a notebook, and what contradicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Conflict", "Document", "Item", "Merged"]


@dataclass(frozen=True)
class Item:
    """A cell of a notebook, a definition in a module, a step in a specification.

    Parameters
    ----------
    key
        Says which item it is: the same one in another version of the project has the same key.
    text
        What is merged.
    rest
        What goes with it: a cell's metadata and outputs, the blank lines before a definition.
    """

    key: str
    text: str
    rest: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A file.

    Parameters
    ----------
    key
        Says which file it is, whatever its name is.
    path
        Relative to the project's root.
    items
        In their order.
    rest
        What the file has beside them, such as a notebook's metadata.
    """

    key: str
    path: str
    items: tuple[Item, ...]
    rest: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Conflict:
    """Two changes that contradict each other.

    Parameters
    ----------
    path
        The file in the project, as its user has it.
    what
        What both sides did, in words.
    cell
        Number of the cell in the step's notebook, from 1 as JupyterLab shows it; None where it is
        no cell.
    name
        What else it is called: a function's name.
    base, ours, theirs
        What refine wrote, what the user made of it, and what the changed notebook asks for; None
        where it is not there.
    """

    path: str
    what: str
    cell: int | None = None
    name: str = ""
    base: str | None = None
    ours: str | None = None
    theirs: str | None = None


@dataclass(frozen=True)
class Merged:
    """Files with both sides' changes.

    Parameters
    ----------
    documents
        What they are now; where there are conflicts, with the preferred side's text.
    conflicts
        What could not be merged.
    """

    documents: tuple[Document, ...]
    conflicts: tuple[Conflict, ...] = ()
