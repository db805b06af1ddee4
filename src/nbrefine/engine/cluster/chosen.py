"""Which cluster a build is sent to, if to any."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from nbrefine.engine.support import dask_address_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from nbrefine.engine.crew import Crew
    from nbrefine.pipeline.model import Pipeline


def crew_of(pipeline: Pipeline, address: str | None) -> AbstractContextManager[Crew | None]:
    """Return who runs a pipeline's steps; None for this process.

    Parameters
    ----------
    pipeline
        The pipeline; its spec may name a cluster.
    address
        Of the cluster that was asked for; None if none was.
    """
    chosen = address or dask_address_of(pipeline)
    if chosen is None:
        return nullcontext()
    from nbrefine.engine.cluster.dask_crew import DaskCrew  # noqa: PLC0415  (heavy)

    return DaskCrew(chosen)
