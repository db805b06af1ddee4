"""Compare what a cell shows with what it showed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.compare.verdict import CellVerdict


def compare_outputs(
    expected: Sequence[Mapping[str, Any]],
    actual: Sequence[Mapping[str, Any]],
    alternatives: Sequence[Sequence[Mapping[str, Any]]] = (),
    *,
    varies: bool = False,
) -> CellVerdict:
    """Compare the outputs of a cell with those that are expected."""
    raise NotImplementedError
