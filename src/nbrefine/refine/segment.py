"""Where a notebook is cut into steps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """One step: a run of consecutive cells.

    Parameters
    ----------
    name
        The step's name, a valid identifier.
    title
        Its heading, as the author wrote it or as the name says it.
    cells
        Origins of its cells.
    """

    name: str
    title: str
    cells: tuple[int, ...]


@dataclass(frozen=True)
class Segmentation:
    """The notebook as steps.

    Parameters
    ----------
    segments
        In the notebook's order.
    remarks
        What the author should know about the cuts, such as why there are none.
    """

    segments: tuple[Segment, ...]
    remarks: tuple[str, ...] = ()
