"""The connection to a Dask cluster, and what has to be so before a step is sent there."""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbrefine.engine.cluster.fitness import differences, facts
from nbrefine.errors import ClusterError, MissingPackageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from nbrefine.engine.stop import Stop

_PATIENCE = 10.0
_ROUND = 1.0


@dataclass(frozen=True)
class Needs:
    """What a build needs of a cluster.

    Parameters
    ----------
    root
        The project's folder.
    token
        What stands in the probe.
    modules
        Modules at the top level that steps import.
    versions
        Of their distributions, here.
    resources
        By step, how much of which resource it asks for.
    """

    root: Path
    token: str
    modules: tuple[str, ...]
    versions: Mapping[str, str]
    resources: Mapping[str, Mapping[str, float]]


def connect(address: str) -> Any:  # noqa: ANN401  (a library without types)
    """Connect to a scheduler.

    Parameters
    ----------
    address
        Such as ``tcp://host:8786``, or the file that a scheduler has written with
        ``--scheduler-file``.

    Returns
    -------
    distributed.Client

    Raises
    ------
    ClusterError
        If none answers.
    MissingPackageError
        If Dask is not installed.
    """
    try:
        from distributed import Client  # noqa: PLC0415  (an extra, and heavy)
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            f"Sending steps to a Dask cluster needs {error.name}.",
            hint='Install it: pip install "nbrefine[dask]"',
        ) from None
    where = {"scheduler_file": address} if address.endswith(".json") else {"address": address}
    try:
        with warnings.catch_warnings():
            # Which versions differ is told in our own words.
            warnings.simplefilter("ignore")
            return Client(  # type: ignore[no-untyped-call]
                **where, timeout=_PATIENCE, set_as_default=False, name="nbrefine"
            )
    except (OSError, ValueError, TypeError, ImportError) as error:
        why = str(error).split("\n", 1)[0] or type(error).__name__
        raise ClusterError(
            f"No Dask scheduler answers at {address}: {why}.",
            hint="Start one with `dask scheduler`, and name the address that it prints.",
        ) from None


def wait_for_a_worker(
    client: Any,  # noqa: ANN401  (a library without types)
    stop: Stop,
    say: Callable[[str], None],
) -> bool:
    """Wait until the cluster has a worker, however long its queue is.

    Parameters
    ----------
    client
        The connection.
    stop
        Ends it.
    say
        Told that it is waited.

    Returns
    -------
    bool
        False if the build was stopped before.
    """
    there = threading.Event()
    # A task that waits lets a cluster grow that grows by need.
    first = client.submit(int, pure=False)
    first.add_done_callback(lambda _: there.set())
    is_said = False
    while not stop.asked:
        if there.wait(_ROUND):
            return True
        if not is_said:
            say("waiting for the cluster's first worker")
            is_said = True
    return False


def check_workers(client: Any, needs: Needs) -> set[str]:  # noqa: ANN401  (a library without types)
    """Refuse a cluster that cannot do what a build needs.

    Parameters
    ----------
    client
        The connection.
    needs
        What it has to have.

    Returns
    -------
    set of str
        The workers' addresses.

    Raises
    ------
    ClusterError
        If a worker has other versions, does not see the project's folder, or none has what a
        step asks for.
    """
    found = client.run(facts, needs.modules, needs.root, needs.token, on_error="return")
    known = {}
    for address, told in sorted(found.items()):
        if isinstance(told, BaseException):
            raise ClusterError(
                f"The worker {address} cannot run steps: {type(told).__name__}: {told}",
                hint="Install the same nbrefine there as here.",
            )
        known[address] = told
    _check_versions(known, needs)
    for address, told in known.items():
        if told["storage"]:
            raise ClusterError(
                f"The worker {address} {told['storage']}: {needs.root}",
                hint="Put the project on a disk that all machines have at the same path.",
            )
    _check_resources([told["resources"] for told in known.values()], needs)
    return {*known}


def _check_versions(known: Mapping[str, Mapping[str, Any]], needs: Needs) -> None:
    lines = [
        f"on {address} {', '.join(found)}"
        for address, told in known.items()
        if (found := differences(needs.versions, told["versions"]))
    ]
    if lines:
        raise ClusterError(
            f"Workers of the cluster have other versions: {'; '.join(lines)}.",
            hint="Install there what is installed here: a product is recorded with its versions.",
        )


def _check_resources(offered: Iterable[Mapping[str, float]], needs: Needs) -> None:
    offered = [*offered]
    for step, asked in needs.resources.items():
        if any(all(each.get(n, 0) >= much for n, much in asked.items()) for each in offered):
            continue
        most = {name: max((each.get(name, 0) for each in offered), default=0) for name in asked}
        raise ClusterError(
            f"{step!r} asks for {_listed(asked)}, and no worker of the cluster has that: the most "
            f"that one has is {_listed(most)}.",
            hint='Start workers with it: dask worker ADDRESS --resources "NAME=NUMBER".',
        )


def _listed(resources: Mapping[str, float]) -> str:
    return ", ".join(f"{name}={number:g}" for name, number in resources.items())
