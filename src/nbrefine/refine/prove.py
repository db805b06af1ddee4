"""Build a refined project and compare it with the notebook that it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbrefine.refine.proof import Proof


def prove(
    project: Path, *, rebuild: bool = True, progress: Callable[[str], None] | None = None
) -> Proof:
    """Compare a refined project with the recorded run of its notebook."""
    raise NotImplementedError
