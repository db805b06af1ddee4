"""What nbval's tags and comments say of a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_IGNORE = frozenset({"nbval-ignore-output", "pytest-validate-ignore-output"})
_CHECK, _SKIP = "nbval-check-output", "nbval-skip"
_RAISES = frozenset({"nbval-raises-exception", "raises-exception"})


@dataclass(frozen=True)
class Markers:
    """What is asked for a cell.

    Parameters
    ----------
    check
        Whether its outputs are compared; None for what is usual.
    skip
        Whether it is no test. It is run all the same: what follows in the pipeline needs it.
    raises
        Whether it may end with an exception.
    """

    check: bool | None = None
    skip: bool = False
    raises: bool = False

    @property
    def compared(self) -> bool:
        """Whether its outputs are compared where all are that say nothing."""
        return not self.skip and self.check is not False


def markers_of(source: str, tags: Iterable[str]) -> Markers:
    """Read nbval's words; a comment in the cell counts more than a tag.

    Parameters
    ----------
    source
        The cell's text.
    tags
        Its tags.
    """
    lines = (line.strip() for line in source.splitlines())
    comments = [line.lstrip("#").strip() for line in lines if line.startswith("#")]
    said = [*tags, *(text.lower().replace("_", "-") for text in comments if text.isupper())]
    check: bool | None = None
    for word in said:
        if word in _IGNORE:
            check = False
        elif word == _CHECK:
            check = True
    return Markers(check, _SKIP in said, not _RAISES.isdisjoint(said))
