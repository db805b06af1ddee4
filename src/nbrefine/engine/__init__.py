"""Runs pipelines: what is outdated and nothing else, each product published whole or not at all.

``executor: nbrefine.engine.Executor`` in ``pipeline.yaml`` lets ``ploomber build`` do it,
``nbrefine.engine.DaskExecutor`` on a Dask cluster. With them Ploomber is imported, and only when
they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.lazy import lazy

if TYPE_CHECKING:
    from nbrefine.engine.dask_executor import DaskExecutor
    from nbrefine.engine.executor import Executor

__all__ = ["DaskExecutor", "Executor"]

__getattr__ = lazy(__name__, {"DaskExecutor": "dask_executor", "Executor": "executor"})
