"""A notebook's headings and tags, and names for steps made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbrefine.notebook.document import Notebook


@dataclass(frozen=True)
class Heading:
    """A heading, in markdown or in disguise.

    Parameters
    ----------
    cell
        Index of the cell that holds it, over all cells, from 0.
    level
        1 to 6; a comment that opens a code cell like a title counts as 6.
    title
        Its text without markup.
    is_comment
        Whether it is a comment in a code cell.
    """

    cell: int
    level: int
    title: str
    is_comment: bool = False


@dataclass(frozen=True)
class Outline:
    """What the author says about a notebook's parts.

    Parameters
    ----------
    headings
        In the order of the document.
    tagged
        Names that tags such as ``step:clean`` give, by the index of their cell.
    """

    headings: tuple[Heading, ...]
    tagged: tuple[tuple[int, str], ...]


def outline(notebook: Notebook) -> Outline:
    """Collect a notebook's headings and step tags.

    Parameters
    ----------
    notebook
        The notebook.

    Returns
    -------
    Outline
        In the order of the document.
    """
    del notebook
    return Outline((), ())


def step_names(titles: Iterable[str]) -> tuple[str, ...]:
    """Turn titles into names for steps.

    Parameters
    ----------
    titles
        In the order of the steps.

    Returns
    -------
    tuple of str
        For each a name in ASCII that is a Python identifier, and none twice.
    """
    return tuple(f"step_{number}" for number, _ in enumerate(titles, 1))
