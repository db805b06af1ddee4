"""A kernel that runs cells one by one and hands over what they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CellError:
    """An exception that ended a cell.

    Parameters
    ----------
    ename, evalue
        Class and message of the exception.
    traceback
        Lines as the kernel sent them, with colours.
    """

    ename: str
    evalue: str
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellRun:
    """What came of running a cell.

    Parameters
    ----------
    outputs
        In the words of nbformat 4.
    error
        What ended the cell early, if something did.
    seconds
        From the request to the end, by the clock.
    execution_count
        The number in the brackets; None if the kernel did not say.
    """

    outputs: tuple[dict[str, Any], ...]
    error: CellError | None
    seconds: float
    execution_count: int | None
