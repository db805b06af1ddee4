"""What a comparison can come to: one scale for outputs, values, files and whole notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """How something that was expected compares with what is there, from good to bad."""

    EQUAL = "equal"
    WITHIN_TOLERANCE = "within-tolerance"
    NONDETERMINISTIC = "nondeterministic"
    NOT_COMPARED = "not-compared"
    SUPERSEDED = "superseded"
    DIFFERENT = "different"
    MISSING = "missing"

    @property
    def fails(self) -> bool:
        """Whether it speaks against the refinement."""
        return self in (Verdict.DIFFERENT, Verdict.MISSING)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of some verdicts; of none, that all is equal."""
    order = list(Verdict)
    return max(verdicts, key=order.index, default=Verdict.EQUAL)


@dataclass(frozen=True)
class Difference:
    """One place where two outputs are not equal.

    Parameters
    ----------
    verdict
        How bad it is.
    part
        Which part of the output: ``stdout``, ``error``, or a mime type such as ``text/html``.
    output
        The position of the output in what is expected, from 0; None where it is only in the other.
    message
        What differs, in words.
    expected, actual
        The texts that differ, cut to their first lines.
    picture
        For images, a PNG (base64) that shows where they differ.
    """

    verdict: Verdict
    part: str
    output: int | None
    message: str
    expected: str = ""
    actual: str = ""
    picture: str = ""


@dataclass(frozen=True)
class CellVerdict:
    """How the outputs of one cell compare.

    Parameters
    ----------
    verdict
        The worst of the differences; equal if there are none.
    differences
        In the order of the outputs.
    """

    verdict: Verdict
    differences: tuple[Difference, ...] = ()

    @classmethod
    def of(cls, differences: Iterable[Difference]) -> CellVerdict:
        """Judge a cell by its differences."""
        found = tuple(differences)
        return cls(worst(difference.verdict for difference in found), found)
