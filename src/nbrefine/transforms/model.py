"""What is said of a transform: its kind, and the statement that makes it so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

__all__ = ["Basis", "Cause", "Classification", "Kind"]

Basis = Literal["data", "code", "both"]


class Kind(StrEnum):
    """How the rows that a transform returns depend on the rows that it was given.

    ``ROW_WISE``
        Row *i* of the result is what row *i* alone would give: the transform serves
        requests as it is.
    ``FITTED``
        The rows are kept, their values depend on the other rows of the batch: a mean,
        the categories, a rank. It has to be learnt on the training data.
    ``RESHAPING``
        Rows are dropped, added, sorted, aggregated or labelled anew: for training data.
    ``UNKNOWN``
        Neither the code nor the data can tell.
    """

    ROW_WISE = "row-wise"
    FITTED = "fitted"
    RESHAPING = "reshaping"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Cause:
    """One statement, and why it makes a transform what it is.

    Attributes
    ----------
    line : int
        Line of the source that was classified, from 1.
    statement : str
        The source of the expression.
    reason : str
        Why, in words.
    columns_only : bool
        True where the batch decides only which columns there are, not what is in them.
    """

    line: int
    statement: str
    reason: str
    columns_only: bool = False


@dataclass(frozen=True)
class Classification:
    """The kind of a transform, with its reason.

    Attributes
    ----------
    kind : Kind
        What the transform is.
    line : int or None
        Line of the source that makes it so; None where no single one does.
    statement : str or None
        The source of the expression on that line.
    reason : str
        Why, in words, for a report.
    evidence : {"data", "code", "both"}
        What the kind rests on.
    """

    kind: Kind
    line: int | None
    statement: str | None
    reason: str
    evidence: Basis

    def __str__(self) -> str:
        """Say it on one line: ``fitted: line 4 `...`: the mean is taken over the batch``."""
        if self.statement is None:
            return f"{self.kind}: {self.reason}"
        return f"{self.kind}: line {self.line} `{self.statement}`: {self.reason}"
