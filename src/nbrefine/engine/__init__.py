"""Runs pipelines: what is outdated and nothing else, each product published whole or not at all.

``executor: nbrefine.engine.Executor`` in ``pipeline.yaml`` lets ``ploomber build`` do it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbrefine.engine.executor import Executor

__all__ = ["Executor"]


def __getattr__(name: str) -> object:
    """Import the executor, and with it Ploomber, only when it is asked for."""
    if name == "Executor":
        from nbrefine.engine.executor import Executor  # noqa: PLC0415

        return Executor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
