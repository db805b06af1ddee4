"""Which of the packages that nbrefine works with are installed, without importing them."""

from __future__ import annotations

import re
import sys
from importlib import metadata

from nbrefine.environment.diagnosis import Diagnosis, Verdict

# Each with the extra that brings it; what has none is the user's own choice.
TOOLS = {
    "jupyterlab": "lab",
    "ipykernel": "lab",
    "ploomber": "pipeline",
    "papermill": "pipeline",
    "nbconvert": "pipeline",
    "pytest": "testing",
    "nbval": "testing",
    "pandas": "",
    "scikit-learn": "",
}
INSTALL_ALL = 'pip install "nbrefine[all]"'
# Every Ploomber interface that nbrefine uses is tested against this release alone.
PLOOMBER_TESTED = "0.23.3"
PYTHONS_TESTED = ((3, 11), (3, 13))
# From here on networkx names a graph's edges so that Ploomber 0.23 does not find them.
NETWORKX_RENAMED_LINKS = (3, 4)


def installed_version(distribution: str) -> str | None:
    """Return the version of an installed distribution, or None if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def release(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: enough to compare releases.

    Parameters
    ----------
    version
        Such as ``1.17.0rc1``.

    Returns
    -------
    tuple of int
        Such as ``(1, 17, 0)``.
    """
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def diagnose_python() -> Diagnosis:
    """Say whether nbrefine is tested on the running Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    found = f"{version} ({sys.executable})"
    oldest, newest = PYTHONS_TESTED
    if oldest <= sys.version_info[:2] <= newest:
        return Diagnosis("python", Verdict.OK, found)
    tested = f"{'.'.join(map(str, oldest))} to {'.'.join(map(str, newest))}"
    return Diagnosis(
        "python", Verdict.WARNING, found, remedy=f"nbrefine is tested on Python {tested}: use one."
    )


def diagnose_package(name: str) -> Diagnosis:
    """Say which version of a package is installed, and what is missing without it.

    Parameters
    ----------
    name
        A key of `TOOLS`.

    Returns
    -------
    Diagnosis
        A problem only where one of nbrefine's extras is missing.
    """
    version, extra = installed_version(name), TOOLS[name]
    if version is None and extra:
        return Diagnosis(name, Verdict.PROBLEM, "not installed", remedy=f"Run {INSTALL_ALL}")
    if version is None:
        return Diagnosis(name, Verdict.OK, "not installed (nbrefine does not need it)")
    if name == "ploomber" and version != PLOOMBER_TESTED:
        remedy = f"nbrefine is tested with {PLOOMBER_TESTED}: run {INSTALL_ALL}"
        return Diagnosis(name, Verdict.WARNING, version, remedy=remedy)
    return Diagnosis(name, Verdict.OK, version)


def diagnose_plot() -> Diagnosis | None:
    """Say whether ``ploomber plot`` works with the installed networkx; None without Ploomber."""
    networkx = installed_version("networkx")
    if networkx is None or installed_version("ploomber") is None:
        return None
    if release(networkx) < NETWORKX_RENAMED_LINKS:
        return Diagnosis("plot", Verdict.OK, f"ploomber plot works with networkx {networkx}")
    return Diagnosis(
        "plot",
        Verdict.MENDED,
        f"ploomber plot fails with networkx {networkx} (KeyError: 'links')",
        done="nbrefine plot draws the pipeline instead.",
    )
