"""Ploomber's executor that sends steps to a Dask cluster: ``nbrefine.engine.DaskExecutor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.engine.cluster.dask_crew import DaskCrew
from nbrefine.engine.executor import Executor
from nbrefine.engine.support import checked_address
from nbrefine.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from nbrefine.engine.crew import Crew

_OPTIONS = ("address", "workers")


class DaskExecutor(Executor):
    """Runs what is outdated on a cluster's workers; products are published from here.

    Parameters
    ----------
    address
        Of the scheduler, or the file that it has written with ``--scheduler-file``.
    workers
        How many steps may run at a time; as many as the cluster takes if None.
    options
        There are no others: each is answered with the name that is meant.

    Raises
    ------
    InputError
        If there is no such option, or the address is missing.
    """

    def __init__(self, address: object = "", workers: int | None = None, **options: object) -> None:
        for name in options:
            hint = did_you_mean(name, _OPTIONS)
            raise InputError(f"nbrefine.engine.DaskExecutor has no option {name!r}. {hint}")
        self._address = checked_address(address)
        super().__init__(workers)

    def crew(self) -> AbstractContextManager[Crew | None]:
        """Return who runs the steps."""
        return DaskCrew(self._address)
