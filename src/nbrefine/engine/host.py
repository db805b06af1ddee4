"""What has called the engine, and does what only it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Host:
    """Nobody in particular: every step is the engine's own, and nobody is told."""

    def runner(self, step: str) -> Callable[[], None] | None:  # noqa: ARG002  (for those who differ)
        """Return what runs a step; None for one that the engine runs itself."""
        return None

    def forced(self) -> frozenset[str]:
        """Return the steps that are to run in any case."""
        return frozenset()

    def finished(self, step: str) -> None:
        """Be told that a step ran, or was restored, and that its products are in place.

        Raises
        ------
        Exception
            Of any kind: then the step counts as failed, and what builds on it does not run.
        """

    def failed(self, step: str) -> None:
        """Be told that a step failed."""
