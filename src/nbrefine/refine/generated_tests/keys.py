"""Keys of definitions: their names, with the module where several modules have one of a name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.extract.extraction import Moved


def keyed(moved: Sequence[Moved]) -> dict[str, Moved]:
    """Return definitions by their keys.

    Parameters
    ----------
    moved
        All of a project's.
    """
    often = Counter(each.name for each in moved)
    return {
        each.name if often[each.name] == 1 else f"{each.module}:{each.name}": each for each in moved
    }
