"""Whether a worker may run a build's steps: its versions, and whether it sees the project."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbrefine
from nbrefine.environment.distributions import Distributions
from nbrefine.pipeline.inputs import python_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbrefine.engine.cluster.orders import Order


def probe_file(root: Path, token: str) -> Path:
    """Return the file by which a worker finds that it sees the project's folder."""
    return root / ".nbrefine" / f"probe-{token}"


def facts(
    modules: Iterable[str],
    root: Path,
    token: str,
    dask_worker: Any = None,  # noqa: ANN401  (a library without types)
) -> dict[str, Any]:
    """Return what a builder has to know of a worker.

    Parameters
    ----------
    modules
        Those that steps import.
    root
        The project's folder.
    token
        What has to stand in the probe.
    dask_worker
        The worker; Dask sets it.

    Returns
    -------
    dict
        ``versions``; ``storage``, empty if it sees the project's folder and can write in it, else
        what is wrong; ``resources`` that it offers.
    """
    return {
        "versions": versions_here(modules, _installed(dask_worker)),
        "storage": storage_fault(root, token),
        "resources": dict(dask_worker.state.total_resources),
    }


def refusal(order: Order, worker: Any) -> str:  # noqa: ANN401  (a library without types)
    """Say why this worker must not run a step: it may have joined after the builder looked."""
    if fault := storage_fault(order.pipeline.root, order.token):
        return f"it {fault}: {order.pipeline.root}"
    there = versions_here(order.modules, _installed(worker))
    return ", ".join(differences(order.versions, there))


def versions_here(modules: Iterable[str], known: Distributions) -> dict[str, str]:
    """Return Python's version, nbrefine's, and those of the distributions of modules.

    Parameters
    ----------
    modules
        Names at the top level; those that are not installed are left out.
    known
        What is installed.
    """
    found = {"Python": python_part(), "nbrefine": nbrefine.__version__}
    for module in modules:
        if module not in sys.stdlib_module_names:
            found |= known.versions(module)
    return found


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """Say which versions differ.

    Parameters
    ----------
    here, there
        Versions by name, where the build is and on a worker.
    """
    return [
        f"{name} is {there.get(name, 'not there')} (here {here.get(name, 'not there')})"
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    ]


def storage_fault(root: Path, token: str) -> str:
    """Say what is wrong with the project's folder as this process sees it; empty if nothing is."""
    probe = probe_file(root, token)
    try:
        if probe.read_text("utf-8") != token:
            return "sees another folder in the place of the project's"
    except OSError:
        return "does not see the project's folder"
    try:
        with tempfile.TemporaryFile(dir=probe.parent):
            return ""
    except OSError as error:
        return f"cannot write in the project's folder ({error.strerror})"


def _installed(worker: Any) -> Distributions:  # noqa: ANN401  (a library without types)
    return Distributions(Path(worker.local_directory, "nbrefine-distributions.json"))
