"""Where, with what and from which state of the code a build was made."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from nbrefine import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PATIENCE = 10.0
_COMMIT = "# branch.oid "
DECISIVE = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"),
    *("BLIS_NUM_THREADS", "LOKY_MAX_CPU_COUNT", "PYTHONHASHSEED", "TZ", "LANG", "LC_ALL"),
)
"""Environment variables that libraries ask for, and that can decide last digits or texts."""


def circumstances(root: Path, environ: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """Return what is worth knowing of a build beside its inputs.

    Parameters
    ----------
    root
        The project's folder.
    environ
        Variables that kernels get beside this process's.

    Returns
    -------
    dict
        ``host``, ``pid``, ``python``, ``platform``, ``processors``, ``nbrefine``; ``environ``, the
        variables of `DECISIVE` that are set; of a project that git knows also ``commit`` and
        whether its tree was ``clean``.
    """
    given = {**os.environ, **environ}
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "python": ".".join(map(str, sys.version_info[:3])),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "environ": {name: given[name] for name in DECISIVE if name in given},
        "nbrefine": __version__,
        **_commit(root),
    }


def _commit(root: Path) -> dict[str, object]:
    said = _git(root, "status", "--porcelain=v2", "--branch", "--", ".")
    lines = said.splitlines() if said else []
    commits = [line.rpartition(" ")[2] for line in lines if line.startswith(_COMMIT)]
    if not commits or commits == ["(initial)"]:
        return {}
    return {"commit": commits[0], "clean": all(line.startswith("#") for line in lines)}


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git says; None if there is no git, or it knows nothing."""
    # Another program that reads the index at the same time is not to be kept waiting.
    command = ["git", "--no-optional-locks", "-C", str(root), *arguments]
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
