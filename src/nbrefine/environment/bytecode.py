"""Whether imports are compiled once, or anew in every kernel that starts."""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
from pathlib import Path

from nbrefine.environment.diagnosis import Diagnosis, Verdict

# Slow to import and in every kernel or build; a package that is not installed is passed over.
SAMPLE = ("IPython", "ipykernel", "jupyter_client", "papermill", "ploomber", "pandas")
VARIABLE = "PYTHONDONTWRITEBYTECODE"


def diagnose_byte_code(sample: tuple[str, ...] = SAMPLE) -> Diagnosis:
    """Say whether starting a kernel costs double because nothing is compiled.

    Parameters
    ----------
    sample
        Top-level packages to look at.

    Returns
    -------
    Diagnosis
        A warning if compiled byte code is missing and nothing will write it.
    """
    missing = [name for name in sample if not _compiled(name)]
    if not sys.dont_write_bytecode:
        found = "compiled on the first import" if missing else "compiled"
        return Diagnosis("byte code", Verdict.OK, found)
    cause = f"{VARIABLE} is set" if os.environ.get(VARIABLE) else "Python runs with -B"
    if not missing:
        found = f"{cause}, but the installed packages are compiled already"
        return Diagnosis("byte code", Verdict.OK, found)
    return Diagnosis(
        "byte code",
        Verdict.WARNING,
        f"{cause} and {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not compiled:"
        " every kernel compiles its imports anew, and starting one costs about double",
        remedy=f"Run unset {VARIABLE}, or once: python -m compileall -q {shlex.quote(sys.prefix)}",
    )


def _compiled(package: str) -> bool:
    """Tell whether the byte code of a package's first file is there; true if not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return True
    return Path(importlib.util.cache_from_source(spec.origin)).is_file()
