"""Runs pipelines: what is outdated and nothing else, each product published whole or not at all.

``executor: nbrefine.engine.Executor`` in ``pipeline.yaml`` lets ``ploomber build`` do it, and
``nbrefine.engine.DaskExecutor`` lets it be done on a Dask cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbrefine.engine.dask_executor import DaskExecutor
    from nbrefine.engine.executor import Executor

__all__ = ["DaskExecutor", "Executor"]


def __getattr__(name: str) -> object:
    """Import an executor, and with it Ploomber, only when it is asked for."""
    if name == "Executor":
        from nbrefine.engine.executor import Executor  # noqa: PLC0415

        return Executor
    if name == "DaskExecutor":
        from nbrefine.engine.dask_executor import DaskExecutor  # noqa: PLC0415

        return DaskExecutor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
